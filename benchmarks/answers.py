"""Answers: what each stack said, in the words of the gateway's document, so that equal means equal.

Instants become seconds, amounts and quantities exact numbers, opaque ids the row's number. A score depends on the very
moment of the question, so scores are compared with a tolerance, everything else exactly.
"""

import base64
import json
import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from resolvers.ids import decode

TOLERANCE = 1e-4
"""Of scores: within a minute a view loses less of its weight."""

INSTANTS = frozenset(
    ("createdAt", "enteredAt", "grantedAt", "lastViewedAt", "expiresAt", "issuedAt", "placedAt", "occurredAt")
)
DECIMALS = frozenset(("amount", "quantity"))
OPENED = frozenset(("notes", "receipts", "orders", "timeline", "customers"))
"""The fields that are connections in the gateway's document; PostGraphile's other connections are lists there."""


def global_ids(kind: str, answer: Any) -> Any:
    """The gateway's answer."""
    return _plain(answer["data"], lambda id: decode(id).key[-1])


def plain_ids(kind: str, answer: Any) -> Any:
    """The answer of a stack that shows the rows' numbers."""
    return _plain(answer["data"], str)


def postgraphile(kind: str, answer: Any) -> Any:
    """PostGraphile's answer: its amounts are minor units, and each of its relations is a connection."""
    return _plain(_reshaped(answer["data"]), lambda id: json.loads(base64.b64decode(id))[-1])


def _plain(value: Any, row_number: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_plain(each, row_number) for each in value]
    if not isinstance(value, dict):
        return value
    plain: dict[str, Any] = {}
    for name, each in value.items():
        if each is None:
            plain[name] = None
        elif name == "id":
            plain[name] = row_number(each)
        elif name in INSTANTS:
            plain[name] = datetime.fromisoformat(each).timestamp()
        elif name in DECIMALS:
            plain[name] = Decimal(each)
        else:
            plain[name] = _plain(each, row_number)
    return plain


def _reshaped(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        return [_reshaped(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"nodes"} and name not in OPENED:
        return [_reshaped(each) for each in value["nodes"]]
    if value.keys() == {"tag"}:
        return _reshaped(value["tag"])
    shaped = {each: _reshaped(inner, each) for each, inner in value.items()}
    if "totalMinor" in shaped:
        amount = {"amount": str(Decimal(shaped.pop("totalMinor")).scaleb(-2))}
        shaped["total"] = amount | ({"currencyCode": shaped.pop("currency")} if "currency" in shaped else {})
    if "quantityMilli" in shaped:
        shaped["quantity"] = str(Decimal(shaped.pop("quantityMilli")) / 1_000)
    if "categoryName" in shaped:
        shaped["category"] = {"name": shaped.pop("categoryName")}
    return shaped


def difference(one: Any, other: Any, path: str = "") -> str | None:
    """Where two answers differ first, in a sentence; None where they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return f"{path}: {sorted(one)} against {sorted(other)}"
        found = (difference(one[name], other[name], f"{path}.{name}") for name in one)
        return next((each for each in found if each), None)
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{path}: {len(one)} entries against {len(other)}"
        found = (difference(*pair, f"{path}[{place}]") for place, pair in enumerate(zip(one, other, strict=True)))
        return next((each for each in found if each), None)
    if path.endswith(".score") and math.isclose(one, other, rel_tol=TOLERANCE):
        return None
    return None if one == other else f"{path}: {one!r} against {other!r}"


def leaves(value: Any) -> int:
    """How many values an answer has that are neither lists nor objects."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1
