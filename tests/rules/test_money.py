"""Money keeps each currency's own exponent, rounds half-even once, and says what it was converted from."""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.amounts import receipt_amounts
from profiles.errors import Invalid
from profiles.money import (
    LARGEST_MINOR,
    Money,
    Original,
    Rate,
    UnknownCurrency,
    average,
    convert,
    divide_half_even,
    exponent,
    is_currency,
    newest_rate,
    parse,
    to_decimal,
    to_minor,
    to_text,
)

CURRENCIES = st.sampled_from(["JPY", "EUR", "USD", "KWD", "CLF", "IQD", "RSD"])
MINORS = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
MAY_1, MAY_3, MAY_5 = date(2026, 5, 1), date(2026, 5, 3), date(2026, 5, 5)


@pytest.mark.parametrize(
    ("currency", "places"),
    [
        ("JPY", 0),
        ("KRW", 0),
        ("ISK", 0),
        ("UGX", 0),
        ("CLP", 0),
        ("EUR", 2),
        ("HUF", 2),
        ("IDR", 2),
        ("COP", 2),
        ("MRU", 2),
        ("KWD", 3),
        ("BHD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("UYW", 4),
    ],
)
def test_an_exponent_is_the_minor_unit_of_iso_4217(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize(
    ("currency", "places"),
    [
        ("AFN", 2),
        ("ALL", 2),
        ("IQD", 3),
        ("IRR", 2),
        ("KPW", 2),
        ("LAK", 2),
        ("LBP", 2),
        ("MGA", 2),
        ("MMK", 2),
        ("RSD", 2),
        ("SOS", 2),
        ("SYP", 2),
        ("YER", 2),
    ],
)
def test_the_display_precision_of_cldr_never_replaces_the_minor_unit(currency: str, places: int) -> None:
    # Amounts are stored in these units: a newer edition of the list that drops a code must not change its exponent.
    assert exponent(currency) == places


@pytest.mark.parametrize("currency", ["HRK", "BGN", "DEM"])
def test_a_retired_currency_still_has_its_exponent(currency: str) -> None:
    assert is_currency(currency)
    assert exponent(currency) == 2


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XDR", "eur", "EURO", "EU", "", "ZZZ", "€", " EUR"])
def test_what_money_cannot_be_in_is_no_currency(code: str) -> None:
    assert not is_currency(code)
    with pytest.raises(UnknownCurrency):
        exponent(code)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("12.3", "EUR", 1230),
        ("12.345", "EUR", 1234),
        ("12.355", "EUR", 1236),
        ("12.3450000001", "EUR", 1235),
        ("-12.345", "EUR", -1234),
        ("-12.355", "EUR", -1236),
        ("0.005", "EUR", 0),
        ("0.015", "EUR", 2),
        ("-0.00", "EUR", 0),
        ("500", "JPY", 500),
        ("0.5", "JPY", 0),
        ("1.5", "JPY", 2),
        ("1.2345", "KWD", 1234),
        ("1.2355", "KWD", 1236),
        ("1E+3", "EUR", 100000),
        ("1E-50", "EUR", 0),
    ],
)
def test_an_amount_becomes_minor_units_half_even(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+18", "-1E+18", "1E+999999", "1E-999999"]
)
def test_an_amount_that_no_column_could_hold_is_refused(amount: str) -> None:
    with pytest.raises(Invalid):
        to_minor(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1234, "EUR", "12.34 EUR"),
        (1200, "EUR", "12.00 EUR"),
        (5, "EUR", "0.05 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (0, "EUR", "0.00 EUR"),
        (500, "JPY", "500 JPY"),
        (0, "JPY", "0 JPY"),
        (1234, "KWD", "1.234 KWD"),
        (1, "CLF", "0.0001 CLF"),
        (LARGEST_MINOR, "EUR", "92233720368547758.07 EUR"),
    ],
)
def test_the_canonical_text_has_exactly_the_currencys_decimals(minor: int, currency: str, text: str) -> None:
    assert to_text(Money(minor, currency)) == text
    assert str(to_decimal(minor, currency)) == text.split(" ")[0]
    assert parse(text) == Money(minor, currency)


@pytest.mark.parametrize(("text", "minor"), [("12 EUR", 1200), ("12.3 EUR", 1230), ("007 EUR", 700)])
def test_fewer_decimals_are_filled_up(text: str, minor: int) -> None:
    assert parse(text) == Money(minor, "EUR")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12.34",
        "EUR",
        "12,34 EUR",
        "1 234 EUR",
        "12.34 eur",
        "12.34  EUR",
        "12.34 EUR\n",
        " 12.34 EUR",
        "+12.34 EUR",
        "1E2 EUR",
        ".5 EUR",
        "12. EUR",
        "12.345 EUR",
        "0.5 JPY",
        "12.34 ZZZ",
        "NaN EUR",
        "١٢ EUR",
        "92233720368547758.08 EUR",
        "99999999999999999999 EUR",
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse(text)


@given(minor=MINORS, currency=CURRENCIES)
def test_decimals_and_text_give_the_minor_units_back(minor: int, currency: str) -> None:
    assert to_minor(to_decimal(minor, currency), currency) == minor
    assert parse(to_text(Money(minor, currency))) == Money(minor, currency)


@given(numerator=st.integers(), denominator=st.integers().filter(bool))
def test_division_rounds_as_exact_fractions_do(numerator: int, denominator: int) -> None:
    assert divide_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("amount", "source", "account", "rate", "converted"),
    [
        pytest.param(1000, "USD", "EUR", "0.92", 920, id="same exponent"),
        pytest.param(1000, "JPY", "EUR", "0.0061", 610, id="from no decimals to two"),
        pytest.param(1234, "EUR", "JPY", "163.5", 2018, id="from two decimals to none"),
        pytest.param(1234, "KWD", "EUR", "3", 370, id="from three decimals to two"),
        pytest.param(100, "EUR", "KWD", "0.3335", 334, id="a tie above an odd unit goes up"),
        pytest.param(100, "EUR", "KWD", "0.3345", 334, id="a tie above an even unit stays"),
        pytest.param(-100, "EUR", "KWD", "0.3335", -334, id="a negative tie likewise"),
        pytest.param(0, "USD", "EUR", "0.92", 0, id="nothing"),
    ],
)
def test_a_conversion_rounds_half_even_to_the_accounts_minor_unit(
    amount: int, source: str, account: str, rate: str, converted: int
) -> None:
    assert convert(amount, source, account, Decimal(rate), MAY_1) == Money(
        converted, account, Original(amount, source, Decimal(rate), MAY_1)
    )


def test_a_conversion_does_not_depend_on_the_decimal_context() -> None:
    # The product is 10^17 + 0.5 + 10^-12: cut to the usual 28 digits it is a tie, and would go down to the even one.
    rate = Decimal("1.00000000000000000500000000001")
    assert round(Decimal(10**17) * rate) == 10**17
    assert convert(10**17, "USD", "EUR", rate, MAY_1).amount_minor == 10**17 + 1
    with localcontext() as context:
        context.prec = 4
        assert convert(10**17, "USD", "EUR", rate, MAY_1).amount_minor == 10**17 + 1
        assert to_minor(Decimal("123456.78"), "EUR") == 12345678
        assert str(to_decimal(12345678, "EUR")) == "123456.78"


@pytest.mark.parametrize("rate", ["0", "-0.92", "NaN", "Infinity", "1E+99999"])
def test_a_rate_that_is_not_positive_is_refused(rate: str) -> None:
    with pytest.raises(Invalid):
        convert(1000, "USD", "EUR", Decimal(rate), MAY_1)


def test_a_conversion_beyond_the_column_is_refused() -> None:
    with pytest.raises(Invalid):
        convert(LARGEST_MINOR, "USD", "EUR", Decimal("1.1"), MAY_1)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        pytest.param(date(2026, 4, 30), None, id="before the first"),
        pytest.param(MAY_1, MAY_1, id="on its day"),
        pytest.param(date(2026, 5, 2), MAY_1, id="between two"),
        pytest.param(date(2026, 5, 4), MAY_3, id="the newer of two"),
        pytest.param(date(2027, 1, 1), MAY_5, id="after the last"),
    ],
)
def test_the_rate_of_a_day_is_the_newest_not_after_it(day: date, found: date | None) -> None:
    rates = [Rate(MAY_3, Decimal(3)), Rate(MAY_5, Decimal(5)), Rate(MAY_1, Decimal(1))]
    rate = newest_rate(rates, day)
    assert (rate.rate_date if rate else None) == found


@pytest.mark.parametrize(
    ("total_minor", "count", "expected"),
    [
        pytest.param(0, 0, None, id="of nothing"),
        pytest.param(100, 0, None, id="among none"),
        pytest.param(0, 3, 0, id="zeros"),
        pytest.param(100, 3, 33, id="down"),
        pytest.param(200, 3, 67, id="up"),
        pytest.param(5, 2, 2, id="a tie stays even"),
        pytest.param(7, 2, 4, id="a tie goes to even"),
        pytest.param(-5, 2, -2, id="a negative tie"),
        pytest.param(3 * (2**60 + 1), 3, 2**60 + 1, id="more than a float can hold"),
    ],
)
def test_an_average_rounds_half_even_and_is_none_of_nothing(total_minor: int, count: int, expected: int | None) -> None:
    assert average(total_minor, count) == expected


RATES = st.decimals("0.000001", "1000000", places=6).filter(bool)
MODEST = st.integers(-(10**9), 10**9)
BY_EXPONENT = st.sampled_from(["JPY", "EUR", "KWD"])


@given(amount=MODEST, source=BY_EXPONENT, account=BY_EXPONENT, rate=RATES)
def test_a_conversion_is_within_half_a_minor_unit_of_the_exact_amount(
    amount: int, source: str, account: str, rate: Decimal
) -> None:
    converted = convert(amount, source, account, rate, MAY_1)
    exact = Fraction(amount) * Fraction(rate) * Fraction(10) ** (exponent(account) - exponent(source))
    assert converted.amount_minor == round(exact)
    assert converted.original == Original(amount, source, rate, MAY_1)
    assert convert(-amount, source, account, rate, MAY_1).amount_minor == -converted.amount_minor


@given(amount=MODEST, source=BY_EXPONENT, account=BY_EXPONENT)
def test_at_a_rate_of_one_nothing_is_lost_where_there_are_as_many_decimals(
    amount: int, source: str, account: str
) -> None:
    converted = convert(amount, source, account, Decimal(1), MAY_1).amount_minor
    if exponent(account) >= exponent(source):
        assert to_decimal(converted, account) == to_decimal(amount, source)
    else:
        assert abs(to_decimal(converted, account) - to_decimal(amount, source)) <= to_decimal(1, account) / 2


@given(amounts=st.lists(MODEST, max_size=12), source=BY_EXPONENT, account=BY_EXPONENT, rate=RATES)
def test_each_amount_is_rounded_before_it_is_summed(
    amounts: list[int], source: str, account: str, rate: Decimal
) -> None:
    kept = [convert(amount, source, account, rate, MAY_1).amount_minor for amount in amounts]
    total = receipt_amounts(kept, None, 0).total_minor
    assert total == sum(kept)
    # What is shown line by line comes to what is shown as the total, in every notation.
    assert sum((to_decimal(each, account) for each in kept), Decimal(0)) == to_decimal(total, account)
    assert sum(parse(to_text(Money(each, account))).amount_minor for each in kept) == total


@given(total=MODEST, number=st.integers(1, 10_000))
def test_an_average_times_its_number_is_within_half_a_unit_each_of_the_total(total: int, number: int) -> None:
    shared = average(total, number)
    assert shared is not None
    assert 2 * abs(shared * number - total) <= number


@given(minor=MINORS, currency=BY_EXPONENT, digits=st.integers(0, 4))
def test_more_digits_than_the_currency_has_are_refused_in_text_and_rounded_from_a_source(
    minor: int, currency: str, digits: int
) -> None:
    text = f"{to_decimal(minor, currency)}"
    longer = text + ("." if "." not in text and digits else "") + "1" * digits
    if digits:
        with pytest.raises(Invalid):
            parse(f"{longer} {currency}")
        if abs(minor) < LARGEST_MINOR:
            assert to_minor(Decimal(longer), currency) == minor
    else:
        assert parse(f"{longer} {currency}") == Money(minor, currency)


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))


@given(days=st.lists(DAYS, max_size=8), day=DAYS)
def test_a_rate_is_never_of_a_later_day_and_no_newer_one_is_left_out(days: list[date], day: date) -> None:
    found = newest_rate([Rate(each, Decimal(1)) for each in days], day)
    not_after = [each for each in days if each <= day]
    assert (found.rate_date if found else None) == max(not_after, default=None)
