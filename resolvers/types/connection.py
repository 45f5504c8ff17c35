"""Connections: pages of lists that can grow, by the Relay cursor specification, plus `nodes`."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import strawberry

from profiles.storage.pages import Page

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follow after `endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether this page began after a cursor.")
    start_cursor: str | None = strawberry.field(description="The first row's cursor; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The last row's cursor: pass it as `after`.")


@strawberry.type(description="A row of a page, with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Where this row stands: pass it as `after` to read on behind it.")
    node: T = strawberry.field(description="The row.")


@strawberry.type(
    description="A page of a list. `nodes`, `edges` and `pageInfo` share one read, `totalCount` is a read of its own; "
    "what is not asked for is not read."
)
class Connection(Generic[T]):
    load_page: strawberry.Private[Callable[[], Awaitable[Page[Any]]]]
    load_count: strawberry.Private[Callable[[], Awaitable[int]]]
    shape: strawberry.Private[Callable[[Any], Any]]

    @strawberry.field(description="The rows of the page, each with its cursor.")
    async def edges(self) -> list[Edge[T]]:
        page = await self.load_page()
        return [Edge(cursor=row.position.cursor(), node=self.shape(row)) for row in page.rows]

    @strawberry.field(description="The rows of the page.")
    async def nodes(self) -> list[T]:
        return [self.shape(row) for row in (await self.load_page()).rows]

    @strawberry.field(description="Where the page stands in its list.")
    async def page_info(self) -> PageInfo:
        return page_info(await self.load_page())

    @strawberry.field(description="How many there are in the whole list; counted only when asked for.")
    async def total_count(self) -> int | None:
        return await self.load_count()


def page_info(page: Page[Any]) -> PageInfo:
    """Where a page stands, from its rows' positions."""
    rows = page.rows
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=rows[0].position.cursor() if rows else None,
        end_cursor=rows[-1].position.cursor() if rows else None,
    )
