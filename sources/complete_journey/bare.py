"""Bare households: what is stored of one when nothing is generated around it."""

from profiles.account import AttributeEntity
from profiles.customers import CustomerAttribute, CustomerSource, Identifier, IdentifierKind
from sources.rows import Clock, HouseholdFacts, ShapeRows, World
from sources.shape.units import TILLS


def bare_household(household: HouseholdFacts, world: World, clock: Clock) -> ShapeRows:
    """A customer without a name, known by the household's number, with the demographics that the account defines."""
    shape = ShapeRows()
    customer_id = household.customer_id
    shape.rows.add(
        Identifier,
        ("kind", "value", "customer_id"),
        [(IdentifierKind.EXTERNAL_ID, household.external_id, customer_id)],
    )
    shape.rows.add(
        CustomerSource,
        ("customer_id", "source_id"),
        [(customer_id, world.data_sources[TILLS])],
    )
    known = household.demographics._asdict() if household.demographics is not None else {}
    shape.rows.add(
        CustomerAttribute,
        ("customer_id", "attribute", "value"),
        [
            (customer_id, key, value)
            for key, value in known.items()
            if value is not None and (AttributeEntity.CUSTOMER, key) in world.account.attribute_by_key
        ],
    )
    return shape
