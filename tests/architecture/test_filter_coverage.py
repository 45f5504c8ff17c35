"""The filter covers every scalar of the profile: what a customer shows once can be looked for (ruling row 13)."""

from collections.abc import Iterator

from graphql import GraphQLInputObjectType, GraphQLObjectType, get_nullable_type, is_leaf_type

from resolvers.schema import build_schema

SCHEMA = build_schema()._schema
VALUES = {"Money"}
"""Objects that are one value: a filter compares them as one."""

ELSEWHERE = {
    "name": "firstName",
    "email.value": "email",
    "email.warning": "emailWarning",
    "phone.value": "phone",
    "phone.formatted": "phone",
    "phone.type": "phoneType",
    "phone.warning": "phoneWarning",
    "metrics.daysSinceFirstReceipt": "firstReceiptAt",
    "metrics.daysSinceLastReceipt": "lastReceiptAt",
    "metrics.daysSinceFirstOrder": "firstOrderAt",
    "metrics.daysSinceLastOrder": "lastOrderAt",
    "metrics.daysSinceRegistration": "registeredAt",
    "metrics.lastOrderValue.amount": "lastOrderValue",
    "metrics.totalSpent.net": "totalSpent",
    "metrics.totalSpent.ordersTotal": "orderTotal",
    "metrics.totalSpent.orderCount": "orderCount",
    "metrics.totalSpent.returnCount": "returnCount",
    "rfm.segment": "rfmSegment",
    "rfm.recency": "rfmRecency",
    "rfm.frequency": "rfmFrequency",
    "rfm.monetary": "rfmMonetary",
    "lifecycle.stage": "lifecycleStage",
    "loyalty.accrued": "accruedBonuses",
    "loyalty.active": "activeBonuses",
    "loyalty.pendingActivation": "bonusesPendingActivation",
    "loyalty.pendingDeactivation": "bonusesPendingDeactivation",
    "loyalty.nextDeactivationAt": "nextBonusDeactivationAt",
    "cart.status": "cartStatus",
}
"""What has another name in the filter: the same value in another form, or the moment that days are counted from."""

EXCEPTIONS = {
    "id": "opens one profile: `customer(by: {id})`",
    "version": "is for those who write the profile, and says nothing about the customer",
    "cart.total": "is in no filter of the contract; whose cart waits is `cartStatus`",
    "cart.updatedAt": "is what `cartStatus` follows from",
    "wishlist.total": "is in no filter of the contract; who has one is `hasWishlist`",
    "loyalty.nextDeactivationAmount": "is in no filter of the contract; when it is, is `nextBonusDeactivationAt`",
    "metrics.firstVisitAt": "is in no filter of the contract; who visited at all is `visitCount`, lately `lastVisitAt`",
    "metrics.lastOrderValue.basis": "is the account's setting, the same for everybody",
    "metrics.totalSpent.returnsTotal": "follows from `orderTotal` and `totalSpent`; if there are any: `returnCount`",
}
"""What the filter does not cover, and why."""


def scalars(type: GraphQLObjectType, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every leaf that a customer has at most once, by its path; lists and lists by pages have rows of their own."""
    for name, field in type.fields.items():
        shown = get_nullable_type(field.type)
        if is_leaf_type(shown) or getattr(shown, "name", None) in VALUES:
            yield ".".join((*path, name))
        elif isinstance(shown, GraphQLObjectType) and not is_of_rows(shown):
            yield from scalars(shown, (*path, name))


def is_of_rows(type: GraphQLObjectType) -> bool:
    """Whether it is a page of a list, or a row that has an id of its own."""
    return "pageInfo" in type.fields or any(interface.name == "Node" for interface in type.interfaces)


def own(kind: str) -> dict[str, object]:
    type = SCHEMA.type_map[kind]
    assert isinstance(type, GraphQLObjectType | GraphQLInputObjectType)
    return dict(type.fields)


def profile() -> set[str]:
    customer = SCHEMA.type_map["Customer"]
    assert isinstance(customer, GraphQLObjectType)
    return set(scalars(customer))


def test_every_scalar_of_the_profile_is_in_the_filter_or_named_with_a_reason() -> None:
    fields = own("CustomerFilter")
    uncovered = {
        path
        for path in profile()
        if path not in EXCEPTIONS and ELSEWHERE.get(path, path.rpartition(".")[2]) not in fields
    }
    assert uncovered == set()


def test_the_lists_name_only_what_is_there() -> None:
    assert EXCEPTIONS.keys() <= profile()
    assert ELSEWHERE.keys() <= profile()
    assert set(ELSEWHERE.values()) <= own("CustomerFilter").keys()
    assert not EXCEPTIONS.keys() & ELSEWHERE.keys()
    assert all(EXCEPTIONS.values())


def test_the_walk_sees_the_profile() -> None:
    assert {"externalId", "birthDate", "email.warning", "metrics.receiptTotal", "metrics.totalSpent.net"} <= profile()
    assert not any(path.startswith(("receipts", "tags", "timeline")) for path in profile())
