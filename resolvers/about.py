"""What a panel function knows of its customer: the id, and nothing else."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import strawberry

if TYPE_CHECKING:
    from resolvers.customer import Customer

AboutCustomer = Annotated["Customer", strawberry.lazy("resolvers.customer")]
"""The type of a field in which a customer stands inside another type: what `about()` gives."""


class About(Protocol):
    """Whom a panel is about."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class Person:
    """The value behind the type Customer: just the id; every field loads what it shows."""

    customer_id: int


def about(customer_id: int) -> Any:
    """A customer to return from a resolver. (Any: the type Customer itself names every panel, so importing it from a
    panel's noun would be a circle.)"""
    return Person(customer_id)
