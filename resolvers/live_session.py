"""The panel of the visit that is live."""

from executor.promises import Each, Later
from profiles.timeline import SessionState
from profiles.timeline.sessions import SessionRow
from resolvers.context import Info
from resolvers.types.session import Session, shape_session


def panel(info: Info) -> Each[Session | None]:
    latest = info.context.loaders.latest_live_session

    def live(row: SessionRow | None) -> Session | None:
        # A visit that fell silent is stored as live still: whether it is depends on the very moment.
        visit = None if row is None else shape_session(row, info)
        return visit if visit is not None and visit.state is SessionState.LIVE else None

    return lambda about: Later(latest.ask(about.customer_id, None), live)
