"""The executor class that runs what is compiled and leaves the rest, and every failure, to graphql-core."""

from asyncio import CancelledError
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import ref

from graphql import ExecutionResult
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues
from graphql.type.definition import GraphQLResolveInfoHelpers

from executor.compiler import Compiled, Compiler
from executor.run import Run
from executor.values import CHANGEABLE, copied

if TYPE_CHECKING:
    Base = Executor[Any]
else:
    Base = object


class UncircledExecutor(Base):
    """Keeps nothing that leads back to it, so that all that an operation has loaded goes with its answer: else it would
    wait for the collector, which stops everything for a tenth of a second where it finds that much."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        itself: Any = ref(self)
        self.async_helpers = GraphQLResolveInfoHelpers(
            gather=lambda values: itself().gather_async_work(values),
            track=lambda values: itself().track_async_work(values),
        )


class CompilingExecutor(UncircledExecutor):
    """Runs operations from compiled functions. Mixed into an executor class of graphql-core by `compiling`.

    A run that meets any error, null or value that it does not expect is given up, and graphql-core runs the operation
    again: so errors are graphql-core's own. Resolvers of queries are therefore called twice where something fails; what
    they load should be kept for the operation, as dataloaders do.
    """

    compiler: ClassVar[Compiler]
    _variables_before: VariableValues | None = None

    def level_started(self) -> None:
        """Called when everything that could be asked for has been asked for: what is batched can be sent now."""

    def begin_again(self) -> None:
        """Called before graphql-core repeats a run: what resolvers have noted in the context is noted again."""

    def compiled_in(self, milliseconds: float) -> None:
        """Called when the operation was compiled in this execution, with the time it took."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        """As graphql-core's: an ExecutionResult, or an awaitable of one."""
        compiled = None if serially or not self._is_usual() else self.compiler.find(self)
        if compiled is None:
            return super().execute_operation(serially)
        run = Run(self)
        variables = self.variable_values
        if any(type(value) in CHANGEABLE for value in variables.coerced.values()):
            # A resolver that changes what it is given must not have done so before graphql-core begins.
            self._variables_before = variables._replace(coerced=copied(variables.coerced))
        try:
            data = compiled.function(run, self.root_value, None)
        except (Exception, CancelledError) as reason:  # noqa: BLE001 - whatever it is, graphql-core says it
            return self._repeated(run, reason, serially)
        if run.is_waiting:
            return self._arrived(run, data, serially)
        run.close()
        self.compiler.succeeded(self)
        return ExecutionResult(data, None)

    def _is_usual(self) -> bool:
        """Whether nothing was asked for that compiled functions do not know."""
        return (
            (self.middleware_manager is None or not self.middleware_manager.middlewares)
            and self.abort_signal is None
            and self.hooks is None
            and self.error_propagation
        )

    async def _arrived(self, run: Run, data: dict[str, Any], serially: bool | None) -> Any:
        try:
            await run.arrived()
        except Exception as reason:  # noqa: BLE001 - as above
            return await self._again(run, reason, serially)
        finally:
            run.close()
        self.compiler.succeeded(self)
        return ExecutionResult(data, None)

    def _repeated(self, run: Run, reason: BaseException, serially: bool | None) -> Any:
        if run.is_waiting:
            return self._again(run, reason, serially)
        run.close()
        self._give_up(reason)
        return super().execute_operation(serially)

    async def _again(self, run: Run, reason: BaseException, serially: bool | None) -> Any:
        self._give_up(reason)
        try:
            result = super().execute_operation(serially)
            return await result if self.is_awaitable(result) else result
        finally:
            # What the given-up run still waited for has had its chance to arrive for the second one too.
            run.stop()
            run.close()

    def _give_up(self, reason: BaseException) -> None:
        self.compiler.repeats(self, reason)
        if self._variables_before is not None:
            self.variable_values = self._variables_before
        self.begin_again()


def compiling(base: type, compiler: Compiler, kind: type = CompilingExecutor) -> type:
    """An executor class that compiles, on top of graphql-core's `Executor` or a class derived from it.

    `kind` is a CompilingExecutor with hooks of its own.
    """
    return type(f"Compiling{base.__name__}", (kind, base), {"compiler": compiler})


__all__ = ["Compiled", "CompilingExecutor", "UncircledExecutor", "compiling"]
