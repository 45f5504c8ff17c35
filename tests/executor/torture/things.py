"""Things: interfaces that implement interfaces, unions, generics, casts and recursion; and the schema over all."""

import asyncio
from collections.abc import AsyncGenerator
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.schema.config import StrawberryConfig

from executor.promises import Hoped, decided_by, infoless
from tests.executor.torture.leaves import Leaved
from tests.executor.torture.promises import Promising
from tests.executor.torture.told import Told
from tests.executor.torture.values import ODD, SEEN, Color, Odd, Refusal, Row, part, slowly, soon, stream

T = TypeVar("T")


@strawberry.interface
class Thing(Promising, Told, Leaved):
    id: strawberry.ID
    size: int | None = None

    @strawberry.field
    def me(self) -> "Thing":
        return self

    @strawberry.field
    async def me_later(self) -> "Thing":
        return await slowly(self)

    @strawberry.field
    async def seen_by_children(self, who: str = "child") -> "Thing":
        await slowly(None)
        SEEN.set(who)
        return self

    @strawberry.field
    def nobody_else(self) -> "Thing | None":
        return None

    @strawberry.field
    def box(self) -> "Box":
        return Box(id="b", name=f"box of {self.name}", size=4)

    @strawberry.field
    def leaf(self) -> "Leaf | None":
        return Leaf(id=1, name="leaf")

    @strawberry.field
    def things(self) -> list["Thing"]:
        return [some_box(1), some_leaf(2), some_box(3)]

    @strawberry.field
    async def things_later(self) -> list["Thing | None"]:
        return await slowly((some_box(1), None, slowly(some_leaf(2)), soon(some_leaf(3))))

    @strawberry.field
    def sized(self) -> list["Sized"] | None:
        return iter([some_box(1), slowly(some_box(2), 2)])

    @strawberry.field
    def any(self) -> "Whatever":
        return Bare(text=f"bare {self.name}")

    @strawberry.field
    async def anys(self) -> list["Whatever"]:
        return [some_leaf(1), Bare(text="t"), await slowly(some_box(2)), Bare(text="u"), Page(items=[1], matrix=[])]

    @strawberry.field
    def page(self) -> "Page[Box]":
        return Page(items=[some_box(1)], first=some_box(2), matrix=[[some_box(3), None], []])

    @strawberry.field
    def colors(self) -> "Page[Color]":
        return Page(items=[Color.RED, Color.GREEN], matrix=[[Color.GREEN, None]])

    @strawberry.field
    def cast(self) -> "Whatever":
        return strawberry.cast(Bare, Row(text="cast", id=1, name="n", size=3))

    @strawberry.field
    def casts(self) -> list["Thing"]:
        rows = [Row(id=9, name="row", size=1), Row(id=8, name="other", size=2)]
        return [strawberry.cast(Leaf, rows[0]), strawberry.cast(Checked, rows[1])]

    @strawberry.field
    def checked(self) -> "Checked":
        return Row(id=1, name="checked")

    @strawberry.field
    def placed(self) -> list["Placed"]:
        return [Somewhere(name="a"), Somewhere(name="b")]

    @strawberry.field
    def lots(self, numbers: list[int] = strawberry.UNSET) -> list["Lot | None"]:
        chosen = [1, 2, 3, 4] if numbers is strawberry.UNSET else numbers
        return [Drawn(number % 2, f"lot {number}") if number else None for number in chosen[:6]]

    @strawberry.field
    def hoped(self, key: str = "somebody", is_there: bool = False) -> "Leaf | None":
        return Hoped(some_leaf(3), part(key, is_there))

    @strawberry.field
    def hopes(self) -> list["Leaf | None"]:
        return [Hoped(some_leaf(4), part("a")), Hoped(some_leaf(5), part("nobody", is_there=True)), some_leaf(6)]

    @strawberry.field
    def bad_hoped(self) -> "Leaf":
        return Hoped(some_leaf(7), part("nobody"))

    @strawberry.field
    async def lot(self) -> "Lot":
        return await slowly(Drawn(1, "only lot"))

    @strawberry.field
    def bad_lots(self) -> list["Lot | None"]:
        return [Drawn(0, "even"), Drawn(2, "neither"), Drawn(3, "unfit")]

    @strawberry.field
    def streamed_odd(self) -> list["Thing"]:
        return stream(some_box(5), some_leaf(6))

    @strawberry.field
    def bad_type(self) -> "Whatever | None":
        return Row(name="no type")

    @strawberry.field
    def bad_type_in_union(self) -> "Whatever | None":
        return Stranger(name="not of the union")

    @strawberry.field
    def bad_checked(self) -> "Checked | None":
        return Row(id=1, name="unfit")

    @strawberry.field
    def bad_interface(self) -> list["Sized | None"]:
        return [some_box(1), some_leaf(2), None]

    @strawberry.field
    def bad_object(self) -> "Bare | None":
        return 5

    @strawberry.field
    def bad_things(self) -> list["Thing"] | None:
        return [some_box(1), slowly(None), some_leaf(2)]

    @strawberry.field
    async def bad_things_later(self) -> list["Thing | None"]:
        return [slowly(Refusal("A thing."), 3), some_box(1), slowly(some_leaf(1))]

    @strawberry.field
    async def bad_box(self) -> "Box":
        await asyncio.sleep(0)
        raise Refusal("No box.")

    @strawberry.field
    def bad_attribute(self) -> "Bare":
        return Row(nothing=1)


@strawberry.interface
class Sized(Thing):
    shadow: str = "long"


@strawberry.interface
class Placed:
    name: str

    @classmethod
    def resolve_type(cls, value: Any, info: Any, type_: Any) -> str:
        # Where the field stands, and not the item: graphql-core hands the info of the field.
        assert not isinstance(info.path.key, int), info.path.as_list()
        return "Somewhere"


@strawberry.type
class Somewhere(Placed):
    at: str = "somewhere"


class Drawn:
    """What a lot is: the type follows from a trait of the value."""

    __slots__ = ("name", "trait")

    def __init__(self, trait: int, name: str) -> None:
        self.trait = trait
        self.name = name


@strawberry.interface
class Lot:
    name: str

    @classmethod
    @decided_by(attrgetter("trait"))
    def resolve_type(cls, value: Any, info: Any, type_: Any) -> str:
        assert info is None or info.path
        return ["EvenLot", "UnevenLot", "NoLot", "EvenLot"][value.trait]


def _half(lot: strawberry.Parent[Drawn]) -> str:
    return f"half of {lot.name}"


@strawberry.type
class EvenLot(Lot):
    half: str = strawberry.field(_half)

    @classmethod
    @infoless
    def is_type_of(cls, value: Any, info: Any) -> bool:
        return isinstance(value, Drawn) and value.trait == 0


@strawberry.type
class UnevenLot(Lot):
    @classmethod
    @infoless
    def is_type_of(cls, value: Any, info: Any) -> bool:
        return isinstance(value, Drawn) and value.trait == 1


@strawberry.type
class Box(Sized):
    @strawberry.field
    def things(self, first: int = 2) -> list[Thing]:
        return [some_leaf(number) for number in range(max(0, min(first, 4)))]


@strawberry.type
class Leaf(Thing):
    @strawberry.field
    async def colour(self) -> Color:
        return await slowly(Color.GREEN)


@strawberry.type
class Checked(Thing):
    @classmethod
    def is_type_of(cls, value: Any, info: Any) -> bool:
        assert info.path.as_list()
        return getattr(value, "name", None) in ("checked", "other")


@strawberry.type
class Bare:
    text: str

    @strawberry.field
    def thing(self) -> Thing:
        return some_leaf(len(self.text))


@strawberry.type
class Stranger:
    name: str


@strawberry.type
class Page(Generic[T]):
    items: list[T]
    first: T | None = None
    matrix: list[list[T | None] | None]


Whatever = Annotated[Box | Leaf | Bare | Page[int], strawberry.union("Whatever")]


def some_box(number: int) -> Box:
    """One of many."""
    return Box(id=f"b{number}", name=f"box {number}", size=number)


def some_leaf(number: int) -> Leaf:
    """One of many."""
    return Leaf(id=number, name=f"leaf {number}")


@strawberry.type
class Query(Leaf):
    @strawberry.field
    def odd_argument(self, odd: Odd) -> str:
        return repr(odd)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self, name: str = "changed") -> Box:
        return Box(id="m", name=name)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def things(self, count: int = 2) -> AsyncGenerator[Thing, None]:
        for number in range(max(0, min(count, 3))):
            yield some_box(number) if number % 2 else some_leaf(number)

    @strawberry.subscription
    async def numbers(self) -> AsyncGenerator[int | None, None]:
        for number in (1, None, 2**40, 3):
            yield number

    @strawberry.subscription
    async def bad(self) -> AsyncGenerator[Leaf, None]:
        yield some_leaf(1)
        yield None
        yield some_leaf(2)


SCHEMA = strawberry.Schema(
    Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Checked, Stranger, Somewhere, EvenLot, UnevenLot],
    config=StrawberryConfig(scalar_map={Odd: ODD}),
)


def root() -> Query:
    """The root value of every operation."""
    return Query(id="q", name="query")
