"""Bulk loading: many rows of many tables in one transaction, on the bare driver, and never a row twice."""

from profiles.storage.bulk.encoding import ROWS_PER_CALL
from profiles.storage.bulk.loading import Bulk, Loader
from profiles.storage.bulk.opening import bulk_load
from profiles.storage.bulk.parents import UnknownParent

__all__ = ["ROWS_PER_CALL", "Bulk", "Loader", "UnknownParent", "bulk_load"]
