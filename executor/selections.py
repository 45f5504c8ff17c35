"""Selections: what is selected of an object type, how its values are completed, and the lines that do it in place."""

from collections.abc import Callable
from dataclasses import dataclass, field

from graphql import GraphQLObjectType

from executor.branches import CAST, Function
from executor.leaves import FastLeaf

MOST_INLINED = 24
"""An object with more fields is a function; a smaller one is written into the loop or the object that it stands in."""
Lines = list[str]


@dataclass(slots=True, eq=False)
class Selection:
    """What is selected of one object type. Its source is made anew for each place where it is written."""

    number: int
    type_: GraphQLObjectType
    # Each gives a field's lines; its argument is the expression of the object's place.
    parts: list[Callable[[str], Lines]] = field(default_factory=list)
    size: int = 0
    """How many fields are written where it is written, those of the objects in it too."""
    is_placed: bool = False
    """Whether somebody in it may ask where it stands."""
    function: Function | None = None

    @property
    def source(self) -> str:
        """The variable of the value."""
        return f"s{self.number}"

    @property
    def target(self) -> str:
        """The variable of the answer."""
        return f"d{self.number}"

    def body(self, at: str) -> Lines:
        """The lines that fill the answer in."""
        return [line for part in self.parts for line in part(at)]


@dataclass(frozen=True, slots=True)
class Completer:
    """How values of a field's type are completed: `name` is a function for any value.

    `is_placed` says whether it wants to know where the value stands. Of an object type `selection` and `known` let
    values of known classes be written in place; `shapes` names the functions of an interface or a union.
    """

    name: str
    is_placed: bool = False
    selection: Selection | None = None
    known: str = ""
    shapes: str = ""
    trait: str = ""

    def place(self, at: str) -> str:
        """The expression of the place, where it is wanted."""
        return at if self.is_placed else "None"

    @property
    def is_inlined(self) -> bool:
        """Whether its objects are written where they stand."""
        return self.selection is not None and bool(self.known) and self.selection.size <= MOST_INLINED


def constant(line: str) -> Callable[[str], Lines]:
    """A part that is one line, wherever it stands."""
    return lambda _at: [line]


def leaf_lines(fast: FastLeaf, place: str, slow: str, is_required: bool) -> Lines:
    """The lines that answer `v`, a leaf."""
    if is_required:
        return [f"if {fast.condition}: {place} = {fast.expression}", f"else: {slow}"]
    if fast.is_as_it_is:
        return [f"if v is None or {fast.condition}: {place} = v", f"else: {slow}"]
    return [
        f"if v is None: {place} = None",
        f"elif {fast.condition}: {place} = {fast.expression}",
        f"else: {slow}",
    ]


def object_lines(completer: Completer, place: str, here: str, slow: str, is_required: bool) -> Lines:
    """The lines that answer `v`, an object, in place."""
    selection = completer.selection
    if selection is None:
        raise AssertionError("only an object is written in place")
    return [
        f"if {is_known(completer.known)}:",
        f" {selection.source} = v",
        f" {selection.target} = {place} = {{}}",
        *indented(1, selection.body(here)),
        *([] if is_required else [f"elif v is None: {place} = None"]),
        f"else: {slow}",
    ]


def is_known(known: str) -> str:
    """The condition under which `v` is an object of a class that was learnt."""
    cast = f"(type(v) in {known}.unless_cast and getattr(v, {CAST!r}, None) is None)"
    return f"type(v) in {known}.sure or {cast}"


def indented(depth: int, lines: Lines) -> Lines:
    """The lines, so many blanks further in."""
    return [" " * depth + line for line in lines]
