"""addNote, updateNote and deleteNote."""

import asyncio
from typing import Any

import pytest

from profiles.changes import Change
from profiles.customers import Customer
from profiles.keys import RepeatedCall
from profiles.notes import Note
from profiles.timeline import EventCategory, OutboxEntry, TimelineEvent
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Answer, Gateway
from tests.people import MADE_AT, count, customer_id, people, stored

ADD = """
mutation ($input: AddNoteInput!) {
  addNote(input: $input) {
    note { id body author createdAt updatedAt } customer { version notes { totalCount } } userErrors { field code }
  }
}
"""
UPDATE = """
mutation ($input: UpdateNoteInput!) {
  updateNote(input: $input) { note { id body createdAt updatedAt customer { version } } userErrors { field code } }
}
"""
DELETE = """
mutation ($input: DeleteNoteInput!) {
  deleteNote(input: $input) { deletedNoteId customer { version notes { totalCount } } userErrors { field code } }
}
"""
WRITTEN = (Note, Change, TimelineEvent, OutboxEntry, RepeatedCall)


async def add_note(gateway: Gateway, body: str, id: int = 1, **more: Any) -> Answer:
    return await gateway.ask(ADD, {"input": {"customerId": customer_id(id), "body": body, **more}})


def error(answer: Answer, payload: str) -> list[tuple[str, str]]:
    assert answer.errors == []
    return [(error["code"], ".".join(error["field"])) for error in answer.data[payload]["userErrors"]]


async def test_a_note_is_written_trimmed_with_its_history_and_one_event(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await add_note(gateway, "  Hällo Wörld \n")
    assert answer.errors == []
    payload = answer.data["addNote"]
    assert payload["userErrors"] == []
    assert payload["customer"] == {"version": 2, "notes": {"totalCount": 1}}
    (note,) = await stored(gateway, Note)
    assert payload["note"] == {
        "id": encode("Note", 1, note.id),
        "body": "Hällo Wörld",
        "author": "staff 1",
        "createdAt": note.created_at.isoformat().replace("+00:00", "Z"),
        "updatedAt": note.updated_at.isoformat().replace("+00:00", "Z"),
    }
    assert note.body_key == "hallo world"
    (change,) = await stored(gateway, Change)
    assert (change.field, change.before, change.after, change.actor) == ("notes", None, "Hällo Wörld", "staff 1")
    (event,) = await stored(gateway, TimelineEvent)
    assert (event.category, event.type, event.subject_id) == (EventCategory.NOTE, "note_added", note.id)
    # An event tells that there is a note, never what it says: the timeline is open to more people.
    assert "rld" not in str(event.model_dump())
    (customer,) = await stored(gateway, Customer, id=1)
    assert (customer.version, customer.generation, customer.activity_seq) == (2, 2, 1)
    assert customer.updated_at == note.created_at > MADE_AT
    assert await count(gateway, OutboxEntry) == 0


async def test_fifty_parallel_calls_with_one_client_mutation_id_have_one_effect_and_equal_answers(
    gateway: Gateway,
) -> None:
    await people(gateway, 1)
    answers = await asyncio.gather(*(add_note(gateway, "Once", clientMutationId="c-1") for _ in range(50)))
    assert [answer.errors for answer in answers] == [[]] * 50
    assert [answer.data for answer in answers] == [answers[0].data] * 50
    assert answers[0].data["addNote"]["userErrors"] == []
    assert [await count(gateway, table) for table in WRITTEN] == [1, 1, 1, 0, 1]
    (customer,) = await stored(gateway, Customer, id=1)
    assert (customer.version, customer.activity_seq) == (2, 1)


async def test_one_client_mutation_id_with_another_input_is_a_conflict(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add_note(gateway, "Once", clientMutationId="c-1")
    before = [await count(gateway, table) for table in WRITTEN]
    conflict = [("CONFLICT", "input.clientMutationId")]
    assert error(await add_note(gateway, "Twice", clientMutationId="c-1"), "addNote") == conflict
    assert error(await add_note(gateway, "Once", 2, clientMutationId="c-1"), "addNote") == conflict
    (note,) = await stored(gateway, Note)
    deleted = await gateway.ask(DELETE, {"input": {"noteId": encode("Note", 1, note.id), "clientMutationId": "c-1"}})
    assert error(deleted, "deleteNote") == conflict
    assert [await count(gateway, table) for table in WRITTEN] == before


async def test_two_keys_may_use_the_same_client_mutation_id(gateway: Gateway) -> None:
    await people(gateway, 1)
    for scopes in (ALL_SCOPES, ALL_SCOPES - {"debug"}):
        input = {"customerId": customer_id(1), "body": "Each", "clientMutationId": "same"}
        answer = await gateway.ask(ADD, {"input": input}, scopes=scopes)
        assert error(answer, "addNote") == []
    assert await count(gateway, Note) == 2


async def test_a_refused_call_may_be_corrected_under_the_same_client_mutation_id(gateway: Gateway) -> None:
    await people(gateway, 1)
    assert error(await add_note(gateway, " ", clientMutationId="c-1"), "addNote") == [("REQUIRED", "input.body")]
    assert [await count(gateway, table) for table in WRITTEN] == [0] * 5
    assert error(await add_note(gateway, "Now", clientMutationId="c-1"), "addNote") == []


@pytest.mark.parametrize("id", ["", "x" * 201, "a\x00b"])
async def test_a_client_mutation_id_has_1_to_200_characters(gateway: Gateway, id: str) -> None:
    await people(gateway, 1)
    answer = await add_note(gateway, "Once", clientMutationId=id)
    assert (answer.data, answer.codes) == ({"addNote": None}, ["BAD_REQUEST"])
    assert [await count(gateway, table) for table in WRITTEN] == [0] * 5


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "REQUIRED"), (" \n\t ", "REQUIRED"), ("x" * 10_001, "INVALID"), ("a\x00b", "INVALID")],
)
async def test_a_text_that_cannot_be_a_note_is_refused_and_nothing_is_written(
    gateway: Gateway, body: str, code: str
) -> None:
    await people(gateway, 1)
    assert error(await add_note(gateway, body), "addNote") == [(code, "input.body")]
    assert [await count(gateway, table) for table in WRITTEN] == [0] * 5


async def test_the_longest_note_of_any_script_is_stored_whole(gateway: Gateway) -> None:
    await people(gateway, 1)
    body = "𠀀\n" * 4_999 + "ok"
    answer = await add_note(gateway, body)
    assert answer.data["addNote"]["note"]["body"] == body


async def test_a_note_about_nobody_is_not_found(gateway: Gateway) -> None:
    await people(gateway, 1, erased_at=MADE_AT)
    for id in (1, 2):
        assert error(await add_note(gateway, "Hello", id), "addNote") == [("NOT_FOUND", "input.customerId")]
    assert [await count(gateway, table) for table in WRITTEN] == [0] * 5


async def test_changing_a_note_keeps_the_old_text_in_the_history(gateway: Gateway) -> None:
    await people(gateway, 1)
    note = (await add_note(gateway, "First")).data["addNote"]["note"]
    answer = await gateway.ask(UPDATE, {"input": {"noteId": note["id"], "body": " Sécond "}})
    payload = answer.data["updateNote"]
    assert (answer.errors, payload["userErrors"]) == ([], [])
    assert (payload["note"]["body"], payload["note"]["customer"]) == ("Sécond", {"version": 3})
    assert payload["note"]["createdAt"] == note["createdAt"] < payload["note"]["updatedAt"]
    changes = await stored(gateway, Change)
    assert [(change.before, change.after) for change in changes] == [(None, "First"), ("First", "Sécond")]
    assert [event.type for event in await stored(gateway, TimelineEvent)] == ["note_added", "note_changed"]
    (row,) = await stored(gateway, Note)
    assert row.body_key == "second"


async def test_the_same_text_again_changes_nothing(gateway: Gateway) -> None:
    await people(gateway, 1)
    note = (await add_note(gateway, "First")).data["addNote"]["note"]
    before = [await count(gateway, table) for table in WRITTEN]
    answer = await gateway.ask(UPDATE, {"input": {"noteId": note["id"], "body": "First "}})
    assert error(answer, "updateNote") == [("UNCHANGED", "input.body")]
    assert [await count(gateway, table) for table in WRITTEN] == before


async def test_deleting_a_note_removes_it_and_a_second_time_it_is_not_found(gateway: Gateway) -> None:
    await people(gateway, 1)
    id = (await add_note(gateway, "First")).data["addNote"]["note"]["id"]
    answer = await gateway.ask(DELETE, {"input": {"noteId": id}})
    assert answer.errors == []
    assert answer.data["deleteNote"] == {
        "deletedNoteId": id,
        "customer": {"version": 3, "notes": {"totalCount": 0}},
        "userErrors": [],
    }
    assert await count(gateway, Note) == 0
    again = await gateway.ask(DELETE, {"input": {"noteId": id}})
    assert error(again, "deleteNote") == [("NOT_FOUND", "input.noteId")]
    assert again.data["deleteNote"]["deletedNoteId"] is None
    changed = await gateway.ask(UPDATE, {"input": {"noteId": id, "body": "Back"}})
    assert error(changed, "updateNote") == [("NOT_FOUND", "input.noteId")]


async def test_a_note_of_another_customer_is_not_found_under_this_one(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add_note(gateway, "First")
    (note,) = await stored(gateway, Note)
    answer = await gateway.ask(DELETE, {"input": {"noteId": encode("Note", 2, note.id)}})
    assert error(answer, "deleteNote") == [("NOT_FOUND", "input.noteId")]
    assert await count(gateway, Note) == 1


@pytest.mark.parametrize("id", ["", "nonsense", encode("Customer", 1), encode("Note", 1), encode("Note", 1, "x")])
async def test_an_id_that_is_no_notes_id_is_a_bad_request(gateway: Gateway, id: str) -> None:
    answer = await gateway.ask(DELETE, {"input": {"noteId": id}})
    assert (answer.data, answer.codes) == ({"deleteNote": None}, ["BAD_REQUEST"])
    assert answer.errors[0]["extensions"]["field"] == ["input", "noteId"]


async def test_each_of_them_needs_notes_write_and_writes_nothing_without(gateway: Gateway) -> None:
    await people(gateway, 1)
    id = (await add_note(gateway, "First")).data["addNote"]["note"]["id"]
    before = [await count(gateway, table) for table in WRITTEN]
    asked = {
        ADD: {"customerId": customer_id(1), "body": "Second"},
        UPDATE: {"noteId": id, "body": "Second"},
        DELETE: {"noteId": id},
    }
    for query, input in asked.items():
        answer = await gateway.ask(query, {"input": input}, scopes=ALL_SCOPES - {"notes:write"})
        assert (list(answer.data.values()), answer.codes) == ([None], ["FORBIDDEN"])
        assert answer.extensions["profile"]["sqlStatements"] == 0
    assert [await count(gateway, table) for table in WRITTEN] == before


async def test_mutations_of_one_document_run_one_after_another_each_with_fresh_data(gateway: Gateway) -> None:
    await people(gateway, 1)
    query = """
    mutation ($id: ID!) {
      a: addNote(input: { customerId: $id, body: "a" }) { customer { version notes { nodes { body } } } }
      b: addNote(input: { customerId: $id, body: "b" }) { customer { version notes { nodes { body } } } }
    }
    """
    answer = await gateway.ask(query, {"id": customer_id(1)})
    assert answer.errors == []
    assert answer.data == {
        "a": {"customer": {"version": 2, "notes": {"nodes": [{"body": "a"}]}}},
        "b": {"customer": {"version": 3, "notes": {"nodes": [{"body": "b"}, {"body": "a"}]}}},
    }


async def test_fifty_parallel_notes_are_numbered_without_gaps(gateway: Gateway) -> None:
    await people(gateway, 1)
    answers = await asyncio.gather(*(add_note(gateway, f"note {n}") for n in range(50)))
    assert [error(answer, "addNote") for answer in answers] == [[]] * 50
    events = await stored(gateway, TimelineEvent)
    assert sorted(event.activity_seq for event in events) == list(range(1, 51))
    (customer,) = await stored(gateway, Customer, id=1)
    assert (customer.version, customer.activity_seq) == (51, 50)
