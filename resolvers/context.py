"""What every resolver of one operation shares: who asks, the loaders, the time, and what it has cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import strawberry

from loaders import Loaders
from loaders.base import Asking
from loaders.flights import PanelCache
from loaders.kept import Basis, KeptReads
from loaders.tick import Answers, Costs, Tick
from profiles.account import Account, Block
from profiles.moment import Moment
from profiles.storage.store import Store
from profiles.viewer import Viewer

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Services:
    """What the process hands down: the store, the account, the clock, and the cache, where there is one."""

    store: Store
    account: Account
    clock: Clock
    panels: PanelCache | None = None
    last_views: dict[Block, Sequence[str]] = field(default_factory=dict)
    """The views as they were last read: what they need is asked for beside them, before they have come again."""

    def answers(self, costs: Costs) -> Answers:
        """What answers the reads of one operation."""
        return self.store if self.panels is None else KeptReads(self.store, self.panels, costs)


@dataclass(slots=True)
class Context:
    """One operation. Strawberry hands it to every resolver as `info.context`. `brief` as in `Asking`."""

    services: Services
    viewer: Viewer
    request_id: str
    brief: frozenset[type] = frozenset()
    costs: Costs = field(default_factory=Costs)
    disabled_panels: set[str] = field(default_factory=set)
    warnings: list[dict[str, object]] = field(default_factory=list)
    filter_conditions: int = 0
    moment: Moment = field(init=False)
    loaders: Loaders = field(init=False)
    is_about_viewer: bool = False
    """Whether the answer says who asks: then it is nobody else's, whatever they may see."""
    _reads: Answers = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Forgets what was loaded: after a write, and before each delivered event, the data may be other."""
        self.moment = Moment(self.services.clock())
        self._reads = self.services.answers(self.costs)
        tick = Tick(self._reads, self.costs)
        self.loaders = Loaders(tick, Asking(self.viewer, self.services.account, self.moment, self.brief))

    def begin_delivery(self) -> None:
        """For the next event of a subscription: loaders, costs and warnings of its own, so that none pile up."""
        self.costs = Costs()
        self.disabled_panels.clear()
        self.warnings.clear()
        self.renew()

    def begin_again(self) -> None:
        """Before the same operation is run a second time over what the loaders hold: it notes everything anew."""
        self.disabled_panels.clear()
        self.warnings.clear()
        self.filter_conditions = 0

    @property
    def basis(self) -> Basis | None:
        """What the answer rests on so far; None where nobody can say."""
        return self._reads.basis if isinstance(self._reads, KeptReads) else None

    @property
    def has_lists(self) -> bool:
        """Whether the answer rests on rows that no generation speaks for: lists of whoever fits."""
        return isinstance(self._reads, KeptReads) and self._reads.has_lists

    @property
    def now(self) -> datetime:
        """The exact time of this operation; `moment.minute` is enough for what changes slowly, and can be kept."""
        return self.moment.now

    @property
    def store(self) -> Store:
        """The database."""
        return self.services.store

    @property
    def account(self) -> Account:
        """The account's settings and lists."""
        return self.services.account


if TYPE_CHECKING:
    Info: TypeAlias = strawberry.Info[Context, None]
else:
    Info = strawberry.Info
