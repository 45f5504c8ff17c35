"""The panel of consents."""

from datetime import timedelta
from itertools import permutations, product

from sqlmodel import select

from profiles.consents import (
    COLUMNS,
    KEPT_COLUMNS,
    ConsentChange,
    ConsentStatus,
    KeptConsent,
    kept_consents,
)
from profiles.viewer import ALL_SCOPES, ViewerKind
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, customer_id, people

WHOLE = """
query ($ids: [ID!]!, $first: Int! = 20) {
  nodes(ids: $ids) { ... on Customer { consents {
    id name channels status grantedAt revokedAt source history(first: $first) { status at source actor }
  } } }
}
"""


def change(customer: int, id: int, name: str, status: ConsentStatus, hours: int = 0) -> ConsentChange:
    return ConsentChange(
        customer_id=customer,
        id=id,
        name=name,
        status=status,
        at=MADE_AT + timedelta(hours=hours),
        source=f"form {id}",
        actor="Ann",
    )


async def test_consents_come_by_name_with_their_newest_state_and_whole_history(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(
        gateway,
        change(1, 1, "news", ConsentStatus.GRANTED, 0),
        change(1, 2, "news", ConsentStatus.REVOKED, 1),
        change(1, 3, "calls", ConsentStatus.REVOKED, 2),
        change(1, 4, "calls", ConsentStatus.GRANTED, 2),
        change(1, 5, "abandoned", ConsentStatus.GRANTED, 3),
    )
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)]})
    assert answer.errors == []
    abandoned, calls, news = answer.data["nodes"][0]["consents"]
    # The account defines it no longer, so it names no channel; what the customer said stays.
    assert (abandoned["name"], abandoned["channels"], abandoned["status"]) == ("abandoned", [], "GRANTED")
    # Both changes came in one microsecond: the later id is the newer one.
    assert calls["status"] == "GRANTED"
    assert (calls["grantedAt"], calls["revokedAt"]) == ("2026-01-02T05:04:05.678901Z", None)
    assert news == {
        "id": encode("Consent", 1, "news"),
        "name": "news",
        "channels": ["EMAIL", "SMS", "PUSH"],
        "status": "REVOKED",
        "grantedAt": "2026-01-02T03:04:05.678901Z",
        "revokedAt": "2026-01-02T04:04:05.678901Z",
        "source": "form 2",
        "history": [
            {"status": "REVOKED", "at": "2026-01-02T04:04:05.678901Z", "source": "form 2", "actor": "Ann"},
            {"status": "GRANTED", "at": "2026-01-02T03:04:05.678901Z", "source": "form 1", "actor": "Ann"},
        ],
    }


async def test_the_history_is_cut_to_the_first_and_partners_see_no_names(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, *(change(1, id, "news", ConsentStatus.GRANTED, id) for id in range(1, 4)))
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)], "first": 2}, kind=ViewerKind.PARTNER)
    history = answer.data["nodes"][0]["consents"][0]["history"]
    assert [(entry["source"], entry["actor"]) for entry in history] == [("form 3", "staff"), ("form 2", "staff")]
    refused = await gateway.ask(WHOLE, {"ids": [customer_id(1)], "first": 101})
    assert refused.codes == ["LIMIT_EXCEEDED"]


async def test_a_customer_without_consents_has_an_empty_list(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    answer = await gateway.ask(WHOLE, {"ids": ids})
    assert (answer.data, answer.errors) == ({"nodes": [{"consents": []}]}, [])


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    answer = await gateway.ask(WHOLE, {"ids": ids}, scopes=ALL_SCOPES - {"consents:read"})
    assert (answer.data, answer.codes) == ({"nodes": [{"consents": None}]}, ["FORBIDDEN"])
    assert answer.errors[0]["path"] == ["nodes", 0, "consents"]
    assert reads(answer) == {"CustomerById": 1}


async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 6))
    names = ("news", "calls")
    changes = (
        change(customer, 10 * customer + n, names[n % 2], ConsentStatus.GRANTED, n)
        for customer in range(1, 5)
        for n in range(4)
    )
    await add(gateway, *changes)
    for asked in (ids[:1], ids):
        answer = await gateway.ask(WHOLE, {"ids": asked})
        assert answer.errors == []
        with_some = min(len(asked), 4)
        assert reads(answer) == {
            "CustomerById": len(asked),
            "Consents": len(asked),
            # Of all consents of a customer at once.
            "ConsentHistories": with_some,
        }
        assert len(answer.extensions["profile"]["loaderBatches"]) == 3
    found = [[(each["name"], len(each["history"])) for each in node["consents"]] for node in answer.data["nodes"]]
    assert found == [[("calls", 2), ("news", 2)]] * 4 + [[]]


async def test_capitals_and_accents_do_not_change_the_order_of_names(gateway: Gateway) -> None:
    await people(gateway, 1)
    names = ("Zebra", "äpfel", "apes", "B")
    await add(gateway, *(change(1, id, name, ConsentStatus.GRANTED) for id, name in enumerate(names, start=1)))
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)]})
    assert [consent["name"] for consent in answer.data["nodes"][0]["consents"]] == ["apes", "äpfel", "B", "Zebra"]


PRESENT = """
query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer {
  consents { name status grantedAt revokedAt source }
} } }
"""


async def test_changes_that_are_written_in_any_order_lead_to_the_same_present_state(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 7))
    written = [
        change(0, 1, "news", ConsentStatus.GRANTED, 0),
        change(0, 2, "news", ConsentStatus.REVOKED, 1),
        # Of one microsecond: the later id is the newer one.
        change(0, 3, "news", ConsentStatus.REVOKED, 1),
    ]
    for customer, order in enumerate(permutations(written), start=1):
        for each in order:
            await add(gateway, change(customer, each.id, "news", each.status, (each.at - MADE_AT).seconds // 3600))
    for document in (PRESENT, PRESENT.replace("source }", "source history { at } }")):
        answer = await gateway.ask(document, {"ids": ids})
        for node in answer.data["nodes"]:
            for consent in node["consents"]:
                consent.pop("history", None)
        assert [node["consents"] for node in answer.data["nodes"]] == 6 * [
            [
                {
                    "name": "news",
                    "status": "REVOKED",
                    "grantedAt": "2026-01-02T03:04:05.678901Z",
                    "revokedAt": "2026-01-02T04:04:05.678901Z",
                    "source": "form 3",
                }
            ]
        ]


async def test_a_grant_that_the_history_no_longer_goes_back_to_is_still_said(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(
        gateway,
        change(1, 1, "news", ConsentStatus.GRANTED),
        *(change(1, id, "news", ConsentStatus.REVOKED, id) for id in range(2, 105)),
    )
    for first in (0, 1, 100):
        answer = await gateway.ask(WHOLE, {"ids": ids, "first": first})
        (consent,) = answer.data["nodes"][0]["consents"]
        assert (consent["grantedAt"], consent["revokedAt"]) == (
            "2026-01-02T03:04:05.678901Z",
            "2026-01-06T11:04:05.678901Z",
        )
        assert [entry["source"] for entry in consent["history"]] == [f"form {id}" for id in range(104, 104 - first, -1)]


async def test_a_load_keeps_what_its_changes_say_as_writes_do(gateway: Gateway) -> None:
    await people(gateway, 1)
    changes = [
        change(1, id, name, status, hours)
        for id, (name, status, hours) in enumerate(
            product(("news", "calls"), (ConsentStatus.REVOKED, ConsentStatus.GRANTED, ConsentStatus.REVOKED), (3, 1))
        )
    ]
    rows = [tuple(getattr(each, name) for name in COLUMNS) for each in changes]
    await add(gateway, *changes)
    async with gateway.store.write() as unit:
        kept = (await unit.session.exec(select(KeptConsent))).all()
    assert {tuple(getattr(each, name) for name in KEPT_COLUMNS) for each in kept} == set(kept_consents(rows))
