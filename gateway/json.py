"""Answers as JSON: the one place that says how their values are written."""

from typing import Any

import orjson


def as_json(value: Any) -> bytes:
    """The bytes of an answer or of a message. Instants, which are in UTC here, end in Z; days are `2026-01-31`."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
