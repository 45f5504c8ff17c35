"""Customers, batched: by id, and by any identifier."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.customers import CustomerRow, IdentifierKind, customers_by_id, customers_by_identifier
from profiles.storage.reads import Read


class CustomerById(Loader[int, None, CustomerRow | None]):
    """Who each customer is."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, CustomerRow | None]:
        return customers_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> CustomerRow | None:
        return None


class CustomerByIdentifier(Loader[str, IdentifierKind, int | None]):
    """Whose identifier each is; the kind is the argument."""

    def read(self, ids: Sequence[str], arguments: IdentifierKind) -> Read[str, int | None]:
        return customers_by_identifier(self.asking.viewer, ids, arguments)

    def missing(self, id: str) -> int | None:
        return None
