"""Stored amounts, quantities and keys: what a row's integers and texts stand for."""

from datetime import date
from decimal import Decimal

import pytest

from profiles.folding import stored_key
from profiles.money import Money, Original, Rate
from profiles.stored_amounts import Conversion, exact_quantity, lacks_rate, stored_money

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


RATE = Rate(date(2026, 1, 31), Decimal("0.74"))


@pytest.mark.parametrize(
    ("source", "account", "rate", "kept", "currency", "has_original"),
    [
        pytest.param("USD", "USD", None, 1250, "USD", False, id="the account's own currency"),
        pytest.param("USD", "USD", RATE, 1250, "USD", False, id="the account's own currency needs no rate"),
        pytest.param("CAD", "USD", RATE, 925, "USD", True, id="another currency with a rate"),
        pytest.param("CAD", "USD", None, 1250, "CAD", False, id="another currency without a rate stays"),
        pytest.param("JPY", "USD", RATE, 92_500, "USD", True, id="from a currency without decimals"),
        pytest.param("KWD", "USD", RATE, 92, "USD", True, id="from three decimals: 0.925 goes to the even cent"),
        pytest.param("KWD", "JPY", RATE, 1, "JPY", True, id="from three decimals to none"),
    ],
)
def test_amounts_are_kept_in_the_accounts_currency_where_a_rate_is_known(
    source: str, account: str, rate: Rate | None, kept: int, currency: str, has_original: bool
) -> None:
    conversion = Conversion.of(source, account, rate)
    assert (conversion.kept(1250), conversion.currency) == (kept, currency)
    original = conversion.original(total=1250, tax=None)
    if not has_original:
        assert original is None
        assert lacks_rate(Money(kept, currency), account) is (source != account)
        return
    assert original == {"currency": source, "rate": "0.74", "rate_date": "2026-01-31", "total": 1250}
    money = stored_money(kept, currency, original, "total")
    assert money.original == Original(1250, source, Decimal("0.74"), date(2026, 1, 31))
    assert not lacks_rate(money, account)
    assert Conversion.behind(currency, original) == conversion
