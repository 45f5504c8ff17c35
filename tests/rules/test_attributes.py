"""Values are canonical text: one way to write each, which reads back as what it stands for (ruling 32)."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.account import AttributeDefinition, AttributeEntity, AttributeType, Block, load_account
from profiles.attribute_definitions import BLOCK_ENTITY
from profiles.attributes import LONGEST_TEXT, canonical, check_block, text_of
from profiles.customers import Gender
from profiles.errors import BadRequest, Invalid
from profiles.money import Money
from profiles.views import view_of

TYPES = AttributeType
TOKYO = timezone(timedelta(hours=9))


def defined(type: AttributeType, *choices: str) -> AttributeDefinition:
    return AttributeDefinition(key="a", label="A", type=type, choices=list(choices))


CHOICE = defined(TYPES.CHOICE, "red", "green")


@pytest.mark.parametrize(
    ("type", "written", "text", "value"),
    [
        pytest.param(TYPES.TEXT, " as it is ", " as it is ", None, id="a text stays as it is"),
        pytest.param(TYPES.TEXT, "x" * LONGEST_TEXT, "x" * LONGEST_TEXT, None, id="the longest text"),
        pytest.param(TYPES.NUMBER, "2.50", "2.5", 2.5, id="zeros at the end of a number"),
        pytest.param(TYPES.NUMBER, "100", "100", 100.0, id="zeros of a whole number stay"),
        pytest.param(TYPES.NUMBER, "007", "7", 7.0, id="zeros at its beginning"),
        pytest.param(TYPES.NUMBER, "-0.0", "0", 0.0, id="nothing has no sign"),
        pytest.param(TYPES.NUMBER, "-1.10", "-1.1", -1.1, id="a negative number"),
        pytest.param(TYPES.NUMBER, "9" * 18 + ".123456789", "9" * 18 + ".123456789", 1e18, id="all its digits"),
        pytest.param(TYPES.BOOLEAN, "true", "true", True, id="yes"),
        pytest.param(TYPES.BOOLEAN, "false", "false", False, id="no"),
        pytest.param(TYPES.DATE, "2024-02-29", "2024-02-29", date(2024, 2, 29), id="a leap day"),
        pytest.param(
            TYPES.DATETIME,
            "2026-02-28T10:30:00+09:00",
            "2026-02-28T01:30:00Z",
            datetime(2026, 2, 28, 1, 30, tzinfo=UTC),
            id="an instant is written in UTC",
        ),
        pytest.param(
            TYPES.DATETIME,
            "2026-02-28T01:30:00.500Z",
            "2026-02-28T01:30:00.500000Z",
            datetime(2026, 2, 28, 1, 30, 0, 500_000, tzinfo=UTC),
            id="a fraction of a second has six digits",
        ),
        pytest.param(TYPES.MONEY, "1.5 USD", "1.50 USD", Money(150, "USD"), id="money has its currency's decimals"),
        pytest.param(TYPES.MONEY, "500 JPY", "500 JPY", Money(500, "JPY"), id="yen have none"),
        pytest.param(TYPES.MONEY, "-1.5 KWD", "-1.500 KWD", Money(-1500, "KWD"), id="dinars have three"),
        pytest.param(TYPES.CHOICE, "red", "red", None, id="a choice"),
    ],
)
def test_a_text_reads_as_its_type_and_is_shown_in_one_way(
    type: AttributeType, written: str, text: str, value: Any
) -> None:
    definition = CHOICE if type is TYPES.CHOICE else defined(type)
    typed = canonical(definition, written)
    assert (typed.text, typed.value) == (text, value)
    assert canonical(definition, text) == typed


@pytest.mark.parametrize(
    ("type", "written"),
    [
        pytest.param(TYPES.TEXT, "x" * (LONGEST_TEXT + 1), id="a text too long for an index"),
        pytest.param(TYPES.TEXT, "a\x00b", id="a text with a null"),
        pytest.param(TYPES.NUMBER, "", id="no number"),
        pytest.param(TYPES.NUMBER, "2,5", id="a comma for a point"),
        pytest.param(TYPES.NUMBER, "1e3", id="a power of ten"),
        pytest.param(TYPES.NUMBER, " 1", id="a number with a blank"),
        pytest.param(TYPES.NUMBER, "NaN", id="not a number"),
        pytest.param(TYPES.NUMBER, "1" * 19, id="a number with too many digits"),
        pytest.param(TYPES.NUMBER, "٣", id="a digit of another script"),
        pytest.param(TYPES.BOOLEAN, "True", id="yes with a capital"),
        pytest.param(TYPES.BOOLEAN, "1", id="yes as a number"),
        pytest.param(TYPES.DATE, "2026-02-29", id="a day that there was not"),
        pytest.param(TYPES.DATE, "20260228", id="a day without hyphens"),
        pytest.param(TYPES.DATE, "2026-02-28T00:00:00Z", id="an instant for a day"),
        pytest.param(TYPES.DATETIME, "2026-02-28T10:30:00", id="an instant without a zone"),
        pytest.param(TYPES.DATETIME, "2026-02-28", id="a day for an instant"),
        pytest.param(TYPES.DATETIME, "0001-01-01T00:00:00+09:00", id="an instant before all time"),
        pytest.param(TYPES.MONEY, "12.345 EUR", id="more decimals than the currency has"),
        pytest.param(TYPES.MONEY, "12.34", id="money without a currency"),
        pytest.param(TYPES.MONEY, "12 ZZZ", id="a currency that is none"),
        pytest.param(TYPES.CHOICE, "blue", id="what cannot be chosen"),
        pytest.param(TYPES.CHOICE, "Red", id="a choice with another capital"),
    ],
)
def test_what_does_not_read_as_its_type_is_refused(type: AttributeType, written: str) -> None:
    with pytest.raises(Invalid):
        canonical(CHOICE if type is TYPES.CHOICE else defined(type), written)


@pytest.mark.parametrize("type", TYPES)
def test_the_refusal_says_how_a_value_is_written_and_what_it_says_is_right(type: AttributeType) -> None:
    definition = CHOICE if type is TYPES.CHOICE else defined(type)
    with pytest.raises(Invalid) as refused:
        canonical(definition, "x" * 1000)
    message = refused.value.message
    assert len(message) < 200
    _, _, example = message.rpartition(" like ")
    if example != message:
        canonical(definition, example.removesuffix("."))
    else:
        assert type in (TYPES.TEXT, TYPES.BOOLEAN, TYPES.CHOICE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param(True, "true", id="yes is no number"),
        pytest.param(0, "0", id="a count of nothing"),
        pytest.param(Gender.FEMALE, "FEMALE", id="a choice"),
        pytest.param(Decimal("1E+3"), "1000", id="a number is never in powers of ten"),
        pytest.param(Decimal("2.500"), "2.5", id="a number without trailing zeros"),
        pytest.param(Money(1234, "EUR"), "12.34 EUR", id="money"),
        pytest.param(date(2026, 2, 28), "2026-02-28", id="a day"),
        pytest.param(datetime(2026, 2, 28, 1, 30, tzinfo=TOKYO), "2026-02-27T16:30:00Z", id="an instant, in UTC"),
        pytest.param("London", "London", id="a text"),
    ],
)
def test_a_built_in_value_has_a_canonical_text(value: Any, text: str | None) -> None:
    assert text_of(value) == text


INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([UTC, TOKYO]))
VALUES = st.one_of(
    st.tuples(st.just(TYPES.NUMBER), st.decimals(-(10**12), 10**12, places=6)),
    st.tuples(st.just(TYPES.BOOLEAN), st.booleans()),
    st.tuples(st.just(TYPES.DATE), st.dates(date(1, 1, 1))),
    st.tuples(st.just(TYPES.DATETIME), INSTANTS),
    st.tuples(
        st.just(TYPES.MONEY),
        st.builds(Money, st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from(["JPY", "EUR", "KWD"])),
    ),
)


@given(VALUES)
def test_the_text_of_a_value_reads_back_as_the_value(case: tuple[AttributeType, Any]) -> None:
    type, value = case
    text = text_of(value)
    assert text is not None
    typed = canonical(defined(type), text)
    assert typed.value == (float(value) if type is TYPES.NUMBER else value)
    if not (type is TYPES.NUMBER and value == 0):
        assert typed.text == text


WRITTEN = st.text(max_size=30) | st.from_regex(r"[-0-9.:TZ+ A-Z]{1,25}", fullmatch=True)


@given(type=st.sampled_from(TYPES), written=WRITTEN)
def test_whatever_is_written_is_refused_or_has_one_text(type: AttributeType, written: str) -> None:
    definition = CHOICE if type is TYPES.CHOICE else defined(type)
    try:
        typed = canonical(definition, written)
    except Invalid:
        return
    assert canonical(definition, typed.text) == typed


@pytest.mark.parametrize("block", Block)
@pytest.mark.parametrize("entity", AttributeEntity)
def test_a_block_shows_things_of_one_kind(block: Block, entity: AttributeEntity) -> None:
    if BLOCK_ENTITY[block] is entity:
        check_block(entity, block)
        return
    with pytest.raises(BadRequest):
        check_block(entity, block)


def test_a_view_is_what_was_chosen_in_that_order_else_what_the_file_says() -> None:
    account = load_account()

    def keys(views: dict[Block, list[str]]) -> list[str]:
        return [definition.key for definition in view_of(account, views, Block.PROFILE)]

    assert keys({}) == list(account.views[Block.PROFILE])
    assert keys({Block.RECEIPT_LIST: ["number"]}) == list(account.views[Block.PROFILE])
    assert keys({Block.PROFILE: ["metrics.firstReceiptAt", "city", "age"]}) == ["metrics.firstReceiptAt", "city", "age"]
    assert keys({Block.PROFILE: []}) == []
    assert keys({Block.PROFILE: ["city", "no longer defined", "deliveryCost"]}) == ["city"]
