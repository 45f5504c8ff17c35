"""Writing, changing and deleting notes."""

from typing import Any

import strawberry

from profiles import notes
from profiles.storage.unit import Unit
from resolvers.about import AboutCustomer, about
from resolvers.arguments import Input
from resolvers.context import Info
from resolvers.ids import encode, number, numbers
from resolvers.types.note import Note
from resolvers.writes import Outcome, UserError, repeat_key, run_once


@strawberry.input(description="A note to write.")
class AddNoteInput:
    customer_id: strawberry.ID = strawberry.field(description="Whom it is about.")
    body: str = strawberry.field(description="The text, 1 to 10,000 characters; surrounding blanks are removed.")
    client_mutation_id: str | None = repeat_key()


@strawberry.type(description="What came of writing a note.")
class AddNotePayload:
    note: Note | None = strawberry.field(description="The note; null when refused.")
    customer: AboutCustomer | None = strawberry.field(description="The fresh customer; null when refused.")
    user_errors: list[UserError] = strawberry.field(description="Empty when all went well.")


@strawberry.input(description="A note's new text.")
class UpdateNoteInput:
    note_id: strawberry.ID = strawberry.field(description="Which note.")
    body: str = strawberry.field(description="The text, 1 to 10,000 characters; surrounding blanks are removed.")
    client_mutation_id: str | None = repeat_key()


@strawberry.type(description="What came of changing a note.")
class UpdateNotePayload:
    note: Note | None = strawberry.field(description="The note; null when refused.")
    user_errors: list[UserError] = strawberry.field(description="Empty when all went well.")


@strawberry.input(description="A note to delete.")
class DeleteNoteInput:
    note_id: strawberry.ID = strawberry.field(description="Which note.")
    client_mutation_id: str | None = repeat_key()


@strawberry.type(description="What came of deleting a note.")
class DeleteNotePayload:
    deleted_note_id: strawberry.ID | None = strawberry.field(description="The note's id; null when refused.")
    customer: AboutCustomer | None = strawberry.field(description="The fresh customer; null when refused.")
    user_errors: list[UserError] = strawberry.field(description="Empty when all went well.")


async def add_note(info: Info, input: Input[AddNoteInput]) -> AddNotePayload | None:
    context = info.context
    customer_id = number(input.customer_id, "Customer", ("input", "customerId"))

    async def act(unit: Unit) -> Outcome:
        note = await notes.add_note(unit, context.viewer, customer_id, input.body, context.now)
        return {"customer": customer_id, "note": note.id}

    outcome, errors = await run_once(info, "addNote", input, act)
    return AddNotePayload(
        note=await _note(info, outcome), customer=about(customer_id) if outcome else None, user_errors=errors
    )


async def update_note(info: Info, input: Input[UpdateNoteInput]) -> UpdateNotePayload | None:
    context = info.context
    customer_id, note_id = numbers(input.note_id, "Note", 2, ("input", "noteId"))

    async def act(unit: Unit) -> Outcome:
        await notes.update_note(unit, context.viewer, customer_id, note_id, input.body, context.now)
        return {"customer": customer_id, "note": note_id}

    outcome, errors = await run_once(info, "updateNote", input, act)
    return UpdateNotePayload(note=await _note(info, outcome), user_errors=errors)


async def delete_note(info: Info, input: Input[DeleteNoteInput]) -> DeleteNotePayload | None:
    context = info.context
    customer_id, note_id = numbers(input.note_id, "Note", 2, ("input", "noteId"))

    async def act(unit: Unit) -> Outcome:
        await notes.delete_note(unit, context.viewer, customer_id, note_id, context.now)
        return {"customer": customer_id, "note": note_id}

    outcome, errors = await run_once(info, "deleteNote", input, act)
    if not outcome:
        return DeleteNotePayload(deleted_note_id=None, customer=None, user_errors=errors)
    return DeleteNotePayload(
        deleted_note_id=strawberry.ID(encode("Note", customer_id, note_id)),
        customer=about(customer_id),
        user_errors=errors,
    )


async def _note(info: Info, outcome: Outcome) -> Any:
    if not outcome:
        return None
    return await info.context.loaders.note_by_id.ask((outcome["customer"], outcome["note"]), None)
