"""Node: everything with a global id; our own interface, because a bad id must not show library text."""

import strawberry

OPAQUE = "Opaque and stable; says nothing to a client."


@strawberry.interface(description="Something with a global id, by which `node` fetches it again.")
class Node:
    id: strawberry.ID = strawberry.field(description=OPAQUE)
