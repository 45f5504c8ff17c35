"""Executor: runs validated GraphQL operations."""
