"""A compiled executor for graphql-core: an operation becomes Python functions once and runs as those from then on.

`compiling(base, compiler)` gives an executor class for `graphql.execute` and `graphql.subscribe` (`executor_class=`);
`executor.extension` is the same as a Strawberry extension, apart because Strawberry is optional here. README.md says
what is compiled and what falls back.
"""

from executor.compiler import Compiler
from executor.execution import CompilingExecutor, UncircledExecutor, compiling

__all__ = ["Compiler", "CompilingExecutor", "UncircledExecutor", "compiling"]
