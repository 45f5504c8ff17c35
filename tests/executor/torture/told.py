"""Told: resolvers that answer with what they are told, and guards around them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from executor.promises import PLACED, Each, placeless, planned
from tests.executor.torture.values import (
    Admitting,
    Allowed,
    Coded,
    Color,
    Counting,
    Denied,
    Details,
    Either,
    Level,
    Made,
    Odd,
    Quoted,
    copied,
    slowly,
)

if TYPE_CHECKING:
    from tests.executor.torture.things import Thing


def _plan(info: strawberry.Info, text: str = "x") -> Each[str]:
    said = f"{info.field_name} {text} {info.context}"
    return lambda told: f"{said} {told.name}"


def _plan_at_times(info: strawberry.Info, text: str = "x") -> Each[str]:
    field = info.field_name
    return lambda told: PLACED if len(told.name) % 2 else f"{field} {text} of {told.name}"


def _wholly(told: "Told", info: strawberry.Info, text: str = "x") -> str:
    return f"{info.path.as_list()} {text}" if len(told.name) % 2 else f"{info.field_name} {text} of {told.name}"


def _plan_badly(info: strawberry.Info, text: str = "bad") -> Each[str | None]:
    if text == "bad":
        raise Coded("There is no plan.")
    return lambda told: None if text == "none" else told.name


def _plan_later(info: strawberry.Info) -> Each[str]:
    async def named(told: "Told") -> str:
        return await slowly(told.name)

    return named


@strawberry.interface
class Told:
    name: str
    planned_once: str = strawberry.field(planned(_plan))
    planned_at_times: str = strawberry.field(planned(_plan_at_times, otherwise=_wholly))
    planned_later: str = strawberry.field(planned(_plan_later))
    bad_planned: str | None = strawberry.field(planned(_plan_badly))
    planned_and_admitted: str | None = Admitting(graphql_name="plannedAndAdmitted")(planned(_plan))
    planned_not_admitted: str | None = Admitting(graphql_name="notPlanned")(planned(_plan))
    bad_planned_admitted: str | None = Admitting(graphql_name="badPlannedAdmitted")(planned(_plan))

    @strawberry.field
    def where(self, info: strawberry.Info) -> str:
        return f"{info.path.as_list()} {info.field_name} {info.python_name} {info.return_type}"

    @strawberry.field
    def path_of_types(self, information: strawberry.Info) -> str:
        path, types = information.path, []
        while path is not None:
            types.append(path.typename)  # type: ignore[attr-defined]
            path = path.prev
        return str(types)

    @strawberry.field
    async def where_later(self, info: strawberry.Info) -> str:
        await slowly(None)
        raw = info._raw_info
        return f"{raw.path.as_list()} {raw.parent_type} {raw.return_type} {len(raw.field_nodes)} {raw.context}"

    @strawberry.field
    def variables(self, info: strawberry.Info, any: Odd | None = None) -> str:
        # Without those that `changed` may have changed before or after: that is a matter of luck under any executor.
        values = sorted(item for item in info.variable_values.items() if not isinstance(item[1], list | dict))
        return f"{values} {info.operation.name.value} {info.root_value}"  # type: ignore[union-attr]

    @strawberry.field
    def selected(self, info: strawberry.Info) -> Annotated["Thing", strawberry.lazy("tests.executor.torture.things")]:
        names = repr([getattr(field, "name", "...") for field in info.selected_fields[0].selections])
        return copied(self, name=names)  # type: ignore[return-value]

    @strawberry.field
    def by_root(root: "Told") -> str:  # noqa: N805
        return root.name

    @strawberry.field
    def by_both(root: strawberry.Parent["Told"]) -> str:  # noqa: N805
        return root.name

    @strawberry.field
    def by_parent(above: strawberry.Parent["Told"], info: strawberry.Info) -> str:  # noqa: N805
        return f"{above.name} {info.field_name}"

    @staticmethod
    @strawberry.field
    def nobody() -> str:
        return "static"

    @strawberry.field
    def echo(
        self,
        a: int = 3,
        b: str | None = None,
        c: list[int | None] | None = strawberry.UNSET,
        color: Color = Color.GREEN,
        level: Level | None = None,
        flag: Annotated[bool, strawberry.argument(name="isFlag")] = False,
        rate: float | None = None,
        id: strawberry.ID | None = None,
    ) -> str:
        return repr((a, b, c, color, level, flag, rate, id))

    @strawberry.field
    async def echo_input(self, details: Details, either: Either | None = None) -> str:
        return repr((details, either))

    @strawberry.field
    def echo_odd(self, odd: Odd, odds: list[Odd | None] | None = None) -> str:
        return repr((odd, odds))

    @strawberry.field
    def bad_echo_odd(self, odd: Odd = "raise") -> str:  # type: ignore[assignment]
        return repr(odd)

    @strawberry.field
    def made(self, made: Made, info: strawberry.Info) -> str:
        return f"{made} {info.field_name}"

    @strawberry.field
    def changed(self, numbers: list[int], details: Details | None = None, odd: Odd | None = None) -> str:
        """Changes what it is given: the next parent must not see that."""
        numbers.append(len(self.name))
        if details is not None:
            details.numbers.append(9)
            details.text += "+"
        if odd is not None:
            odd["changed"] = True  # type: ignore[index]
        return repr((numbers, details and (details.text, details.numbers), odd))

    @strawberry.field
    def matrix_of(self, rows: list[list[int]] = strawberry.UNSET) -> list[list[int]]:
        return rows or [[1], []]

    @strawberry.field(permission_classes=[Allowed])
    def permitted(self) -> str:
        return self.name

    @strawberry.field(permission_classes=[Denied])
    def bad_denied(self) -> str | None:
        return self.name

    @strawberry.field(permission_classes=[Allowed, Denied])
    async def bad_denied_hard(self) -> str:
        return self.name

    @strawberry.field(extensions=[Quoted()])
    def quoted(self, text: str = "q") -> str:
        return text

    @strawberry.field(extensions=[Quoted()])
    async def quoted_later(self) -> str:
        return await slowly(self.name)

    counted: str = Counting(default="as kept")

    @Counting()
    def counted_call(self) -> str:
        return self.name

    @strawberry.field
    @placeless
    def anywhere(self, info: strawberry.Info, text: str = "x") -> str:
        return f"{info.field_name} {text} {info.context}"

    @Admitting(graphql_name="admitted")
    def admitted(self, info: strawberry.Info) -> str | None:
        return f"{self.name} {info.path.as_list()}"

    @Admitting(graphql_name="notAdmitted")
    async def not_admitted(self) -> str | None:
        return self.name

    @Admitting(graphql_name="badAdmitted")
    def bad_admitted(self) -> str:
        return self.name
