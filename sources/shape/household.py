"""A household in full: the generators in the order in which each needs what the ones before it found out."""

from profiles.timeline import EventCategory
from sources.rows import Clock, HouseholdFacts, ShapeRows, World
from sources.shape.activity import visit_site
from sources.shape.carts import fill_carts, fill_wishlist
from sources.shape.draft import SEED, Draft
from sources.shape.engagement import add_codes, engage
from sources.shape.groups import belong
from sources.shape.identities import add_sources, identify
from sources.shape.loyalty import reward
from sources.shape.orders import place_orders
from sources.shape.permissions import permit
from sources.shape.staff import attend
from sources.shape.units import APP, CALLS, CRM, MAILINGS, TILLS
from sources.shop import WEBSITE


def shape_household(facts: HouseholdFacts, world: World, clock: Clock, seed: int = SEED) -> ShapeRows:
    """All that is generated around a household: a function of its facts, the world, the clock and the seed alone.

    Receipts, participations in campaigns and their events, and the campaigns' promo codes are the real data's and are
    not among the rows.
    """
    draft = Draft(facts, world, clock, seed)
    person = identify(draft)
    permissions = permit(draft, person)
    engagement = engage(draft, person, permissions)
    site = visit_site(draft)
    origins = place_orders(draft, engagement, site.purchases)
    add_codes(draft, engagement)
    has_called = attend(draft)
    belong(draft, person)
    reward(draft, person)
    fill_carts(draft, site.carts)
    fill_wishlist(draft)
    _add_profile_events(draft)
    categories = {event.category for event in draft.shape.events}
    known = {
        TILLS: True,
        CRM: draft.shape.customer["crm_id"] is not None,
        WEBSITE: "website" in origins or bool(site.platforms),
        APP: bool(origins - {"website"}) or "mobile" in site.platforms,
        MAILINGS: bool(facts.mailings) or EventCategory.MAILING_MASS in categories,
        CALLS: has_called or EventCategory.CALL_CENTER in categories,
    }
    add_sources(draft, {name for name, is_known in known.items() if is_known})
    return draft.shape


def _add_profile_events(draft: Draft) -> None:
    """When the profile began, and when the person registered."""
    draft.happen(
        "created", EventCategory.PROFILE, "profile_created", "Profile was created", draft.facts.first_seen, actor=TILLS
    )
    registered_at = draft.shape.customer["registered_at"]
    if registered_at is not None:
        draft.happen("registered", EventCategory.PROFILE, "registered", "Customer registered", registered_at)
