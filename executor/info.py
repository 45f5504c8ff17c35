"""What a resolver is told about where it stands: put together only as far as it asks."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from executor.paths import At, path_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from executor.fields import CompiledField
    from executor.run import Run


def resolve_info(run: "Run", field: "CompiledField", at: At) -> Any:
    """graphql-core's own GraphQLResolveInfo."""
    path: Any = path_of(at)
    return run.executor.build_resolve_info(field.definition, field.nodes, field.parent_type, path)


@cache
def lazy_info(info_class: type) -> Any:
    """The Info class of a Strawberry schema, whose instances build what they wrap when it is first asked for.

    Most resolvers ask for the context alone, and building the rest would cost more than they do.
    """
    stock = _stock()
    own = info_class.__mro__[: info_class.__mro__.index(stock)]
    if any(name in vars(each) for each in own for name in ("__new__", "__init__", "__post_init__")):
        return _eager_info(info_class)
    is_stock = {name: getattr(info_class, name) is getattr(stock, name) for name in ("context", "field_name")}

    def __init__(self: Any, run: "Run", field: "CompiledField", at: At) -> None:  # noqa: N807
        self._run = run
        self._compiled = field
        self._at = at
        self._field = field.declared

    def with_context(self: Any, run: "Run", field: "CompiledField", at: At) -> None:
        self._run = run
        self._compiled = field
        self._at = at
        self._field = field.declared
        self.context = run.context

    raw_info = cached_property(lambda self: resolve_info(self._run, self._compiled, self._at))
    raw_info.__set_name__(info_class, "_raw_info")
    members: dict[str, Any] = {"__init__": __init__, "_raw_info": raw_info}
    if is_stock["context"]:
        # A slot hides the property of that name, and is read without a call.
        members["__slots__"] = ("context",)
        members["__init__"] = with_context
    if is_stock["field_name"]:
        members["field_name"] = property(lambda self: self._compiled.name)
    return type(info_class.__name__, (info_class,), members)


def shared_info(info_class: type, field: "CompiledField") -> "Callable[[Run], Any]":
    """For a resolver that does not ask where it stands: one info for all parents of the field in a run."""
    make = lazy_info(info_class)
    number = field.number

    def find(run: "Run") -> Any:
        kept = run.infos.get(number)
        if kept is None:
            kept = run.infos[number] = make(run, field, None)
        return kept

    return find


def admission(field: "CompiledField") -> "Callable[[Run], bool]":
    """Whether the field is answered in a run; asked once."""
    number, name, admits = field.number, field.name, field.admits
    if admits is None:
        raise AssertionError("only an AdmittingField is asked")

    def is_admitted(run: "Run") -> bool:
        kept = run.admitted.get(number)
        if kept is None:
            kept = run.admitted[number] = admits(run.context, name)
        return kept

    return is_admitted


def plan_of(field: "CompiledField") -> "Callable[[Run], Callable[[Any], Any]]":
    """The second step of a planned resolver: made once a run, with what is the same for all parents."""
    number, name, plan, admits = field.number, field.name, field.plan, field.admits
    info_class = field.info_class
    if plan is None or info_class is None:
        raise AssertionError("only a planned resolver has a plan")
    make_info = lazy_info(info_class)

    def make(run: "Run") -> "Callable[[Any], Any]":
        if admits is not None and not admits(run.context, name):
            answer: Callable[[Any], Any] = _nothing
        else:
            arguments = field.arguments(run) if field.has_arguments else {}
            answer = plan(make_info(run, field, None), **arguments)
        run.plans[number] = answer
        return answer

    return make


def _nothing(_parent: Any) -> None:
    """What a field answers that is not admitted."""


def _eager_info(info_class: type) -> Any:
    def made(run: "Run", field: "CompiledField", at: At) -> Any:
        return info_class(_raw_info=resolve_info(run, field, at), _field=field.declared)

    return made


def _stock() -> Any:
    from strawberry.types.info import Info  # Strawberry is optional here

    return Info
