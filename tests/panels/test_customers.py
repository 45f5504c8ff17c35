"""The list of customers: every filter against plain Python, search, every sort, paging, rights."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.app import utc_now
from profiles.finding.attributes import INSTEAD
from profiles.finding.fields import FIELDS, FURTHER_SCOPES
from profiles.metrics import CustomerMetrics
from profiles.storage.pages import pack
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Answer, Gateway
from tests.panels.crowd import Person, arrive, crowd
from tests.panels.filter_cases import cases, combined
from tests.people import add, people

FIND = """
query ($filter: CustomerFilter, $search: String, $sort: CustomerSort, $first: Int! = 100, $after: String) {
  customers(filter: $filter, search: $search, sort: $sort, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { externalId } }
    nodes { externalId }
  }
}
"""
COUNT = (
    "query ($filter: CustomerFilter, $search: String) { customers(filter: $filter, search: $search) { totalCount } }"
)
LISTED = frozenset({"customers:list", "profile:read", "debug"})


async def found(gateway: Gateway, **asked: Any) -> list[str]:
    """The external ids of the customers found, in order; the number must agree."""
    answer = await gateway.ask(FIND, asked)
    assert answer.errors == [], (asked, answer.errors)
    page = answer.data["customers"]
    names = [node["externalId"] for node in page["nodes"]]
    assert page["totalCount"] == len(names), asked
    return names


def refusal(answer: Answer) -> tuple[str, list[str] | None]:
    """The code of the only error, and the path of the input that it names; nothing was found or read."""
    assert answer.data == {"customers": None}
    (error,) = answer.errors
    assert error["path"] == ["customers"]
    profile = answer.extensions.get("profile")
    assert profile is None or profile["sqlStatements"] == 0
    return error["extensions"]["code"], error["extensions"].get("field")


async def settled(gateway: Gateway, seed: int = 1, size: int = 60) -> tuple[list[Person], datetime]:
    """A crowd in the database, and the instant from which its times count."""
    now = datetime.now(UTC)
    everybody = crowd(seed, now, size)
    await arrive(gateway, everybody, now)
    return everybody, now


async def test_every_filter_finds_whom_plain_python_finds(gateway: Gateway) -> None:
    everybody, now = await settled(gateway)
    wrong = []
    for filter, holds in cases(now):
        wanted = {person.external_id for person in everybody if holds(person)}
        names = await found(gateway, filter=filter)
        if set(names) != wanted:
            wrong.append((filter, sorted(set(names) ^ wanted)))
    assert wrong == []


async def test_combined_filters_find_whom_plain_python_finds(gateway: Gateway) -> None:
    everybody, now = await settled(gateway, seed=2)
    wrong = []
    for filter, holds in combined(now, seed=3, count=120):
        wanted = {person.external_id for person in everybody if holds(person)}
        if set(await found(gateway, filter=filter)) != wanted:
            wrong.append(filter)
    assert wrong == []


SORT_VALUES = {
    "CREATED_AT": lambda person: person.columns["created_at"],
    "NAME": lambda person: person.columns["name_key"],
    "LAST_RECEIPT_AT": lambda person: person.metric("last_receipt_at"),
    "RECEIPT_TOTAL": lambda person: person.metric("receipt_total_minor"),
    "RECEIPT_COUNT": lambda person: person.metric("receipt_count"),
    "ORDER_TOTAL": lambda person: person.metric("order_total_minor"),
    "LAST_ACTIVITY_AT": lambda person: person.metric("last_activity_at"),
}


def in_order(everybody: list[Person], field: str, direction: str) -> list[str]:
    """What is unknown last either way; ties by id in the direction of the sort."""
    value, is_down = SORT_VALUES[field], direction == "DESC"
    known = [person for person in everybody if value(person) is not None]
    unknown = [person for person in everybody if value(person) is None]
    known.sort(key=lambda person: (value(person), person.id), reverse=is_down)
    unknown.sort(key=lambda person: person.id, reverse=is_down)
    return [person.external_id for person in (*known, *unknown)]


@pytest.mark.parametrize("field", SORT_VALUES)
async def test_walking_the_pages_of_a_sort_gives_everybody_once_in_order(gateway: Gateway, field: str) -> None:
    everybody, _ = await settled(gateway, size=40)
    for direction in ("ASC", "DESC"):
        names: list[str] = []
        after = None
        while True:
            asked = {"sort": {"field": field, "direction": direction}, "first": 7, "after": after}
            page = (await gateway.ask(FIND, asked)).data["customers"]
            assert [edge["node"] for edge in page["edges"]] == page["nodes"]
            assert page["totalCount"] == 40
            info = page["pageInfo"]
            assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])
            assert info["hasPreviousPage"] == (after is not None)
            names += [node["externalId"] for node in page["nodes"]]
            if not info["hasNextPage"]:
                break
            after = info["endCursor"]
        assert names == in_order(everybody, field, direction)


async def test_without_a_sort_the_newest_profile_comes_first(gateway: Gateway) -> None:
    everybody, _ = await settled(gateway, size=20)
    newest = in_order(everybody, "CREATED_AT", "DESC")
    assert await found(gateway) == newest
    assert await found(gateway, sort={}) == newest


async def test_a_cursor_of_another_order_is_refused(gateway: Gateway) -> None:
    await settled(gateway, size=5)
    page = (await gateway.ask(FIND, {"first": 1})).data["customers"]
    cursor = page["pageInfo"]["endCursor"]
    others = ({"field": "CREATED_AT", "direction": "ASC"}, {"field": "RECEIPT_COUNT"}, {"field": "NAME"})
    for sort in others:
        assert refusal(await gateway.ask(FIND, {"sort": sort, "after": cursor}))[0] == "BAD_CURSOR"
    assert refusal(await gateway.ask(FIND, {"search": "a", "after": cursor}))[0] == "BAD_CURSOR"
    for broken in ("", "x", cursor[:-3], cursor + "A", "ZjF8TkFNRXxBU0N8PTAwfDE", "MXxDdXN0b21lcnwx"):
        assert refusal(await gateway.ask(FIND, {"after": broken}))[0] == "BAD_CURSOR"


async def test_first_has_bounds_and_zero_only_counts(gateway: Gateway) -> None:
    await settled(gateway, size=5)
    for first in (-1, 101):
        assert refusal(await gateway.ask(FIND, {"first": first}))[0] == "LIMIT_EXCEEDED"
    page = (await gateway.ask(FIND, {"first": 0})).data["customers"]
    assert (page["totalCount"], page["nodes"], page["pageInfo"]["hasNextPage"]) == (5, [], True)
    counted = await gateway.ask(COUNT)
    assert counted.data == {"customers": {"totalCount": 5}}
    assert [batch["loader"] for batch in counted.extensions["profile"]["loaderBatches"]] == ["FoundCount"]


async def test_erased_customers_are_in_no_list(gateway: Gateway) -> None:
    now = datetime.now(UTC)
    await people(gateway, 1, 2)
    await people(gateway, 3, erased_at=now)
    assert await found(gateway) == ["ext-2", "ext-1"]


async def searchable(gateway: Gateway) -> None:
    rows: list[dict[str, Any]] = [
        {"first_name": "Ann", "last_name": "Smith", "email": "ann@mail.test", "phone": "+4930123456", "crm_id": "C-77"},
        {"first_name": "Joanna", "last_name": "Annan", "email": "boss@annmail.test", "phone": "(212) 555-0123"},
        {"first_name": "Märy Ann", "last_name": "O'Neil", "email": None, "phone": None},
        {"first_name": "Karl", "last_name": "Smithers", "email": "ann.k@mail.test", "phone": "+493012345678"},
        {"first_name": None, "last_name": None, "email": None, "phone": None},
    ]
    for id, columns in enumerate(rows, 1):
        keys = {
            f"{name}_key": columns[name] and columns[name].lower()
            for name in ("last_name", "crm_id")
            if columns.get(name)
        }
        await people(gateway, id, **columns, **keys, external_id_key=f"ext-{id}")


@pytest.mark.parametrize(
    ("search", "names"),
    [
        # An identifier as it stands, then names that begin so, then anything that contains it; ties by id.
        ("ann@mail.test", ["ext-1"]),
        ("ANN", ["ext-1", "ext-2", "ext-3", "ext-4"]),
        ("smith", ["ext-1", "ext-4"]),
        ("Smith, Ann", ["ext-1"]),
        ("mary", ["ext-3"]),
        ("o'neil", ["ext-3"]),
        ("c-77", ["ext-1"]),
        ("C-7", ["ext-1"]),
        ("EXT-3", ["ext-3"]),
        ("ext-", ["ext-1", "ext-2", "ext-3", "ext-4", "ext-5"]),
        ("+49 30 123456", ["ext-1", "ext-4"]),
        ("0049 (30) 12345678", ["ext-4"]),
        ("030/12345678", ["ext-4"]),
        ("212 555 0123", ["ext-2"]),
        ("555-01", ["ext-2"]),
        ("%", []),
        ("_", []),
        ("\u0000ann\u0000 smith", ["ext-1"]),
        ("nobody at all", []),
    ],
)
async def test_search_finds_the_best_match_first(gateway: Gateway, search: str, names: list[str]) -> None:
    await searchable(gateway)
    assert await found(gateway, search=search) == names


async def test_a_part_of_a_name_finds_it_and_two_letters_only_how_a_word_begins(gateway: Gateway) -> None:
    await searchable(gateway)
    assert await found(gateway, search="mith") == ["ext-1", "ext-4"]
    assert await found(gateway, search="nn") == []
    assert await found(gateway, search="an") == ["ext-1", "ext-2", "ext-3", "ext-4"]
    assert await found(gateway, search="s a") == ["ext-1"]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        # As typed first, then with one mistake in a word; ties by id.
        ("smiht", ["ext-1"]),
        ("Smyth", ["ext-1"]),
        ("Smyther", ["ext-4"]),
        ("Smiters", ["ext-4"]),
        ("smithers", ["ext-4"]),
        ("smitherz", ["ext-4"]),
        ("Joana", ["ext-2"]),
        ("annn", ["ext-1", "ext-2", "ext-3"]),
        ("johanna annan", ["ext-2"]),
        ("joanna anan", ["ext-2"]),
        ("johanna anan", []),
        ("Smiht, Ann", ["ext-1"]),
        ("smith ann", ["ext-1"]),
        # One mistake, none in short words.
        ("msiht", []),
        ("amn", []),
        ("amn smith", []),
        # Of an address the beginning; of other identifiers and of numbers nothing.
        ("ann@mail.tset", ["ext-1"]),
        ("anm@mail.test", []),
        ("annk.@mail.test", ["ext-4"]),
        ("annk.@mail.tset", []),
        ("c-78", []),
        ("ext-9", []),
        ("+49 30 123457", []),
    ],
)
async def test_a_search_forgives_one_mistake_in_a_word(gateway: Gateway, search: str, names: list[str]) -> None:
    await searchable(gateway)
    assert await found(gateway, search=search) == names


async def test_what_is_found_with_a_mistake_stands_behind_what_is_as_typed(gateway: Gateway) -> None:
    await people(gateway, 1, first_name="John", last_name="Doe", external_id_key="ext-1")
    await people(gateway, 2, first_name="Jhon", last_name="Roe")
    await people(gateway, 3, first_name="Mary", last_name="Jhonson")
    assert await found(gateway, search="jhon") == ["ext-2", "ext-3", "ext-1"]
    names, after = [], None
    for _ in range(3):
        page = (await gateway.ask(FIND, {"search": "jhon", "first": 1, "after": after})).data["customers"]
        assert page["totalCount"] == 3
        names.append(page["nodes"][0]["externalId"])
        after = page["pageInfo"]["endCursor"]
    assert names == ["ext-2", "ext-3", "ext-1"]
    query = 'query ($f: CustomerFilter) { customers(search: "jhon", filter: $f) { aggregate { customerCount } } }'
    assert (await gateway.ask(query)).data == {"customers": {"aggregate": {"customerCount": 3}}}
    filter = {"firstName": {"isMissing": False}, "externalId": {"startsWith": "ext-1"}}
    assert (await gateway.ask(query, {"f": filter})).data == {"customers": {"aggregate": {"customerCount": 1}}}


async def test_mistakes_are_allowed_for_while_fewer_than_a_page_match_as_typed(gateway: Gateway) -> None:
    await people(gateway, 100, first_name="Smyth", external_id_key="ext-100")
    await people(gateway, *range(1, 20), first_name="Smith")
    assert len(await found(gateway, search="smith")) == 20
    await people(gateway, 20, first_name="Smith")
    assert await found(gateway, search="smith") == [f"ext-{id}" for id in range(1, 21)]
    # A filter says who of them is wanted, not what is a match.
    assert await found(gateway, search="smith", filter={"externalId": {"equals": "ext-100"}}) == []
    # Whoever was erased is no match either.
    await people(gateway, 101, first_name="Smithy", erased_at=datetime.now(UTC))
    assert len(await found(gateway, search="smithy")) == 20


async def test_a_search_follows_what_is_written(gateway: Gateway) -> None:
    (id,) = await people(gateway, 1, first_name="Karl", last_name="Smith", email="karl@mail.test")
    edit = "mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code } } }"
    change = {"customerId": id, "lastName": "Müller", "email": "mueller@mail.test", "phone": "+4930123456"}
    answer = await gateway.ask(edit, {"input": change})
    assert answer.data == {"updateCustomer": {"userErrors": []}}
    for search, count in (("smith", 0), ("karl@", 0), ("mulelr", 1), ("mueller", 1), ("30123456", 1), ("karl", 1)):
        assert len(await found(gateway, search=search)) == count, search


async def test_searching_asks_once_more_only_where_there_may_be_a_mistake(gateway: Gateway) -> None:
    await searchable(gateway)
    query = "query ($s: String!) { customers(search: $s) { totalCount nodes { id } } }"
    for search, batches in (
        ("ann", ["FoundCount", "FoundCustomers"]),
        ("+49 30 123456", ["FoundCount", "FoundCustomers"]),
        ("smith", ["FewAsTyped", "FoundCount", "FoundCustomers"]),
        ("ann@mail.", ["FewAsTyped", "FoundCount", "FoundCustomers"]),
        ("ann.smith77", ["FoundCount", "FoundCustomers"]),
    ):
        profile = (await gateway.ask(query, {"s": search})).extensions["profile"]
        assert sorted(batch["loader"] for batch in profile["loaderBatches"]) == batches
    ids_only = await gateway.ask(query, {"s": "ext-x"}, scopes=LISTED)
    assert sorted(batch["loader"] for batch in ids_only.extensions["profile"]["loaderBatches"]) == [
        "FoundCount",
        "FoundCustomers",
    ]


async def test_a_blank_search_finds_everybody_and_a_sort_orders_what_a_search_finds(gateway: Gateway) -> None:
    await searchable(gateway)
    assert len(await found(gateway, search="  ")) == 5
    assert await found(gateway, search="ann", sort={"field": "NAME", "direction": "DESC"}) == [
        "ext-3",
        "ext-4",
        "ext-2",
        "ext-1",
    ]
    assert await found(gateway, search="ann", filter={"phone": {"startsWith": "+49"}}) == ["ext-1", "ext-4"]


async def test_the_pages_of_a_search_are_walked_by_rank(gateway: Gateway) -> None:
    await searchable(gateway)
    names, after = [], None
    for _ in range(4):
        page = (await gateway.ask(FIND, {"search": "ann", "first": 1, "after": after})).data["customers"]
        names.append(page["nodes"][0]["externalId"])
        after = page["pageInfo"]["endCursor"]
    assert names == ["ext-1", "ext-2", "ext-3", "ext-4"]
    assert not page["pageInfo"]["hasNextPage"]


async def test_search_without_personal_read_looks_at_external_ids_only(gateway: Gateway) -> None:
    await searchable(gateway)
    for search, count in (("ann", 0), ("ann@mail.test", 0), ("+4930123456", 0), ("ext-2", 1), ("EXT", 5)):
        answer = await gateway.ask(COUNT, {"search": search}, scopes=LISTED)
        assert answer.data == {"customers": {"totalCount": count}}


async def test_a_long_search_is_refused(gateway: Gateway) -> None:
    assert refusal(await gateway.ask(FIND, {"search": "x" * 201}))[0] == "BAD_REQUEST"


AGGREGATE = """
query ($filter: CustomerFilter) {
  customers(filter: $filter) {
    aggregate { customerCount orderCount receiptCount revenue { amount currencyCode } averageReceipt { amount } }
  }
}
"""


async def test_the_aggregate_adds_up_the_whole_selection_in_one_read(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    first = {"receipt_count": 2, "receipt_total_minor": 1001, "receipt_total_count": 2, "purchase_total_minor": 1501}
    second = {"receipt_count": 1, "receipt_total_minor": 100, "receipt_total_count": 1, "purchase_total_minor": 100}
    await add(
        gateway,
        CustomerMetrics(customer_id=1, order_count=2, returns_total_minor=250, **first),
        CustomerMetrics(customer_id=2, **second),
    )
    answer = await gateway.ask(AGGREGATE)
    assert answer.data["customers"]["aggregate"] == {
        "customerCount": 3,
        "orderCount": 2,
        "receiptCount": 3,
        "revenue": {"amount": "13.51", "currencyCode": "USD"},
        "averageReceipt": {"amount": "3.67"},
    }
    assert answer.extensions["profile"]["loaderBatches"] == [{"loader": "FoundSums", "keys": 1}]
    one = (await gateway.ask(AGGREGATE, {"filter": {"receiptCount": {"from": 2}}})).data["customers"]["aggregate"]
    assert (one["customerCount"], one["averageReceipt"]) == (1, {"amount": "5.00"})
    nobody = (await gateway.ask(AGGREGATE, {"filter": {"tagIds": []}})).data["customers"]["aggregate"]
    assert (nobody["customerCount"], nobody["revenue"]["amount"], nobody["averageReceipt"]) == (0, "0.00", None)


@pytest.mark.usefixtures("uncached")
async def test_a_list_with_the_customers_own_fields_costs_one_statement(gateway: Gateway) -> None:
    await settled(gateway, size=30)
    query = "{ customers(first: %d) { nodes { id externalId firstName city email { value } createdAt version } } }"
    for first in (1, 10, 30):
        profile = (await gateway.ask(query % first)).extensions["profile"]
        assert (profile["sqlStatements"], profile["sqlRoundTrips"]) == (1, 1)


async def test_each_panel_of_a_list_costs_one_read_for_any_number_of_customers(gateway: Gateway) -> None:
    await settled(gateway, size=30)
    query = "{ customers(first: %d) { totalCount nodes { externalId tags { name } segments { enteredAt } } } }"
    for first in (1, 10, 30):
        profile = (await gateway.ask(query % first)).extensions["profile"]
        read = sorted(batch["loader"] for batch in profile["loaderBatches"])
        assert read == ["FoundCount", "FoundCustomers", "Memberships", "TagsOf"]


BAD = [
    ({"receiptCount": {"from": 2, "to": 1}}, ["filter", "receiptCount"]),
    ({"receiptTotal": {"from": "2", "to": "1.99"}}, ["filter", "receiptTotal"]),
    ({"birthDate": {"from": "2000-01-02", "to": "2000-01-01"}}, ["filter", "birthDate"]),
    (
        {"createdAt": {"from": "2000-01-02T00:00:00Z", "to": "2000-01-01T00:00:00Z"}},
        ["filter", "createdAt"],
    ),
    ({"and": [{}, {"not": {"tagIds": ["x"]}}]}, ["filter", "and", "1", "not", "tagIds", "0"]),
    ({"tagIds": [encode("Segment", 1)]}, ["filter", "tagIds", "0"]),
    ({"mailing": {"ids": [encode("Tag", 1)]}}, ["filter", "mailing", "ids", "0"]),
    ({"poll": {"ids": [encode("Mailing", 1)]}}, ["filter", "poll", "ids", "0"]),
    ({"promoCodeOriginIds": [encode("Tag", 1)]}, ["filter", "promoCodeOriginIds", "0"]),
    ({"subscribedCategoryIds": [encode("Category", 1)]}, ["filter", "subscribedCategoryIds", "0"]),
    ({"city": {"equals": "a\u0000"}}, ["filter", "city", "equals"]),
    ({"consentGranted": ["news", "\u0000"]}, ["filter", "consentGranted", "1"]),
    ({"attributes": [{"key": "no such"}]}, ["filter", "attributes", "0", "key"]),
    ({"attributes": [{"key": "metrics.daysSinceLastOrder", "from": "1"}]}, ["filter", "attributes", "0", "key"]),
    ({"attributes": [{"key": "gender", "equals": "MAN"}]}, ["filter", "attributes", "0", "equals"]),
    ({"attributes": [{"key": "metrics.receiptTotal", "from": "1 EUR"}]}, ["filter", "attributes", "0", "from"]),
    ({"attributes": [{"key": "favorite_color", "from": "a"}]}, ["filter", "attributes", "0"]),
    ({"attributes": [{"key": "favorite_color", "equals": "pink"}]}, ["filter", "attributes", "0", "equals"]),
    ({"attributes": [{"key": "is_vip", "in": ["true", "yes"]}]}, ["filter", "attributes", "0", "in", "1"]),
    ({"attributes": [{"key": "store_visits_per_month", "from": "2", "to": "1"}]}, ["filter", "attributes", "0"]),
    ({"attributes": [{"key": "clv_estimate", "from": "1 USD", "to": "2 CAD"}]}, ["filter", "attributes", "0"]),
    ({"attributes": [{"key": "clv_estimate", "from": "2 USD", "to": "1.99 USD"}]}, ["filter", "attributes", "0"]),
    ({"attributes": [{"key": "clv_estimate", "equals": "1 XQQ"}]}, ["filter", "attributes", "0", "equals"]),
    ({"attributes": [{"key": "clv_estimate", "from": "1 dollars"}]}, ["filter", "attributes", "0", "from"]),
    ({"attributes": [{"key": "clv_estimate", "in": ["1 USD", "1 usd!"]}]}, ["filter", "attributes", "0", "in", "1"]),
    ({"lastVisitAt": {"from": "2000-01-02T00:00:00Z", "to": "2000-01-01T23:59:59Z"}}, ["filter", "lastVisitAt"]),
    ({"not": {"averageItemsPerOrder": {"from": 2, "to": 1}}}, ["filter", "not", "averageItemsPerOrder"]),
]


@pytest.mark.parametrize(("filter", "path"), BAD)
async def test_a_filter_that_makes_no_sense_is_refused_with_its_path(
    gateway: Gateway, filter: dict[str, Any], path: list[str]
) -> None:
    assert refusal(await gateway.ask(FIND, {"filter": filter})) == ("BAD_REQUEST", path)


async def test_each_built_in_attribute_can_be_filtered_by_or_says_what_to_ask_for_instead(gateway: Gateway) -> None:
    await people(gateway, 1)
    keys = {each.key for each in gateway.account.all_attributes if each.entity.value == "CUSTOMER"}
    refused = {}
    for key in sorted(keys):
        sides = [{"attributes": [{"key": key, "isMissing": is_missing}]} for is_missing in (True, False)]
        answer = await gateway.ask(COUNT, {"filter": {"or": sides}})
        if answer.errors:
            refused[key] = answer.errors[0]["message"]
        else:
            assert answer.data == {"customers": {"totalCount": 1}}, key
    instead = {key: message.rpartition(" ask for ")[2].rstrip(".") for key, message in refused.items()}
    assert set(instead) == set(INSTEAD)
    assert set(instead.values()) <= keys - set(instead)


async def test_a_number_that_is_none_is_found_by_its_beginning_with_and_without_its_plus(gateway: Gateway) -> None:
    await people(gateway, 1, phone="+17045550100000000000000")
    for begin in ("+17045550", "17045550", "+1 (704) 555"):
        assert await found(gateway, filter={"phone": {"startsWith": begin}}) == ["ext-1"]
    assert await found(gateway, filter={"phone": {"startsWith": "+7045550"}}) == []


async def test_a_filter_has_a_greatest_depth_and_size(gateway: Gateway) -> None:
    deep: dict[str, Any] = {"hasNotes": True}
    for _ in range(7):
        deep = {"not": deep}
    assert (await gateway.ask(COUNT, {"filter": deep})).data == {"customers": {"totalCount": 0}}
    wide = [{"receiptCount": {"from": 0}}] * 29
    assert (await gateway.ask(COUNT, {"filter": {"or": wide}})).data == {"customers": {"totalCount": 0}}
    for filter in (
        {"not": deep},
        {"or": [*wide, {"city": {"equals": "a"}}]},
        {"and": [{}] * 60},
        {"tagIds": [encode("Tag", 1)] * 1001},
        {"attributes": [{"key": "is_vip", "isMissing": True}] * 20},
    ):
        assert refusal(await gateway.ask(FIND, {"filter": filter}))[0] == "LIMIT_EXCEEDED"


async def test_bounds_beyond_what_can_be_stored_are_no_error(gateway: Gateway) -> None:
    await people(gateway, 1)
    huge = "999999999999999999.999999999"
    assert await found(gateway, filter={"receiptTotal": {"from": f"-{huge}", "to": huge}}) == ["ext-1"]
    assert await found(gateway, filter={"receiptTotal": {"from": huge}}) == []


TEXT, RANGE, AMOUNT = {"equals": "x"}, {"from": 1}, {"from": "1"}
DAY, INSTANT, IDS = {"from": "2000-01-01"}, {"from": "2000-01-01T00:00:00Z"}, list[str]()
SAID: dict[str, Any] = {
    "TEXT": TEXT,
    "EMAIL": TEXT,
    "PHONE": TEXT,
    "COUNT": RANGE,
    "MILLI": AMOUNT,
    "MONEY": AMOUNT,
    "RATIO": RANGE,
    "DAY": DAY,
    "INSTANT": INSTANT,
    "CHOICE": [],
    "IDS": IDS,
    "NAMES": [],
    "FLAG": True,
}
# What stands behind other inputs: the purchase count behind kind, codes behind promoCodeOriginIds, products behind
# lastOrderValue.
BEHIND = {"purchase_count", "codes_of_mailings", "codes_of_campaigns", "last_order_products"}
NEEDED = {name: (field.needs, SAID[field.kind]) for name, field in FIELDS.items() if name not in BEHIND} | {
    "kind": (FURTHER_SCOPES["kind"], "CONTACT"),
    "attributes": (FURTHER_SCOPES["attributes"], []),
    "mailing": (FURTHER_SCOPES["mailing"], {"ids": []}),
    "poll": (FURTHER_SCOPES["poll"], {"ids": []}),
    "promo_code_origin_ids": (FURTHER_SCOPES["promo_code_origin_ids"], []),
    "reachable_by": (FURTHER_SCOPES["reachable_by"], []),
}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


async def test_every_field_of_the_filter_needs_its_scope_before_any_sql(gateway: Gateway) -> None:
    listed = await gateway.ask('{ __type(name: "CustomerFilter") { inputFields { name } } }')
    fields = {field["name"] for field in listed.data["__type"]["inputFields"]}
    assert fields == {_camel(name) for name in NEEDED} | {"and", "or", "not"}
    for name, (scope, value) in NEEDED.items():
        field = _camel(name)
        without = await gateway.ask(FIND, {"filter": {"or": [{field: value}]}}, scopes=ALL_SCOPES - {scope.value})
        assert refusal(without) == ("FORBIDDEN", ["filter", "or", "0", field])
        only = await gateway.ask(COUNT, {"filter": {field: value}}, scopes={"customers:list", scope.value})
        assert only.errors == []


async def test_an_attribute_needs_the_scope_of_reading_it(gateway: Gateway) -> None:
    for key, scope in (
        ("city", "personal:read"),
        ("metrics.orderCount", "metrics:read"),
        ("loyalty.points", "loyalty:read"),
    ):
        filter = {"attributes": [{"key": key, "isMissing": False}]}
        without = await gateway.ask(FIND, {"filter": filter}, scopes=ALL_SCOPES - {scope})
        assert refusal(without) == ("FORBIDDEN", ["filter", "attributes", "0"])


async def test_a_search_beside_what_is_forbidden_or_wrong_reads_nothing(gateway: Gateway) -> None:
    await searchable(gateway)
    for asked, refused in (
        ({"filter": {"city": {"equals": "Bern"}}}, ("FORBIDDEN", ["filter", "city"])),
        ({"sort": {"field": "NAME"}}, ("FORBIDDEN", ["sort", "field"])),
        ({"filter": {"createdAt": {"from": "2000-01-02T00:00:00Z", "to": "2000-01-01T00:00:00Z"}}}, None),
    ):
        answer = await gateway.ask(FIND, {"search": "smiht", **asked}, scopes=LISTED)
        assert refusal(answer) == (refused or ("BAD_REQUEST", ["filter", "createdAt"]))
    assert refusal(await gateway.ask(FIND, {"search": "x" * 201}, scopes=LISTED)) == ("BAD_REQUEST", ["search"])


async def test_a_sort_needs_the_scope_of_what_it_looks_at(gateway: Gateway) -> None:
    for field in SORT_VALUES:
        scope = {"NAME": "personal:read", "CREATED_AT": "profile:read"}.get(field, "metrics:read")
        without = await gateway.ask(FIND, {"sort": {"field": field}}, scopes=ALL_SCOPES - {scope})
        assert refusal(without) == ("FORBIDDEN", ["sort", "field"])


async def test_contacts_are_found_by_what_they_are_worth_after_an_edit_and_a_bounce(gateway: Gateway) -> None:
    (id,) = await people(gateway, 1, email="ann@example.com", phone="030 1234567", country="DE")

    async def found() -> list[str]:
        wanted = {
            "invalid email": {"emailWarning": ["INVALID"]},
            "missing phone": {"phoneWarning": ["MISSING"]},
            "landline": {"phoneType": ["LANDLINE"]},
        }
        answers = {name: await gateway.ask(COUNT, {"filter": filter}) for name, filter in wanted.items()}
        return [name for name, answer in answers.items() if answer.data["customers"]["totalCount"]]

    assert await found() == ["landline"]
    edit = "mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code } } }"
    await gateway.ask(edit, {"input": {"customerId": id, "phone": "+4915112345678"}})
    assert await found() == []
    await gateway.ask(edit, {"input": {"customerId": id, "phone": None}})
    assert await found() == ["missing phone"]
    bounce = {
        "customer": {"id": id},
        "externalId": "bounce",
        "category": "EMAIL",
        "type": "email_bounced",
        "occurredAt": utc_now().isoformat(),
        "payload": [{"key": "bounce", "value": "hard"}],
    }
    record = "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded } }"
    assert (await gateway.ask(record, {"input": {"events": [bounce]}})).data["recordEvents"]["recorded"] == 1
    assert await found() == ["invalid email", "missing phone"]
    await gateway.ask(edit, {"input": {"customerId": id, "email": "ann.b@example.com"}})
    assert await found() == ["missing phone"]


async def test_the_list_itself_and_its_aggregate_need_their_scopes(gateway: Gateway) -> None:
    await people(gateway, 1)
    assert refusal(await gateway.ask(COUNT, scopes=ALL_SCOPES - {"customers:list"}))[0] == "FORBIDDEN"
    query = "{ customers { totalCount aggregate { customerCount } } }"
    answer = await gateway.ask(query, scopes=LISTED)
    assert answer.data == {"customers": {"totalCount": 1, "aggregate": None}}
    assert answer.codes == ["FORBIDDEN"]
    assert answer.errors[0]["path"] == ["customers", "aggregate"]
    assert [batch["loader"] for batch in answer.extensions["profile"]["loaderBatches"]] == ["FoundCount"]


async def test_a_made_up_id_in_a_cursor_is_refused(gateway: Gateway) -> None:
    huge = str(2**63)
    for parts in (("f1", "CREATED_AT", "DESC", "=0", huge), ("f1", "CREATED_AT", "DESC", "", "1")):
        assert refusal(await gateway.ask(FIND, {"after": pack(*parts)}))[0] == "BAD_CURSOR"
    await people(gateway, 1)
    notes = 'query ($a: String) { customer(by: { externalId: "ext-1" }) { notes(after: $a) { nodes { id } } } }'
    assert (await gateway.ask(notes, {"a": pack("p1", "0", huge)})).codes == ["BAD_CURSOR"]
    names = {"sort": {"field": "NAME", "direction": "ASC"}, "after": pack("f1", "NAME", "ASC", "=00", "1")}
    assert refusal(await gateway.ask(FIND, names))[0] == "BAD_CURSOR"
