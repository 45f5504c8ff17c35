"""The ready queries of the page, as the tests read them: each operation alone, with what it is opened with."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from graphql import OperationDefinitionNode, OperationType, parse, print_ast, separate_operations

PAGE = Path(__file__).resolve().parents[1] / "web" / "graphiql"
DOCUMENTS = sorted((PAGE / "documents").rglob("*.graphql"))
IDS = (PAGE / "household" / "ids.graphql").read_text(encoding="utf-8")
PLACEHOLDERS: dict[str, dict[str, str]] = json.loads((PAGE / "household" / "placeholders.json").read_text("utf-8"))


class ReadyQuery(NamedTuple):
    """One operation of a document with the fragments that it uses; `variables` have placeholders, and are None where
    the page does not offer the operation."""

    file: Path
    name: str
    kind: OperationType
    text: str
    about: str
    variables: dict[str, Any] | None


@cache
def ready_queries() -> dict[str, ReadyQuery]:
    """Every operation of every document by name, offered or not."""
    found = {}
    for file in DOCUMENTS:
        offers = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))["operations"]
        for name, document in separate_operations(parse(file.read_text(encoding="utf-8"))).items():
            (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
            offer = offers.get(name, {})
            found[name] = ReadyQuery(
                file, name, operation.operation, print_ast(document), offer.get("about", ""), offer.get("variables")
            )
    return found


def filled(template: Any, customer: dict[str, Any] | None) -> Any:
    """The variables with ids of what the customer has, or hints where it does not (as documents.js does it)."""
    if isinstance(template, dict):
        return {key: filled(value, customer) for key, value in template.items()}
    if not isinstance(template, str) or template not in PLACEHOLDERS:
        return template
    found: Any = customer
    for step in PLACEHOLDERS[template]["path"].split("."):
        if isinstance(found, list):
            found = found[int(step)] if int(step) < len(found) else None
        else:
            found = (found or {}).get(step)
    return PLACEHOLDERS[template]["hint"] if found is None else found
