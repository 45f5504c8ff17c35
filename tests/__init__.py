"""Tests: promises, checked through the front door."""
