"""The customer: the table of contents of the whole product."""

from datetime import date, datetime

import strawberry

from profiles.customers import CustomerKind
from profiles.viewer import Scope
from resolvers import (
    abandoned_cart,
    affinities,
    attributes,
    cart,
    changes,
    channel_subscriptions,
    consents,
    contacts,
    data_sources,
    favorite_products,
    favorite_stores,
    interests,
    kind,
    last_activity,
    lifecycle,
    live_session,
    loyalty,
    mailings,
    metrics,
    notes,
    orders,
    polls,
    promo_codes,
    purchased_products,
    reachability,
    receipts,
    recently_viewed,
    recommendations,
    rfm,
    segments,
    subscriptions,
    tags,
    target_audiences,
    timeline,
    wishlist,
)
from resolvers.about import Person
from resolvers.guard import guarded, panel
from resolvers.identity import stated
from resolvers.ids import encode
from resolvers.rows import values_are
from resolvers.types.contact import EmailContact, PhoneContact
from resolvers.types.data_source import DataSource
from resolvers.types.identity import Gender, SubscriptionStatus
from resolvers.types.node import Node


@strawberry.type(description="One person, and everything we know about them, panel by panel.")
class Customer(Node):
    customer_id: strawberry.Private[int]

    is_type_of = values_are(Person)

    @strawberry.field(description="Opaque and stable.")  # type: ignore[misc]  # a field of Node, a method here
    def id(about: strawberry.Parent[Person]) -> strawberry.ID:
        return strawberry.ID(encode("Customer", about.customer_id))

    kind: CustomerKind | None = guarded(kind.kind, needs=Scope.PROFILE_READ, description="Whether they ever purchased.")
    external_id: str | None = stated(
        lambda row: row.external_id, str | None, needs=Scope.PROFILE_READ, description="The id in the source system."
    )
    crm_id: str | None = stated(
        lambda row: row.crm_id, str | None, needs=Scope.PERSONAL_READ, description="The CRM's id."
    )
    first_name: str | None = stated(
        lambda row: row.first_name, str | None, needs=Scope.PERSONAL_READ, description="First name."
    )
    last_name: str | None = stated(
        lambda row: row.last_name, str | None, needs=Scope.PERSONAL_READ, description="Last name."
    )
    name: str | None = stated(
        lambda row: row.name, str | None, needs=Scope.PERSONAL_READ, description="First and last name; null without."
    )
    gender: Gender | None = stated(
        lambda row: row.gender, Gender | None, needs=Scope.PERSONAL_READ, description="As they stated it."
    )
    birth_date: date | None = stated(
        lambda row: row.birth_date, date | None, needs=Scope.PERSONAL_READ, description="Date of birth."
    )
    country: str | None = stated(
        lambda row: row.country, str | None, needs=Scope.PERSONAL_READ, description="Country (ISO 3166 alpha-2)."
    )
    city: str | None = stated(lambda row: row.city, str | None, needs=Scope.PERSONAL_READ, description="City.")
    address: str | None = stated(
        lambda row: row.address, str | None, needs=Scope.PERSONAL_READ, description="Postal address in one line."
    )
    email: EmailContact | None = guarded(
        contacts.email, needs=Scope.PROFILE_READ, description="The email address and what is wrong with it."
    )
    phone: PhoneContact | None = guarded(
        contacts.phone, needs=Scope.PROFILE_READ, description="The phone number, its type, and what is wrong with it."
    )
    subscription_status: SubscriptionStatus | None = stated(
        lambda row: row.subscription_status,
        SubscriptionStatus | None,
        needs=Scope.PROFILE_READ,
        description="The state of the email channel.",
    )
    created_at: datetime | None = stated(
        lambda row: row.created_at, datetime | None, needs=Scope.PROFILE_READ, description="When the profile was made."
    )
    updated_at: datetime | None = stated(
        lambda row: row.updated_at,
        datetime | None,
        needs=Scope.PROFILE_READ,
        description="When details, tags, notes, subscriptions or consents last changed; events do not count.",
    )
    registered_at: datetime | None = stated(
        lambda row: row.registered_at,
        datetime | None,
        needs=Scope.PROFILE_READ,
        description="When they registered; null if they did not.",
    )
    subscribed_at: datetime | None = stated(
        lambda row: row.subscribed_at,
        datetime | None,
        needs=Scope.PROFILE_READ,
        description="Their first subscription to any channel; null if never.",
    )
    version: int | None = stated(
        lambda row: row.version,
        int | None,
        needs=Scope.PROFILE_READ,
        description="Counts the edits of the profile; `updateCustomer` takes it as `expectedVersion`.",
    )
    sources: list[DataSource] | None = guarded(
        data_sources.sources, needs=Scope.PROFILE_READ, description="The systems that know them, by name."
    )
    attributes = panel(
        attributes.panel,
        needs=Scope.PROFILE_READ,
        description="The account's own fields and built-in ones. A personal one needs `personal:read`, a metric "
        "`metrics:read`: else its value is null with FORBIDDEN.",
    )
    reachability = panel(
        reachability.panel,
        needs=Scope.PROFILE_READ,
        description="Whether each channel is open, with every reason why not.",
    )
    metrics = panel(metrics.panel, needs=Scope.METRICS_READ, description="Statistics of receipts, orders and visits.")
    loyalty = panel(
        loyalty.panel,
        needs=Scope.LOYALTY_READ,
        description="Their bonuses and points; null for who was never credited with any, and where the account has the "
        "loyalty programme switched off.",
    )
    rfm = panel(
        rfm.panel,
        needs=Scope.METRICS_READ,
        description="Their scores of recency, frequency and money; null without a purchase, and before the first "
        "recompute.",
    )
    lifecycle = panel(
        lifecycle.panel,
        needs=Scope.METRICS_READ,
        description="Where they stand in the life cycle, and what is to be expected of them.",
    )
    receipts = panel(receipts.panel, needs=Scope.RECEIPTS_READ, description="Their receipts, newest first.")
    orders = panel(
        orders.panel,
        needs=Scope.ORDERS_READ,
        description="Their orders, newest first; null where the account has orders switched off.",
    )
    purchased_products = panel(
        purchased_products.panel,
        needs=Scope.PRODUCTS_READ,
        description="The products they purchased, one row a product, the latest purchase first.",
    )
    favorite_products = panel(
        favorite_products.panel,
        needs=Scope.PRODUCTS_READ,
        description="The products they purchased at least twice: by number of purchases, then the latest purchase.",
    )
    favorite_stores = panel(
        favorite_stores.panel,
        needs=Scope.STORES_READ,
        description="The stores they purchased at: by number of receipts, then the latest receipt; null where the "
        "account has favorite stores switched off.",
    )
    recently_viewed = panel(
        recently_viewed.panel,
        needs=Scope.ACTIVITY_READ,
        description="The products they looked at within 90 days, each once, the latest look first.",
    )
    recommendations = panel(
        recommendations.panel,
        needs=Scope.RECOMMENDATIONS_READ,
        description="The products they may want, the best first, without what they purchased lately.",
    )
    interests = panel(
        interests.panel,
        needs=Scope.INTERESTS_READ,
        description="The categories they looked at lately and have not bought from since, the strongest first, at most "
        "10; null where the account has interests switched off.",
    )
    affinities = panel(
        affinities.panel,
        needs=Scope.INTERESTS_READ,
        description="What they buy and look at, attribute by attribute, the strongest first.",
    )
    cart = panel(
        cart.panel,
        needs=Scope.PRODUCTS_READ,
        description="What waits in their cart; null where nothing does, as after an order.",
    )
    wishlist = panel(
        wishlist.panel,
        needs=Scope.PRODUCTS_READ,
        description="The products they want to remember; null where there are none.",
    )
    abandoned_cart = panel(
        abandoned_cart.panel,
        needs=Scope.PRODUCTS_READ,
        description="What they left behind in carts abandoned in the account's last days (30) and did not purchase "
        "after adding it: the newest first, a product once.",
    )
    last_activity = panel(
        last_activity.panel,
        needs=Scope.ACTIVITY_READ,
        description="The newest thing they did on the website, in the app or with an email; null where there is none. "
        "What the timeline hides is no activity here either.",
    )
    live_session = panel(
        live_session.panel,
        needs=Scope.ACTIVITY_READ,
        description="Their visit that is live now; null where none is.",
    )
    timeline = panel(
        timeline.panel,
        needs=Scope.ACTIVITY_READ,
        description="Everything they did or were sent, newest first by when it happened. Events of orders, receipts, "
        "mailings, notes, tags, consents and the like need the scope of those panels too and are left out without it.",
    )
    segments = panel(segments.panel, needs=Scope.SEGMENTS_READ, description="The segments they are in now, by name.")
    tags = panel(tags.panel, needs=Scope.TAGS_READ, description="The labels that staff put on them, by name.")
    target_audiences = panel(
        target_audiences.panel,
        needs=Scope.SEGMENTS_READ,
        description="The target audiences they belong to, as the sources said, by name.",
    )
    notes = panel(notes.panel, needs=Scope.NOTES_READ, description="What staff wrote about them, newest first.")
    mailings = panel(
        mailings.panel,
        needs=Scope.MAILINGS_READ,
        description="The mailings they took part in, also as control group, newest first.",
    )
    promo_codes = panel(
        promo_codes.panel, needs=Scope.PROMO_CODES_READ, description="The promo codes issued to them, newest first."
    )
    polls = panel(polls.panel, needs=Scope.POLLS_READ, description="The polls they took part in, newest first.")
    channel_subscriptions = panel(
        channel_subscriptions.panel,
        needs=Scope.CONSENTS_READ,
        description="Which channels they want at all; every channel is listed.",
    )
    subscriptions = panel(
        subscriptions.panel,
        needs=Scope.CONSENTS_READ,
        description="Which mailing categories they want, and through which channels; every active category is listed.",
    )
    consents = panel(consents.panel, needs=Scope.CONSENTS_READ, description="What they allowed and took back, by name.")
    changes = panel(
        changes.panel,
        needs=Scope.PROFILE_READ,
        description="Who changed what in the profile, newest first. Changes of tags, notes, consents and subscriptions "
        "need the scope of those panels too and are left out without it.",
    )
