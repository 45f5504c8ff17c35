"""The rule of attribution: which orders marketing has won, by what a customer was sent and what they did with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A promo code as it was first issued to the customer; one `of_marketing` came with a mailing or a campaign."""

    issued_at: datetime
    of_marketing: bool = True
    is_control_group: bool = False

    def won(self, placed_at: datetime) -> bool:
        """Whether an order of that instant, which used the code, is marketing's: the code was in hand by then."""
        return self.of_marketing and not self.is_control_group and self.issued_at <= placed_at


@dataclass(frozen=True, slots=True)
class Click:
    """A click in an email; `is_control_group` says that the customer was among those who were not to be reached."""

    at: datetime
    is_control_group: bool = False

    def won(self, placed_at: datetime, window: timedelta) -> bool:
        """Whether an order of that instant follows the click within the window, both ends included."""
        return not self.is_control_group and self.at <= placed_at <= self.at + window


def is_attributed(
    said: bool | None,
    placed_at: datetime,
    codes: Iterable[IssuedCode],
    clicks: Iterable[Click],
    window: timedelta,
) -> bool:
    """Whether marketing won the order (ruling 21): what its source `said` decides; None where it said nothing.

    Else a code that the order used, or a click before it; a control group's never.
    """
    if said is not None:
        return said
    return any(code.won(placed_at) for code in codes) or any(click.won(placed_at, window) for click in clicks)
