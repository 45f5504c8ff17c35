"""Promises: the same value, arriving in every way that asyncio knows."""

import asyncio

import strawberry
from graphql import GraphQLError

from executor.promises import Later
from tests.executor.torture.values import SEEN, Coded, Promise, Refusal, done, part, slowly, soon


@strawberry.interface
class Promising:
    name: str

    @strawberry.field
    def at_once(self) -> str:
        return f"{self.name}!"

    @strawberry.field
    async def later(self) -> str:
        return await slowly(self.name)

    @strawberry.field
    async def much_later(self) -> str:
        return await slowly(await slowly(self.name, 3), 2)

    @strawberry.field
    def nested_promise(self) -> str:
        async def inner() -> str:
            return await asyncio.ensure_future(slowly(self.name))

        return inner()  # type: ignore[return-value]

    @strawberry.field
    def promise(self) -> str:
        return Promise(self.name)  # type: ignore[return-value]

    @strawberry.field
    def future(self) -> int:
        return soon(len(self.name))  # type: ignore[return-value]

    @strawberry.field
    def done_future(self) -> int | None:
        return done(len(self.name))  # type: ignore[return-value]

    @strawberry.field
    async def task(self) -> str:
        return await asyncio.create_task(slowly("task"))

    @strawberry.field
    async def gathered(self) -> list[str]:
        return await asyncio.gather(slowly("a", 3), slowly("b"), asyncio.wait_for(slowly("c"), 5))

    @strawberry.field
    async def waited(self) -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            return "timed out"
        return "never"

    @strawberry.field
    async def cancelled_inside(self) -> str:
        task = asyncio.create_task(slowly("x", 100))
        await asyncio.sleep(0)
        task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return f"cancelled {asyncio.current_task().cancelling()}"  # type: ignore[union-attr]

    @strawberry.field
    async def grouped(self) -> str:
        async with asyncio.TaskGroup() as group:
            one = group.create_task(slowly("one"))
            two = group.create_task(slowly("two", 2))
        return one.result() + two.result()

    @strawberry.field
    async def remembered(self, who: str = "me") -> str:
        """What a context variable holds must not be what a sibling has put there."""
        before = SEEN.get()
        SEEN.set(who)
        await slowly(None, 2)
        return f"{before}>{SEEN.get()}"

    @strawberry.field
    def who_is_seen(self) -> str:
        return SEEN.get()

    @strawberry.field
    def then(self) -> str:
        return Later(slowly(self.name), str.upper)  # type: ignore[return-value]

    @strawberry.field
    def then_soon(self) -> list[int]:
        return [Later(soon(1), str), Later(done(2), int), Later(slowly(3, 2), lambda number: -number)]  # type: ignore

    @strawberry.field
    def bad_then(self) -> str | None:
        return Later(slowly(self.name), int)  # type: ignore[return-value]

    @strawberry.field
    def bad_then_before(self) -> list[str] | None:
        return [Later(done(Refusal("Before.")), str), Later(slowly("x"), str)]  # type: ignore[list-item]

    @strawberry.field
    def part(self) -> str:
        return part(self.name)  # type: ignore[return-value]

    @strawberry.field
    def part_that_is_there(self) -> str | None:
        return part(self.name, is_there=True)  # type: ignore[return-value]

    @strawberry.field
    async def awaited_part(self) -> str:
        return f"{await part(self.name)} {await part('again')}"

    @strawberry.field
    def then_parts(self) -> list[str]:
        return [Later(part("a"), str.upper), Later(part("b", is_there=True), str), part("c")]  # type: ignore[list-item]

    @strawberry.field
    def bad_part(self) -> str | None:
        return part("bad")  # type: ignore[return-value]

    @strawberry.field
    def bad_parts(self) -> list[str] | None:
        return [part("a"), part("bad", is_there=True), part("bad")]  # type: ignore[list-item]

    @strawberry.field
    def bad_raised(self) -> str | None:
        raise Refusal(f"{self.name} refuses.")

    @strawberry.field
    def bad_raised_hard(self) -> str:
        raise Refusal(f"{self.name} refuses hard.")

    @strawberry.field
    async def bad_raised_at_first(self) -> str | None:
        raise Refusal("At first.")

    @strawberry.field
    async def bad_raised_later(self) -> str | None:
        await slowly(None, 2)
        raise Coded("Later, with a code.")

    @strawberry.field
    async def bad_raised_later_hard(self) -> str:
        await slowly(None)
        raise GraphQLError("GraphQL's own.", extensions={"code": "OWN"})

    @strawberry.field
    def bad_future(self) -> str | None:
        return done(Refusal("In a future."))  # type: ignore[return-value]

    @strawberry.field
    async def bad_task(self) -> str | None:
        async def fail() -> str:
            raise Refusal("In a task.")

        return await asyncio.create_task(fail())

    @strawberry.field
    async def bad_gathered(self) -> list[str] | None:
        async def fail() -> str:
            await asyncio.sleep(0)
            raise Refusal("In a gathering.")

        return await asyncio.gather(slowly("a", 3), fail())

    @strawberry.field
    async def bad_waited(self) -> str | None:
        async with asyncio.timeout(0):
            return await asyncio.get_running_loop().create_future()

    @strawberry.field
    async def bad_waited_for(self) -> str:
        return await asyncio.wait_for(asyncio.get_running_loop().create_future(), 0)

    @strawberry.field
    async def bad_group(self) -> str | None:
        async with asyncio.TaskGroup() as group:
            group.create_task(slowly("fine", 5))
            raise Refusal("In a group.")

    @strawberry.field
    def bad_returned(self) -> str | None:
        return Refusal("Returned.")  # type: ignore[return-value]

    @strawberry.field
    async def bad_returned_later(self) -> str:
        return await slowly(Coded("Returned later."))  # type: ignore[return-value]

    @strawberry.field
    def bad_promise(self) -> str:
        return Promise(Refusal("In a promise."))  # type: ignore[return-value]

    @strawberry.field
    async def bad_null_later(self) -> str:
        return await slowly(None)

    @strawberry.field
    def bad_twice_promised(self) -> str | None:
        """A promise of a promise: only the first is kept."""
        return slowly(slowly("inner"))  # type: ignore[return-value]
