"""The field of kind: a contact has never purchased, a customer has."""

from profiles.metrics import CustomerMetrics
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import add, people

KIND = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { kind } } }"


async def test_who_has_a_purchase_is_a_customer(gateway: Gateway) -> None:
    ids = await people(gateway, 1, 2, 3, 4)
    await add(
        gateway,
        CustomerMetrics(customer_id=1, purchase_count=1),
        CustomerMetrics(customer_id=2, purchase_count=0, visit_count=9),
        # All orders were cancelled: they are counted nowhere.
        CustomerMetrics(customer_id=3),
    )
    answer = await gateway.ask(KIND, {"ids": ids})
    assert answer.errors == []
    assert [node["kind"] for node in answer.data["nodes"]] == ["CUSTOMER", "CONTACT", "CONTACT", "CONTACT"]
    assert reads(answer) == {"CustomerById": 4, "MetricsOf": 4}


async def test_it_is_read_with_the_metrics_and_needs_no_scope_of_theirs(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(gateway, CustomerMetrics(customer_id=1, purchase_count=1))
    both = await gateway.ask(KIND.replace("kind", "kind metrics { visitCount }"), {"ids": ids})
    assert reads(both) == {"CustomerById": 1, "MetricsOf": 1}
    alone = await gateway.ask(KIND, {"ids": ids}, scopes=["profile:read"])
    assert (alone.data, alone.errors) == ({"nodes": [{"kind": "CUSTOMER"}]}, [])
