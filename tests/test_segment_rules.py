"""Rules of segments: whoever the filter holds for is in, from the write on that made it so, and the timeline tells."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, delete, update

from gateway.app import the_schema
from gateway.settings import Settings
from profiles.account import DEFAULT_FILE, Account, SegmentDefinition, load_account
from profiles.customers import Customer
from profiles.errors import SettingsError
from profiles.segment_rules import AT_ONCE, Segments, segment_id
from profiles.segments import Segment, SegmentMembership
from profiles.storage.address import parse_address
from profiles.timeline import EventCategory, TimelineEvent
from resolvers.ids import encode
from resolvers.segment_rules import segment_rules
from tests.clock import Clock
from tests.databases import Databases
from tests.gateway_client import Gateway, started
from tests.panels.crowd import arrive, crowd
from tests.panels.filter_cases import cases, combined
from tests.people import add, count, customer_id, people, stored

VIP, SPENDER, LATELY, NAMED = "vip", "spender", "lately", "named"
FILTERS: dict[str, dict[str, Any]] = {
    VIP: {"attributes": [{"key": "is_vip", "equals": "true"}]},
    SPENDER: {"receiptTotal": {"from": "100"}, "receiptCount": {"from": 1}},
    LATELY: {"lastReceiptAt": {"fromDaysAgo": 30}},
    NAMED: {"or": [{"firstName": {"startsWith": "Ad"}}, {"not": {"lastName": {"isMissing": True}}}]},
}
START = datetime(2026, 5, 6, 12, tzinfo=UTC)
SEGMENTS = """
query ($id: ID!) {
  customer(by: {id: $id}) {
    segments { segment { id name description } enteredAt leftAt }
    past: segments(includePast: true) { segment { name } enteredAt leftAt }
    timeline(filter: {categories: [SEGMENT]}) { nodes { type name description occurredAt } }
  }
}
"""
UPDATE = "mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code } } }"
RECORD = (
    "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { code message } } }"
)


def with_segments(**filters: dict[str, Any]) -> Account:
    """The account with these rules."""
    definitions = tuple(
        SegmentDefinition(key=key, name=f"Segment {key}", description=f"About {key}.", filter=filter)
        for key, filter in filters.items()
    )
    return load_account().model_copy(update={"segments": definitions})


def rules(gateway: Gateway, account: Account | None = None) -> Segments:
    """The rules that the gateway keeps, for a job beside it."""
    clock = gateway.runtime.services.clock
    account = account or gateway.account
    return Segments(account, segment_rules(account, the_schema()), clock)


def silent(_done: int, _total: int) -> None:
    """Tells nobody."""


@pytest.fixture
def account() -> Account:
    return with_segments(**FILTERS)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


async def profile(gateway: Gateway, id: int = 1) -> Any:
    answer = await gateway.ask(SEGMENTS, {"id": customer_id(id)})
    assert answer.errors == []
    return answer.data["customer"]


async def names(gateway: Gateway, id: int = 1) -> list[str]:
    return [each["segment"]["name"].removeprefix("Segment ") for each in (await profile(gateway, id))["segments"]]


async def change(gateway: Gateway, id: int = 1, **input: Any) -> None:
    answer = await gateway.ask(UPDATE, {"input": {"customerId": customer_id(id), **input}})
    assert (answer.errors, answer.data["updateCustomer"]["userErrors"]) == ([], [])


async def buy(gateway: Gateway, external_id: str, price: str, at: datetime, id: int = 1) -> None:
    event = {
        "customer": {"id": customer_id(id)},
        "externalId": external_id,
        "category": "RECEIPT",
        "type": "receipt_issued",
        "occurredAt": at.isoformat(),
        "items": [{"productExternalId": "tea", "quantity": "1", "unitPrice": price}],
        "payload": [{"key": "receiptExternalId", "value": external_id}],
    }
    answer = await gateway.ask(RECORD, {"input": {"events": [event]}})
    assert (answer.errors, answer.data["recordEvents"]) == ([], {"recorded": 1, "userErrors": []})


async def test_nobody_leaves_before_they_entered_by_a_clock_that_is_behind(gateway: Gateway, clock: Clock) -> None:
    await people(gateway, 1)
    await change(gateway, firstName="Ada")
    clock.forward(-3)
    await change(gateway, firstName="Bob")
    seen = await profile(gateway)
    (left,) = seen["past"]
    assert (left["enteredAt"], left["leftAt"]) == ("2026-05-06T12:00:00Z", "2026-05-06T12:00:00Z")
    assert [event["type"] for event in seen["timeline"]["nodes"]] == ["segment_left", "segment_entered"]
    await change(gateway, firstName="Ada")
    assert await names(gateway) == ["named"]


async def test_an_edit_lets_a_customer_enter_and_leave_at_once_and_the_timeline_tells(
    gateway: Gateway, clock: Clock
) -> None:
    await people(gateway, 1)
    assert (await profile(gateway)) == {"segments": [], "past": [], "timeline": {"nodes": []}}
    await change(gateway, firstName="Ada", attributes=[{"key": "is_vip", "value": "true"}])
    entered = (await profile(gateway))["segments"]
    assert [each["segment"]["name"] for each in entered] == ["Segment named", "Segment vip"]
    assert entered[1]["segment"]["description"] == "About vip."
    assert {each["enteredAt"] for each in entered} == {"2026-05-06T12:00:00Z"}
    clock.now += timedelta(hours=1)
    await change(gateway, attributes=[{"key": "is_vip", "value": "false"}])
    found = await profile(gateway)
    assert [each["segment"]["name"] for each in found["segments"]] == ["Segment named"]
    assert [(each["segment"]["name"], each["leftAt"]) for each in found["past"]] == [
        ("Segment named", None),
        ("Segment vip", "2026-05-06T13:00:00Z"),
    ]
    told = [(each["type"], each["name"], each["description"]) for each in found["timeline"]["nodes"]]
    assert told[0] == ("segment_left", "Segment left", "Segment vip")
    assert sorted(told[1:]) == [
        ("segment_entered", "Segment entered", "Segment named"),
        ("segment_entered", "Segment entered", "Segment vip"),
    ]


async def test_a_purchase_lets_a_customer_enter_in_the_transaction_that_records_it(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await buy(gateway, "r-1", "60.00", START - timedelta(days=40))
    assert await names(gateway) == []
    await buy(gateway, "r-2", "40.00", START - timedelta(days=29))
    assert await names(gateway) == [LATELY, SPENDER]
    assert await names(gateway, 2) == []
    assert await count(gateway, SegmentMembership) == 2


async def test_who_comes_back_has_a_second_membership_and_within_one_moment_the_first_goes_on(
    gateway: Gateway, clock: Clock
) -> None:
    await people(gateway, 1)
    for is_vip in ("true", "false", "true"):
        await change(gateway, attributes=[{"key": "is_vip", "value": is_vip}])
    (membership,) = await stored(gateway, SegmentMembership)
    assert (membership.entered_at, membership.left_at) == (START, None)
    clock.now += timedelta(seconds=1)
    for is_vip in ("false", "true"):
        await change(gateway, attributes=[{"key": "is_vip", "value": is_vip}])
        clock.now += timedelta(seconds=1)
    memberships = [(each.entered_at, each.left_at) for each in await stored(gateway, SegmentMembership)]
    assert memberships == [(START, START + timedelta(seconds=1)), (START + timedelta(seconds=2), None)]


async def test_a_write_that_changes_nothing_of_it_adds_no_event(gateway: Gateway) -> None:
    await people(gateway, 1)
    await change(gateway, firstName="Ada")
    await change(gateway, firstName="Adam")
    events = await stored(gateway, TimelineEvent, category=EventCategory.SEGMENT)
    assert [(each.type, each.subject_id) for each in events] == [("segment_entered", segment_id(NAMED))]
    # Numbered without gaps, together with what the edits themselves told.
    everything = await stored(gateway, TimelineEvent)
    assert sorted(each.activity_seq for each in everything) == [1, 2, 3]
    (customer,) = await stored(gateway, Customer)
    assert customer.activity_seq == 3


async def test_a_refused_write_leaves_the_segments_as_they_were(gateway: Gateway) -> None:
    await people(gateway, 1)
    input = {"customerId": customer_id(1), "firstName": "Ada", "email": "nobody"}
    answer = await gateway.ask(UPDATE, {"input": input})
    assert answer.data["updateCustomer"]["userErrors"] == [{"code": "INVALID"}]
    assert (await names(gateway), await count(gateway, SegmentMembership)) == ([], 0)


async def test_the_segment_knows_its_customers_and_its_sums(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    for id, price in ((1, "150.00"), (2, "250.00"), (3, "50.00")):
        await buy(gateway, f"r-{id}", price, START - timedelta(days=50), id)
    query = """
    query ($id: ID!) {
      node(id: $id) { ... on Segment {
        name description metrics { customerCount receiptCount revenue { amount } averageReceipt { amount } }
        customers { totalCount nodes { externalId } }
      } }
    }
    """
    segment = segment_id(SPENDER)
    answer = await gateway.ask(query, {"id": encode("Segment", segment)})
    assert answer.errors == []
    node = answer.data["node"]
    assert node["metrics"] == {
        "customerCount": 2,
        "receiptCount": 2,
        "revenue": {"amount": "400.00"},
        "averageReceipt": {"amount": "200.00"},
    }
    assert node["customers"]["totalCount"] == 2
    assert {each["externalId"] for each in node["customers"]["nodes"]} == {"ext-1", "ext-2"}


async def test_what_the_day_changes_is_seen_by_the_job_and_a_second_run_changes_nothing(
    gateway: Gateway, clock: Clock
) -> None:
    await people(gateway, 1)
    await buy(gateway, "r-1", "10.00", START - timedelta(days=29))
    assert await names(gateway) == [LATELY]
    clock.now += timedelta(days=2)
    steps: list[tuple[int, int]] = []
    for _ in range(2):
        await rules(gateway).recompute(gateway.store, lambda done, total: steps.append((done, total)))
        assert await names(gateway) == []
    assert steps == [(0, 1), (1, 1)] * 2
    events = await stored(gateway, TimelineEvent, category=EventCategory.SEGMENT)
    assert [(each.type, each.occurred_at) for each in sorted(events, key=lambda event: event.activity_seq)] == [
        ("segment_entered", START),
        ("segment_left", START + timedelta(days=2)),
    ]


async def test_a_receipt_of_exactly_so_many_days_ago_still_counts(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await buy(gateway, "r-1", "10.00", START - timedelta(days=30), 1)
    await buy(gateway, "r-2", "10.00", START - timedelta(days=30, microseconds=1), 2)
    assert (await names(gateway, 1), await names(gateway, 2)) == ([LATELY], [])


async def test_the_job_judges_more_than_one_transaction_holds_and_leaves_out_the_erased(gateway: Gateway) -> None:
    everybody = range(1, AT_ONCE + 4)
    await people(gateway, *everybody, last_name="Lovelace")
    async with gateway.store.write() as unit:
        await unit.session.exec(update(Customer).where(col(Customer.id) == 2).values(erased_at=START))
        await unit.session.exec(delete(SegmentMembership))
    await rules(gateway).recompute(gateway.store, silent)
    assert [each.customer_id for each in await stored(gateway, SegmentMembership)] == sorted({*everybody} - {2})


async def test_who_is_in_a_segment_whose_rule_is_gone_leaves_it(gateway: Gateway, clock: Clock) -> None:
    await people(gateway, 1, first_name="Ada")
    await change(gateway, lastName="Lovelace")
    clock.now += timedelta(days=1)
    fewer = with_segments(**{VIP: FILTERS[VIP]})
    # The process of a command, which knows the new rules alone.
    beside = replace(gateway.store, keepers=())
    for _ in range(2):
        await rules(gateway, fewer).recompute(beside, silent)
    (membership,) = await stored(gateway, SegmentMembership)
    assert membership.left_at == clock.now
    left = [event for event in await stored(gateway, TimelineEvent) if event.type == "segment_left"]
    assert [event.description for event in left] == ["Segment named"]


async def test_a_segment_is_renamed_with_its_rule_and_keeps_its_members(gateway: Gateway) -> None:
    await people(gateway, 1)
    await change(gateway, firstName="Ada")
    (renamed,) = with_segments(**{NAMED: FILTERS[NAMED]}).segments
    account = gateway.account.model_copy(update={"segments": (renamed.model_copy(update={"name": "The named"}),)})
    await rules(gateway, account).recompute(gateway.store, silent)
    assert await names(gateway) == ["The named"]


def named(**names: str) -> Account:
    """An account with a segment for everybody under each of these keys."""
    definitions = tuple(SegmentDefinition(key=key, name=name, filter={}) for key, name in names.items())
    return load_account().model_copy(update={"segments": definitions})


async def segments_of(gateway: Gateway) -> dict[str | None, str]:
    return {each.rule_key: each.name for each in await stored(gateway, Segment)}


async def test_the_segments_are_there_from_the_start_on(gateway: Gateway) -> None:
    assert await segments_of(gateway) == {key: f"Segment {key}" for key in FILTERS}


async def test_processes_that_start_at_once_write_the_segments_once(gateway: Gateway) -> None:
    beside = [rules(gateway, named(one="One", two="Two")) for _ in range(4)]
    await asyncio.gather(*(each.declare(gateway.store) for each in beside))
    assert {"one": "One", "two": "Two"}.items() <= (await segments_of(gateway)).items()


async def test_rules_that_exchange_their_names_start(gateway: Gateway) -> None:
    for account in (named(one="One", two="Two", three="Three"), named(one="Two", two="Three", three="One")):
        async with started(gateway.settings, account, gateway.dialect):
            pass
    assert {"one": "Two", "two": "Three", "three": "One"}.items() <= (await segments_of(gateway)).items()


async def test_a_new_rule_may_take_the_name_that_another_gives_up(gateway: Gateway) -> None:
    await people(gateway, 1)
    keys = sorted(("a", "b"), key=segment_id)
    for new, old in (keys, keys[::-1]):
        await rules(gateway, named(**{old: "Big"})).recompute(gateway.store, silent)
        await rules(gateway, named(**{old: "Large", new: "Big"})).recompute(gateway.store, silent)
        assert await names(gateway) == ["Big", "Large"]
        async with gateway.store.write() as unit:
            await unit.lock([1])
            await unit.session.exec(delete(SegmentMembership))
            await unit.session.exec(delete(Segment))


async def test_a_name_that_another_segment_has_is_said_in_a_sentence_at_the_start(gateway: Gateway) -> None:
    await add(gateway, Segment(id=77, name="The tall"))
    before = await segments_of(gateway)
    for account, whose in (
        (named(new="New", tall="The tall"), "one without a rule"),
        (named(new="New", tall="Segment vip"), "that of the rule 'vip', which is gone"),
    ):
        with pytest.raises(SettingsError) as refused:
            async with started(gateway.settings, account, gateway.dialect):
                pass
        assert str(refused.value) == (
            f"The segment 'tall' of the account file cannot be named {account.segments[1].name!r}: "
            f"the database has a segment of that name already, {whose}."
        )
    assert await segments_of(gateway) == before


async def test_before_the_tables_are_there_the_gateway_starts_all_the_same(databases: Databases) -> None:
    url = await databases.empty()
    if url.startswith("sqlite"):
        parse_address(url).path.touch()
    async with started(Settings(database_url=url, cache=False), named(one="One"), "any") as gateway:
        ready = await gateway.http.get("/readyz")
        assert ready.status_code == 503
    await databases.drop(url)


async def test_as_a_rule_every_filter_holds_for_whom_the_list_finds(gateway: Gateway) -> None:
    now = datetime.now(UTC)
    everybody = crowd(1, now, 60)
    async with started(gateway.settings, load_account().model_copy(update={"segments": ()}), gateway.dialect) as plain:
        await arrive(plain, everybody, now)
        async with plain.store.write() as unit:
            # The crowd's events were numbered by hand.
            await unit.session.exec(update(Customer).values(activity_seq=10_000))
    # A rule has no nulls, and looks at no segments.
    wanted = [case for case in (*cases(now), *combined(now, 3, 60)) if not _holds(case[0], None)]
    filters = {f"case{place}": filter for place, (filter, _) in enumerate(wanted)}
    account = with_segments(**filters)
    definitions = segment_rules(account, the_schema())
    segments = Segments(account, definitions, lambda: now)
    await segments.recompute(gateway.store, silent)
    members: dict[int, set[int]] = {rule.segment_id: set() for rule in definitions}
    for membership in await stored(gateway, SegmentMembership, left_at=None):
        if membership.segment_id in members:
            members[membership.segment_id].add(membership.customer_id)
    assert len(definitions) > 200
    for rule, (filter, holds) in zip(definitions, wanted, strict=True):
        assert members[rule.segment_id] == {someone.id for someone in everybody if holds(someone)}, filter


def _holds(filter: Any, value: Any) -> bool:
    """Whether a null, or a look at segments, stands anywhere in it."""
    if isinstance(filter, dict):
        return "segmentIds" in filter or any(_holds(inner, value) for inner in filter.values())
    if isinstance(filter, list):
        return any(_holds(inner, value) for inner in filter)
    return filter is value


@pytest.mark.parametrize(
    ("filter", "place", "why"),
    [
        ({"shoeSize": {"from": 1}}, "filter", "unknown field 'shoeSize'"),
        ({"receiptCount": {"from": "many"}}, "filter.receiptCount.from", "Int cannot represent"),
        ({"receiptCount": 3}, "filter.receiptCount", "IntRange"),
        ({"or": [{"city": {"equals": "Turin"}}, {"gender": ["TALL"]}]}, "filter.or.1.gender.0", "Gender"),
        ({"or": {"kind": "CONTACT"}}, "filter.or", "a list of filters"),
        ({"not": [{"kind": "CONTACT"}]}, "filter.not", "here stands a filter"),
        ({"segmentIds": []}, "filter.segmentIds", "cannot look at segments"),
        ({"receiptCount": {"fromDaysAgo": 3}}, "filter.receiptCount", "only instants"),
        ({"lastReceiptAt": {"fromDaysAgo": -1}}, "filter.lastReceiptAt.fromDaysAgo", "from 0 to 36,500"),
        ({"lastReceiptAt": {"toDaysAgo": 1.5}}, "filter.lastReceiptAt.toDaysAgo", "is whole"),
        ({"receiptCount": {"from": 3, "to": 1}}, "filter.receiptCount", "`from` is after `to`"),
        ({"attributes": [{"key": "shoe_size", "equals": "1"}]}, "filter.attributes.0.key", "no such attribute"),
        ({"tagIds": ["nonsense"]}, "filter.tagIds.0", "id"),
    ],
)
def test_a_rule_that_cannot_be_read_is_said_with_its_segment_and_its_place(
    filter: dict[str, Any], place: str, why: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        segment_rules(with_segments(odd=filter), the_schema())
    assert str(refused.value).startswith(f"The segment 'odd' of the account file is wrong at {place}: ")
    assert why in str(refused.value)


def test_the_default_accounts_rules_can_be_read() -> None:
    account = load_account()
    assert [rule.key for rule in segment_rules(account, the_schema())] == [each.key for each in account.segments]
    assert len(account.segments) == 15


@pytest.mark.parametrize("said", ["key", "name"])
def test_two_rules_cannot_have_one_key_or_one_name(said: str, tmp_path: Any) -> None:
    file = tmp_path / "account.toml"
    twins = [{"key": n, "name": n, said: "Same"} for n in ("one", "two")]
    written = [f'[[segments]]\nkey = "{twin["key"]}"\nname = "{twin["name"]}"\nfilter = {{}}\n' for twin in twins]
    file.write_text("\n".join([DEFAULT_FILE.read_text(encoding="utf-8"), *written]), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"two segments have the {said} 'same'"):
        load_account(file)
