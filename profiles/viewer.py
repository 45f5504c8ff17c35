"""The viewer: who asks, and what they may see; an argument of every read."""

import re
from dataclasses import dataclass
from enum import StrEnum

from profiles.errors import Forbidden

_ADDRESS_TAIL = re.compile(r"(https?://[^\s?#]*)[?#]\S*", re.IGNORECASE)


class ViewerKind(StrEnum):
    """Whose key it is."""

    STAFF = "STAFF"
    PARTNER = "PARTNER"
    DEVELOPER = "DEVELOPER"


class Scope(StrEnum):
    """One right. A key has a set of them; each panel names the one it needs."""

    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    PERSONAL_READ = "personal:read"
    METRICS_READ = "metrics:read"
    SEGMENTS_READ = "segments:read"
    TAGS_READ = "tags:read"
    TAGS_WRITE = "tags:write"
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    RECEIPTS_READ = "receipts:read"
    ORDERS_READ = "orders:read"
    PRODUCTS_READ = "products:read"
    INTERESTS_READ = "interests:read"
    RECOMMENDATIONS_READ = "recommendations:read"
    MAILINGS_READ = "mailings:read"
    PROMO_CODES_READ = "promo_codes:read"
    POLLS_READ = "polls:read"
    CONSENTS_READ = "consents:read"
    CONSENTS_WRITE = "consents:write"
    STORES_READ = "stores:read"
    LOYALTY_READ = "loyalty:read"
    ACTIVITY_READ = "activity:read"
    ACTIVITY_SUBSCRIBE = "activity:subscribe"
    EVENTS_WRITE = "events:write"
    CUSTOMERS_LIST = "customers:list"
    ACCOUNT_READ = "account:read"
    ACCOUNT_WRITE = "account:write"
    DEBUG = "debug"


ALL_SCOPES = frozenset(scope.value for scope in Scope)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: a key's id and name, its kind, and its scopes."""

    id: int
    name: str
    kind: ViewerKind
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the viewer has the scope."""
        return scope in self.scopes

    def require(self, scope: str, what: str, field: tuple[str, ...] | None = None) -> None:
        """Raises Forbidden, naming the scope, unless the viewer has it."""
        if scope not in self.scopes:
            raise Forbidden(f"{what} needs the scope {scope}.", field)

    @property
    def actor(self) -> str:
        """The name that a change, a note or an event keeps."""
        return self.name


SYSTEM = Viewer(id=0, name="system", kind=ViewerKind.STAFF, scopes=ALL_SCOPES)


def shown_url(viewer: Viewer, url: str | None) -> str | None:
    """A page's address, as the viewer may see it: what follows the path can name a person (ruling 35).

    None also for what is no web address: it is shown as a link.
    """
    if url is None or not url.startswith(("http://", "https://")):
        return None
    return url if viewer.may(Scope.PERSONAL_READ) else re.split(r"[?#]", url, maxsplit=1)[0]


def shown_text(viewer: Viewer, text: str) -> str:
    """A text of an event, as the viewer may see it: addresses in it lose what follows their path (ruling 35)."""
    return text if viewer.may(Scope.PERSONAL_READ) else _ADDRESS_TAIL.sub(r"\1", text)


def shown_actor(viewer: Viewer, actor: str) -> str:
    """Who did something, as the viewer may see it: partners see no names of staff (ruling 35)."""
    return "staff" if viewer.kind is ViewerKind.PARTNER else actor
