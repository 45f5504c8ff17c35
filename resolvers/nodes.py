"""Every node type and how one is fetched again: null for gone and for not yours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from profiles.viewer import Scope
from resolvers.about import about
from resolvers.context import Info
from resolvers.ids import GlobalId, as_numbers, decode, malformed
from resolvers.types.note import shape_note

Fetch = Callable[[Info, GlobalId], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Refetch:
    """The scope that the type needs, and how one is loaded (None: there is none)."""

    needs: Scope
    fetch: Fetch


async def _customer(info: Info, id: GlobalId) -> Any:
    (customer_id,) = as_numbers(id, 1)
    return about(customer_id) if await info.context.loaders.customer_by_id.ask(customer_id, None) else None


async def _note(info: Info, id: GlobalId) -> Any:
    customer_id, note_id = as_numbers(id, 2)
    row = await info.context.loaders.note_by_id.ask((customer_id, note_id), None)
    return shape_note(row, info.context.viewer) if row else None


# The type's name in the schema, as it stands in its ids.
NODES: dict[str, Refetch] = {
    "Customer": Refetch(Scope.PROFILE_READ, _customer),
    "Note": Refetch(Scope.NOTES_READ, _note),
}


async def refetch(info: Info, id: str) -> Any:
    """The node of a global id; None for gone and for not yours. Raises BadRequest for what is no id."""
    decoded = decode(id, ("id",))
    node = NODES.get(decoded.type)
    if node is None:
        raise malformed(("id",))
    info.context.viewer.require(node.needs, f"A {decoded.type}")
    return await node.fetch(info, decoded)
