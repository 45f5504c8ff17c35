"""The panel of RFM."""

from executor.promises import Each, Later
from resolvers.context import Info
from resolvers.types.rfm import Rfm, shape_rfm


def panel(info: Info) -> Each[Rfm | None]:
    scores = info.context.loaders.rfm_of
    return lambda about: Later(scores.ask(about.customer_id, None), shape_rfm)
