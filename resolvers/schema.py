"""The schema, put together."""

from collections.abc import Sequence

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.scalars import SCALARS
from resolvers.subscription import Subscription
from resolvers.types.event import EVENT_TYPES


def build_schema(extensions: Sequence[type[SchemaExtension]] = ()) -> strawberry.Schema:
    """The whole schema. Extensions are given as classes: instances would be shared between requests."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=EVENT_TYPES,
        extensions=list(extensions),
        config=StrawberryConfig(scalar_map=SCALARS),
    )
