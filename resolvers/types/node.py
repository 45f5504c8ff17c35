"""Node: everything with a global id; our own interface, because a bad id must not show library text."""

import strawberry


@strawberry.interface(description="Something with a global id, by which `node` fetches it again.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque and stable; says nothing to a client.")
