"""Stored amounts, quantities and keys: what a row's integers and texts stand for."""

from datetime import date
from decimal import Decimal

import pytest

from profiles.folding import stored_key
from profiles.money import Money, Original
from profiles.stored_amounts import exact_quantity, lacks_rate, stored_money

CANADIAN = {"currency": "CAD", "rate": "0.7400", "rate_date": "2026-01-31", "total": 1234}


@pytest.mark.parametrize(
    ("milli", "text"),
    [
        (0, "0"),
        (1, "0.001"),
        (10, "0.01"),
        (1_000, "1"),
        (1_250, "1.25"),
        (100_000, "100"),
        (89_638_000, "89638"),
        (-1_500, "-1.5"),
        (2**63 - 1, "9223372036854775.807"),
    ],
)
def test_a_quantity_is_exact_and_has_no_trailing_zeros(milli: int, text: str) -> None:
    assert str(exact_quantity(milli)) == text


def test_an_amount_keeps_what_its_source_had_said() -> None:
    money = stored_money(913, "USD", CANADIAN, "total")
    assert money == Money(913, "USD", Original(1234, "CAD", Decimal("0.7400"), date(2026, 1, 31)))
    assert not lacks_rate(money, "USD")


def test_an_amount_that_the_source_did_not_say_has_no_original() -> None:
    assert stored_money(50, "USD", CANADIAN, "discount") == Money(50, "USD")
    assert stored_money(50, "USD", None, "total") == Money(50, "USD")


def test_only_an_amount_left_in_another_currency_lacks_a_rate() -> None:
    assert lacks_rate(Money(1, "CAD"), "USD")
    assert not lacks_rate(Money(1, "USD"), "USD")


@pytest.mark.parametrize(
    ("text", "key"),
    [("AB-12", None), ("plain", None), ("", None), ("Éa", "ea"), ("Größe", "grosse"), ("two  spaces", "two spaces")],
)
def test_a_key_is_stored_only_where_lower_would_not_do(text: str, key: str | None) -> None:
    assert stored_key(text) == key
