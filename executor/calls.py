"""Resolvers in generated source: the expression that takes a field's value out of its parent."""

import keyword

from executor.fields import CompiledField, Way
from executor.info import admission, lazy_info, plan_of, shared_info
from executor.names import Names


def resolved(field: CompiledField, parent: str, at: str, names: Names) -> str:
    """The expression; `parent` names the parent, `at` is the expression of the field's place."""
    match field.way:
        case Way.ATTRIBUTE:
            return _attribute(field.attribute, parent)
        case Way.PLANNED:
            return _planned(field, parent, at, names)
        case Way.CORE:
            return _as_core(field, parent, at, names)
        case Way.METHOD:
            return _method(field, parent, at, names)
        case Way.FUNCTION:
            call = _call(field, parent, at, names)
            return f"{call} if {names.add('admits', admission(field))}(R) else None" if field.admits else call


def _attribute(attribute: str, parent: str) -> str:
    is_name = attribute.isascii() and attribute.isidentifier() and not keyword.iskeyword(attribute)
    if is_name and not attribute.startswith("__"):
        return f"{parent}.{attribute}"
    return f"getattr({parent}, {attribute!r})"


def _planned(field: CompiledField, parent: str, at: str, names: Names) -> str:
    answer = f"(P.get({field.number}) or {names.add('plan', plan_of(field))}(R))({parent})"
    if not field.can_need_place:
        return answer
    return f"v if (v := {answer}) is not PLACED else {_call(field, parent, at, names)}"


def _as_core(field: CompiledField, parent: str, at: str, names: Names) -> str:
    own = names.add("field", field)
    given = field.definition.resolve
    resolve = names.add("resolve", given) if given else "R.executor.field_resolver"
    arguments = f", **{own}.arguments(R)" if field.has_arguments else ""
    return f"{resolve}({parent}, raw_info(R, {own}, {at}){arguments})"


def _method(field: CompiledField, parent: str, at: str, names: Names) -> str:
    own = names.add("field", field)
    function = names.add("resolve", field.function)
    parts = [f"**{own}.arguments(R)"] if field.has_arguments else []
    parts += [f"{name!r}: {parent}" for name in field.parent_names]
    if field.info_name:
        parts.append(f"{field.info_name!r}: i")
    first = f"[{parent}]" if field.self_first else "[]"
    return f"{function}({parent}, (i := {_info(field, at, names)}), {first}, {{{', '.join(parts)}}})"


def _call(field: CompiledField, parent: str, at: str, names: Names) -> str:
    """The call of a resolver function of which all parameters are known."""
    parts = [parent] if field.self_first else []
    if field.has_arguments:
        parts.append(f"**{names.add('field', field)}.arguments(R)")
    parts += [f"{name}={parent}" for name in field.parent_names]
    if field.info_name:
        parts.append(f"{field.info_name}={_info(field, at, names)}")
    return f"{names.add('resolve', field.function)}({', '.join(parts)})"


def _info(field: CompiledField, at: str, names: Names) -> str:
    info_class = field.info_class or object
    if field.is_placeless and field.way is Way.FUNCTION:
        return f"(I.get({field.number}) or {names.add('info', shared_info(info_class, field))}(R))"
    return f"{names.add('info', lazy_info(info_class))}(R, {names.add('field', field)}, {at})"
