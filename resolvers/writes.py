"""How every mutation runs: one unit of work, refusals as userErrors, and one effect for a repeated call."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from enum import Enum
from typing import Any

import strawberry

from profiles.errors import BadRequest, Overtaken, Refusals, WriteRefused
from profiles.repeats import digest_of, earlier_outcome, keep_outcome
from profiles.storage.unit import Unit
from resolvers.context import Info

Outcome = dict[str, Any]
ATTEMPTS = 5


def repeat_key() -> Any:
    """The field `client_mutation_id` of an input: every mutation takes one, and `run_once` honours it."""
    return strawberry.field(
        default=None, description="A call repeated with it has one effect and the first call's answer (24 hours)."
    )


@strawberry.enum(description="Why a write was refused.")
class UserErrorCode(Enum):
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="It does not exist, or is not yours.")
    INVALID = strawberry.enum_value("INVALID", description="The value cannot be stored.")
    REQUIRED = strawberry.enum_value("REQUIRED", description="A value is missing.")
    TAKEN = strawberry.enum_value("TAKEN", description="The identifier belongs to another profile.")
    STALE_VERSION = strawberry.enum_value("STALE_VERSION", description="Somebody changed the profile meanwhile.")
    TOO_MANY = strawberry.enum_value("TOO_MANY", description="More items than one call may carry.")
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="The scope for this value is missing.")
    UNCHANGED = strawberry.enum_value("UNCHANGED", description="There is nothing to change.")
    CONFLICT = strawberry.enum_value("CONFLICT", description="The clientMutationId was used with another input.")


@strawberry.type(description="Why a write was refused; nothing was written.")
class UserError:
    message: str = strawberry.field(description="For a person.")
    field: list[str] | None = strawberry.field(description="The path of the input that caused it.")
    code: UserErrorCode = strawberry.field(description="For a machine.")


async def run_once(
    info: Info, action: str, asked: Any, act: Callable[[Unit], Awaitable[Outcome]]
) -> tuple[Outcome, list[UserError]]:
    """Runs a business action in a unit of work.

    `act` returns what the payload is made of, as plain JSON values (ids, counts), so that a repeated call can answer
    the same. A refusal rolls everything back and comes as userErrors with an empty outcome. One that was overtaken by
    another write is run anew, a few times.
    """
    context = info.context
    try:
        outcome = await _attempted(info, action, asked, act)
    except WriteRefused as refusal:
        return {}, user_errors(refusal)
    finally:
        context.renew()
    return outcome, []


async def _attempted(info: Info, action: str, asked: Any, act: Callable[[Unit], Awaitable[Outcome]]) -> Outcome:
    client_mutation_id = asked.client_mutation_id
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with info.context.store.write() as unit:
                return await _first_or_repeated(info, unit, action, asked, client_mutation_id, act)
        except Overtaken:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returned or raised")


async def _first_or_repeated(
    info: Info,
    unit: Unit,
    action: str,
    asked: Any,
    client_mutation_id: str | None,
    act: Callable[[Unit], Awaitable[Outcome]],
) -> Outcome:
    if client_mutation_id is None:
        return await act(unit)
    if not 0 < len(client_mutation_id) <= 200 or "\x00" in client_mutation_id:
        raise BadRequest("clientMutationId has 1 to 200 characters, none of them NUL.", ("input", "clientMutationId"))
    context = info.context
    digest = digest_of(action, asdict(asked))
    earlier = await earlier_outcome(unit, context.viewer, client_mutation_id, digest, context.now)
    if earlier is not None:
        return earlier
    outcome = await act(unit)
    await keep_outcome(unit, context.viewer, client_mutation_id, outcome)
    return outcome


def user_errors(refusal: WriteRefused) -> list[UserError]:
    """A refusal, or each one of several, as the schema shows it."""
    return [_user_error(each) for each in (refusal.refusals if isinstance(refusal, Refusals) else (refusal,))]


def _user_error(refusal: WriteRefused) -> UserError:
    path = ["input", *refusal.field] if refusal.field else None
    return UserError(message=refusal.message, field=path, code=UserErrorCode[refusal.code])
