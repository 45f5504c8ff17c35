"""Selection: which fields an operation names, as those are told who must know what was read."""

from gateway.app import the_schema
from gateway.documents import Documents
from gateway.limits import Limits

DOCUMENT = """
query Page($id: ID!, $all: Boolean!) {
  customer(by: {id: $id}) { ...Name email @include(if: $all) { value } }
  node(id: $id) { id ... on Note { body } }
}
query Other { __typename }
fragment Name on Customer { first: firstName ...Again notes { nodes { ...Again2 } } }
fragment Again on Customer { id }
fragment Again2 on Note { customer { ...Again } }
"""


def fields(name: str) -> frozenset[str]:
    schema = the_schema()
    document = Documents(schema, Limits()).prepare(DOCUMENT)
    assert document.errors == ()
    return document.fields(schema._schema, document.operation(name))


def test_every_field_is_named_by_its_type_through_fragments_and_whatever_the_directives_say() -> None:
    assert fields("Page") == {
        "Query.customer",
        "Query.node",
        "Node.id",
        "Note.body",
        "Customer.id",
        "Customer.firstName",
        "Customer.email",
        "Customer.notes",
        "EmailContact.value",
        "NoteConnection.nodes",
        "Note.customer",
    }


def test_another_operation_of_the_document_is_not_looked_at() -> None:
    assert fields("Other") == set()
