"""How operations are executed: compiled, with the tick closed when a level is complete, or by graphql-core alone."""

from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from executor import Compiler, CompilingExecutor, UncircledExecutor, compiling
from resolvers.context import Context


class _Levels(CompilingExecutor):
    """Closes a tick with its level, and lets a repeated run note its warnings anew."""

    context_value: Context

    def level_started(self) -> None:
        self.context_value.loaders.tick.close()

    def begin_again(self) -> None:
        self.context_value.begin_again()

    def compiled_in(self, milliseconds: float) -> None:
        self.context_value.costs.compile_milliseconds += milliseconds


def executor_class(compiler: Compiler | None) -> type[Any]:
    """The class for `graphql.execute` and `graphql.subscribe`; without a compiler graphql-core runs everything."""
    if compiler is None:
        return type("CoreContext", (UncircledExecutor, StrawberryGraphQLCoreExecutionContext), {})
    return compiling(StrawberryGraphQLCoreExecutionContext, compiler, _Levels)
