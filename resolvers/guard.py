"""Permission as data beside the field: the scope is checked before anything is loaded, and the description says so."""

from collections.abc import Callable
from typing import Any

from executor.admission import AdmittingField
from executor.promises import Each, placeless, planned
from profiles.errors import Forbidden
from profiles.viewer import Scope
from resolvers.context import Context
from resolvers.rows import promised

NEEDS = "needs"
PANEL = "panel"


class GuardedField(AdmittingField):
    """A field that needs a scope, and, as a panel, can be switched off by the account."""

    def admits(self, context: Context, name: str) -> bool:
        """Whether it is shown. Raises Forbidden without the scope."""
        if self.metadata[NEEDS] not in context.viewer.scopes:
            raise Forbidden(f"{name} needs the scope {self.metadata[NEEDS]}.")
        if self.metadata[PANEL] and name in context.account.disabled_panels:
            context.disabled_panels.add(name)
            return False
        return True


def guarded(
    resolver: Callable[..., Any],
    *,
    needs: Scope,
    description: str,
    is_panel: bool = False,
    is_subscription: bool = False,
) -> Any:
    """A field with a scope. Its description ends with the sentence that names it.

    A plain `def` may return an Awaitable: it has then asked its loaders before anything was awaited. The resolver must
    not ask its info where it stands (`info.path`): it is told once for all parents.
    """
    field = GuardedField(
        description=f"{description} Needs the scope `{needs.value}`.",
        metadata={NEEDS: needs.value, PANEL: is_panel},
        is_subscription=is_subscription,
    )
    return field(placeless(promised(resolver)))


def panel(plan: Callable[..., Each[Any]], *, needs: Scope, description: str) -> Any:
    """One panel of the customer: nullable, guarded, switched off where the account says so.

    `plan(info, ...)` checks the arguments once for all customers of an answer, and gives the function that answers for
    each.

    A failed or forbidden panel is null with an error at its path; one that is switched off is null without one and is
    named in `extensions.disabledPanels`; the other panels still arrive.
    """
    return guarded(planned(plan), needs=needs, description=description, is_panel=True)
