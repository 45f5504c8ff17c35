"""Granting and revoking consents."""

from typing import Any

import strawberry

from profiles.consents import ConsentStatus, change_consent
from profiles.storage.unit import Unit
from resolvers.about import AboutCustomer, about
from resolvers.arguments import Input
from resolvers.context import Info
from resolvers.ids import number
from resolvers.types.consent import Consent
from resolvers.writes import Outcome, UserError, repeat_key, run_once


@strawberry.input(description="A consent to grant or revoke.")
class ChangeConsentInput:
    customer_id: strawberry.ID = strawberry.field(description="Whose consent.")
    name: str = strawberry.field(description="The consent's name, one of `Account.consents`.")
    source: str = strawberry.field(description="Where the customer said so, 1 to 200 characters.")
    client_mutation_id: str | None = repeat_key()


@strawberry.type(description="What came of changing a consent.")
class ChangeConsentPayload:
    consent: Consent | None = strawberry.field(description="The fresh consent; null when refused.")
    customer: AboutCustomer | None = strawberry.field(description="The fresh customer; null when refused.")
    user_errors: list[UserError] = strawberry.field(description="Empty when all went well.")


async def grant(info: Info, input: Input[ChangeConsentInput]) -> ChangeConsentPayload | None:
    return await _change(info, "grantConsent", input, ConsentStatus.GRANTED)


async def revoke(info: Info, input: Input[ChangeConsentInput]) -> ChangeConsentPayload | None:
    return await _change(info, "revokeConsent", input, ConsentStatus.REVOKED)


async def _change(info: Info, action: str, input: ChangeConsentInput, status: ConsentStatus) -> ChangeConsentPayload:
    context = info.context
    customer_id = number(input.customer_id, "Customer", ("input", "customerId"))

    async def act(unit: Unit) -> Outcome:
        await change_consent(
            unit, context.viewer, context.account, customer_id, input.name, status, input.source, context.now
        )
        return {"customer": customer_id, "name": input.name}

    outcome, errors = await run_once(info, action, input, act)
    if not outcome:
        return ChangeConsentPayload(consent=None, customer=None, user_errors=errors)
    states = await context.loaders.consents.ask(customer_id, None)
    consent: Any = next((state for state in states if state.name == outcome["name"]), None)
    return ChangeConsentPayload(consent=consent, customer=about(customer_id), user_errors=errors)
