"""What can go wrong, as nouns: the message is for a person, the code for a machine; no HTTP status lives here."""

from collections.abc import Sequence
from typing import ClassVar


class ProfileError(Exception):
    """A refusal with a code; `field` is the path of the input that caused it, where there is one."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, field: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class BadRequest(ProfileError):
    """The question itself is wrong; asking again without a change cannot help."""

    code = "BAD_REQUEST"


class BadCursor(ProfileError):
    """A cursor that is no cursor, or one of another kind of list. Every list takes its cursor as `after`."""

    code = "BAD_CURSOR"

    def __init__(self, message: str) -> None:
        super().__init__(message, ("after",))


class LimitExceeded(ProfileError):
    """More was asked for than one request may have."""

    code = "LIMIT_EXCEEDED"


class Unauthenticated(ProfileError):
    """No key, or one that is unknown, expired or revoked."""

    code = "UNAUTHENTICATED"


class Forbidden(ProfileError):
    """The viewer lacks the scope; nothing was loaded or written."""

    code = "FORBIDDEN"


class DeadlineExceeded(ProfileError):
    """The answer took longer than a request may take; its statements were cancelled."""

    code = "TIMEOUT"


class SourceUnavailable(ProfileError):
    """The database did not answer this part; the others are unaffected."""

    code = "SOURCE_UNAVAILABLE"


class WriteRefused(ProfileError):
    """A write that changed nothing; the edge shows it as a userError."""


class NotFound(WriteRefused):
    """What is to be changed does not exist, or is not the viewer's."""

    code = "NOT_FOUND"


class Invalid(WriteRefused):
    """A value that cannot be stored."""

    code = "INVALID"


class Required(WriteRefused):
    """A value that must not be empty."""

    code = "REQUIRED"


class Taken(WriteRefused):
    """An identifier that belongs to another profile."""

    code = "TAKEN"


class StaleVersion(WriteRefused):
    """Somebody else changed the profile since it was read."""

    code = "STALE_VERSION"


class TooMany(WriteRefused):
    """More items than one call may carry."""

    code = "TOO_MANY"


class Unchanged(WriteRefused):
    """There is nothing to change."""

    code = "UNCHANGED"


class Conflict(WriteRefused):
    """The same clientMutationId came with another input."""

    code = "CONFLICT"


class Refusals(WriteRefused):
    """Everything that is wrong with one call, so that a person can put it right at once; never empty."""

    def __init__(self, refusals: Sequence[WriteRefused]) -> None:
        super().__init__(" ".join(refusal.message for refusal in refusals))
        self.refusals = tuple(refusals)


class Overtaken(ProfileError):
    """Another write made the same thing at the same moment; what was done is undone, and trying again finds it."""

    code = "SOURCE_UNAVAILABLE"


class SettingsError(Exception):
    """A setting, a file or a server that is not as it should be: one sentence for the person at the terminal."""
