"""What a resolver is told about where it stands: put together only as far as it asks."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from executor.paths import At, path_of

if TYPE_CHECKING:
    from executor.fields import CompiledField
    from executor.run import Run


def resolve_info(run: "Run", field: "CompiledField", at: At) -> Any:
    """graphql-core's own GraphQLResolveInfo."""
    path: Any = path_of(at)
    return run.executor.build_resolve_info(field.definition, field.nodes, field.parent_type, path)


@cache
def lazy_info(info_class: type) -> type:
    """The Info class of a Strawberry schema, whose instances build what they wrap when it is first asked for.

    Most resolvers ask for the context alone, and building the rest would cost more than they do.
    """
    is_stock = {name: getattr(info_class, name) is getattr(_stock(), name) for name in ("context", "field_name")}

    def __init__(self: Any, run: "Run", field: "CompiledField", at: At) -> None:  # noqa: N807
        self._run = run
        self._compiled = field
        self._at = at
        self._field = field.declared

    raw_info = cached_property(lambda self: resolve_info(self._run, self._compiled, self._at))
    raw_info.__set_name__(info_class, "_raw_info")
    members: dict[str, Any] = {"__init__": __init__, "_raw_info": raw_info}
    if is_stock["context"]:
        members["context"] = property(lambda self: self._run.context)
    if is_stock["field_name"]:
        members["field_name"] = property(lambda self: self._compiled.name)
    return type(info_class.__name__, (info_class,), members)


def _stock() -> type:
    from strawberry.types.info import Info  # Strawberry is optional here

    return Info
