"""Connections: pages of lists that can grow, by the Relay cursor specification, plus `nodes`."""

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any, Generic, TypeVar

import strawberry

from executor.promises import Each, Later
from loaders.base import Loader
from profiles.listing import WHOLE_LIST, ListPage, name_place
from profiles.storage.pages import Page, checked_first
from resolvers.about import About
from resolvers.rows import promised

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
    # Whose list it is, who reads a page of it and who counts it, and which page. `node` takes the node out of a row;
    # None where the row is the node.
    owner: strawberry.Private[Any]
    pages: strawberry.Private[Loader[Any, Any, Page[Any]]]
    asked: strawberry.Private[Any]
    counts: strawberry.Private[Loader[Any, Any, int]]
    counted: strawberry.Private[Any]
    node: strawberry.Private[Callable[[Any], Any] | None] = None

    @strawberry.field(description="The rows of the page, each with its cursor.")
    @promised
    def edges(self) -> Awaitable[list[Edge[T]]]:
        return Later(self._page(), self._edges)

    @strawberry.field(description="The rows of the page.")
    @promised
    def nodes(self) -> Awaitable[list[T]]:
        return Later(self._page(), _rows if self.node is None else self._nodes)

    @strawberry.field(description="Where the page stands in its list.")
    @promised
    def page_info(self) -> Awaitable[PageInfo]:
        return Later(self._page(), page_info)

    @strawberry.field(description="How many there are in the whole list; counted only when asked for.")
    @promised
    def total_count(self) -> Awaitable[int | None]:
        return self.counts.ask(self.owner, self.counted)

    def _page(self) -> Awaitable[Page[Any]]:
        return self.pages.ask(self.owner, self.asked)

    def _nodes(self, page: Page[Any]) -> Any:
        return page.rows if self.node is None else [self.node(row) for row in page.rows]

    def _edges(self, page: Page[Any]) -> list[Edge[T]]:
        nodes = self._nodes(page)
        return [Edge(cursor=row.position.cursor(), node=node) for row, node in zip(page.rows, nodes, strict=True)]


_rows = attrgetter("rows")


def of_customer(
    pages: Loader[int, Any, Page[Any]],
    asked: Any,
    counts: Loader[int, Any, int],
    counted: Any,
    node: Callable[[Any], Any] | None = None,
) -> Each[Connection[Any]]:
    """The lists of customers, one each: which loader reads and which counts them, with which arguments."""

    def of(about: About) -> Connection[Any]:
        return Connection(owner=about.customer_id, pages=pages, asked=asked, counts=counts, counted=counted, node=node)

    return of


def named_list(
    pages: Loader[int, ListPage, Page[Any]],
    counts: Loader[int, str | None, int],
    search: str | None,
    first: int,
    after: str | None,
    shape: Callable[[Any], Any] | None = None,
) -> Connection[Any]:
    """A page of everything of a kind, by name; `shape` makes a node of a row, None where the row is the node.

    Raises LimitExceeded, BadCursor.
    """
    page = ListPage(search or None, checked_first(first), name_place(after))

    def node(listed: Any) -> Any:
        return listed.row if shape is None else shape(listed.row)

    return Connection(owner=WHOLE_LIST, pages=pages, asked=page, counts=counts, counted=page.search, node=node)


def page_info(page: Page[Any]) -> PageInfo:
    """Where a page stands, from its rows' positions."""
    rows = page.rows
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=rows[0].position.cursor() if rows else None,
        end_cursor=rows[-1].position.cursor() if rows else None,
    )
