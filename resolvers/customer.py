"""The customer: the table of contents of the whole product."""

from datetime import date, datetime
from typing import Any

import strawberry

from profiles.customers import Gender
from profiles.viewer import Scope
from resolvers import consents, mailings, notes, promo_codes
from resolvers.about import Person
from resolvers.guard import panel
from resolvers.identity import stated
from resolvers.ids import encode
from resolvers.types.node import Node


@strawberry.type(description="One person, and everything we know about them, panel by panel.")
class Customer(Node):
    customer_id: strawberry.Private[int]

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, Person)

    @strawberry.field(description="Opaque and stable.")
    def id(about: strawberry.Parent[Person]) -> strawberry.ID:  # noqa: N805 - strawberry's way to name the source
        return strawberry.ID(encode("Customer", about.customer_id))

    external_id: str | None = stated(
        lambda row: row.external_id, str | None, needs=Scope.PROFILE_READ, description="The id in the source system."
    )
    first_name: str | None = stated(
        lambda row: row.first_name, str | None, needs=Scope.PERSONAL_READ, description="First name."
    )
    created_at: datetime | None = stated(
        lambda row: row.created_at, datetime | None, needs=Scope.PROFILE_READ, description="When the profile was made."
    )

    notes = panel(notes.panel, needs=Scope.NOTES_READ, description="What staff wrote about them, newest first.")
    mailings = panel(
        mailings.panel,
        needs=Scope.MAILINGS_READ,
        description="The mailings they took part in, also as control group, newest first.",
    )
    promo_codes = panel(
        promo_codes.panel, needs=Scope.PROMO_CODES_READ, description="The promo codes issued to them, newest first."
    )
    consents = panel(
        consents.panel, needs=Scope.CONSENTS_READ, description="What they allowed and took back, by name."
    )
