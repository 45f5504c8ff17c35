"""Countries: the codes of ISO 3166-1 alpha-2, as the time zone database lists them."""

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """Every two-letter country code, in capitals."""
    listed = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t", 1)[0] for line in listed.splitlines() if line and not line.startswith("#"))
