"""The field of sources: which systems know the customer."""

from collections.abc import Awaitable

import strawberry

from profiles.data_sources import DataSourceRow
from resolvers.about import About
from resolvers.context import Info
from resolvers.types.data_source import DataSource, shape_source


def sources(about: strawberry.Parent[About], info: Info) -> Awaitable[list[DataSource] | None]:
    return _shaped(info.context.loaders.sources_of.ask(about.customer_id, None))


async def _shaped(loading: Awaitable[tuple[DataSourceRow, ...]]) -> list[DataSource]:
    return [shape_source(row) for row in await loading]
