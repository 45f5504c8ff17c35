"""Leaves: values of every kind, fit and unfit for their types, alone and in lists."""

from collections.abc import Iterator

import strawberry

from tests.executor.torture.values import (
    Bits,
    Coded,
    Color,
    Level,
    Odd,
    Promise,
    Refusal,
    Word,
    done,
    slowly,
    soon,
    stream,
)


@strawberry.interface
class Leaved:
    name: str

    @strawberry.field
    def enums(self) -> list[Color]:
        return [Color.RED, Color.GREEN, Color.RED]

    @strawberry.field
    async def level(self) -> Level:
        return Level.HIGH

    @strawberry.field
    def word(self) -> Word:
        return Word.NO

    @strawberry.field
    def bit(self) -> Bits:
        return Bits.TWO

    @strawberry.field
    def odd(self) -> Odd:
        return Odd("fine")

    @strawberry.field
    def whole(self) -> float:
        return 3

    @strawberry.field
    def true_as_text(self) -> str:
        return True  # type: ignore[return-value]

    @strawberry.field
    def number_as_id(self) -> strawberry.ID:
        return 12  # type: ignore[return-value]

    @strawberry.field
    def matrix(self) -> list[list[int]]:
        return [[1, 2], [], (3,)]  # type: ignore[list-item]

    @strawberry.field
    def sets(self) -> list[str] | None:
        return {"only"}  # type: ignore[return-value]

    @strawberry.field
    def generated(self) -> list[int]:
        return (number * number for number in range(3))  # type: ignore[return-value]

    @strawberry.field
    def promises(self) -> list[int | None] | None:
        return [1, slowly(2), None, soon(4), done(5), Promise(6)]  # type: ignore[list-item]

    @strawberry.field
    def bad_null(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def bad_integer(self) -> int | None:
        return "five"  # type: ignore[return-value]

    @strawberry.field
    def bad_large(self) -> int:
        return 2**31

    @strawberry.field
    def bad_half(self) -> int | None:
        return 1.5  # type: ignore[return-value]

    @strawberry.field
    def bad_nan(self) -> float | None:
        return float("nan")

    @strawberry.field
    def bad_infinite(self) -> list[float | None]:
        return [1.0, float("inf"), -float("inf"), 2, 2.5]

    @strawberry.field
    def bad_text(self) -> str | None:
        return ["no", "text"]  # type: ignore[return-value]

    @strawberry.field
    def bad_boolean(self) -> bool | None:
        return "true"  # type: ignore[return-value]

    @strawberry.field
    def bad_color(self) -> Color | None:
        return "red"  # type: ignore[return-value]

    @strawberry.field
    def bad_level(self) -> Level | None:
        return Color.RED  # type: ignore[return-value]

    @strawberry.field
    def bad_bits(self) -> Bits | None:
        return Bits.ONE | Bits.TWO

    @strawberry.field
    def level_by_number(self) -> Level | None:
        return 2  # type: ignore[return-value]

    @strawberry.field
    def bad_odd(self) -> list[Odd | None]:
        return [Odd("fine"), Odd("raise"), Odd("none"), Odd(7)]

    @strawberry.field
    def bad_list(self) -> list[str] | None:
        return "text"  # type: ignore[return-value]

    @strawberry.field
    def bad_mapping(self) -> list[str] | None:
        return {"a": "b"}  # type: ignore[return-value]

    @strawberry.field
    def bad_number_as_list(self) -> list[int]:
        return 5  # type: ignore[return-value]

    @strawberry.field
    def bad_hole(self) -> list[str] | None:
        return ["a", None, "b"]  # type: ignore[list-item]

    @strawberry.field
    def bad_matrix(self) -> list[list[int]]:
        return [[1], [2, None], [3]]  # type: ignore[list-item]

    @strawberry.field
    def bad_soft_matrix(self) -> list[list[int] | None] | None:
        return [[1], [2, slowly(None)], None, slowly([slowly(4)]), [Refusal("Inside.")]]  # type: ignore[list-item]

    @strawberry.field
    def bad_items(self) -> list[int | None]:
        return [1, Refusal("An item."), slowly(3), slowly(Coded("A later item.")), "x"]  # type: ignore[list-item]

    @strawberry.field
    def bad_items_hard(self) -> list[int] | None:
        return [Refusal("A hard item."), slowly(3), soon(4)]  # type: ignore[list-item]

    @strawberry.field
    def bad_generator(self) -> list[int] | None:
        def numbers() -> Iterator[int]:
            yield 1
            raise Refusal("While counting.")

        return numbers()  # type: ignore[return-value]

    @strawberry.field
    def bad_stream(self) -> list[str] | None:
        return stream("a", Refusal("In a stream."))  # type: ignore[return-value]

    @strawberry.field
    async def bad_promised_list(self) -> list[str]:
        return await slowly([slowly("a"), slowly(None, 3), slowly("c", 2)])  # type: ignore[list-item]
