"""The account, as the schema shows it: settings, panels, attribute definitions and the lists that choosers show."""

from typing import Annotated

import strawberry

from profiles import account
from profiles.account import AttributeEntity, Block, PanelSide
from profiles.catalog import EVERY
from profiles.rfm import SEGMENTS
from profiles.views import view_of
from resolvers.context import Info
from resolvers.ids import encode
from resolvers.scalars import CurrencyCode
from resolvers.types.attribute import AttributeDefinition, shape_definition
from resolvers.types.channel import Channel
from resolvers.types.data_source import DataSource, shape_source
from resolvers.types.enums import described
from resolvers.types.event_category import EventCategory
from resolvers.types.node import Node
from resolvers.types.order_value_basis import OrderValueBasis
from resolvers.types.store import BusinessUnit, shape_business_unit

described(
    AttributeEntity,
    "What an attribute describes.",
    {
        "CUSTOMER": "A customer.",
        "RECEIPT": "A receipt.",
        "RECEIPT_ITEM": "A line of a receipt.",
        "ORDER": "An order.",
        "ORDER_ITEM": "A line of an order.",
    },
)
described(
    PanelSide,
    "Where a panel stands.",
    {
        "LEFT": "The static side: who they are, and statistics.",
        "RIGHT": "The side with tabs: what they do.",
    },
)


@strawberry.type(description="The account's switches and windows.")
class AccountSettings:
    interest_window_days: int = strawberry.field(description="For how many days a category view counts as interest.")
    last_order_value_basis: OrderValueBasis = strawberry.field(description="What the last order's value includes.")
    orders_enabled: bool = strawberry.field(description="Whether the panel of orders and their events are shown.")
    order_events_enabled: bool = strawberry.field(description="Whether orders appear in the timeline, if orders do.")
    favorite_stores_enabled: bool = strawberry.field(description="Whether the panel of favorite stores is shown.")
    interests_enabled: bool = strawberry.field(description="Whether interests are calculated and shown.")
    loyalty_enabled: bool = strawberry.field(description="Whether the loyalty programme is active.")


@strawberry.type(description="A panel of the profile, under the account's own word for it.")
class PanelDefinition:
    key: str = strawberry.field(description="The field of `Customer` that it shows.")
    label: str = strawberry.field(description="The account's word for it.")
    side: PanelSide = strawberry.field(description="Where it stands.")
    position: int = strawberry.field(description="Its place on its side, from 1.")
    enabled: bool = strawberry.field(description="Whether it is switched on; a panel that is off is null.")
    tab: str | None = strawberry.field(description="Which tab of the right side shows it; null on the left.")


@strawberry.type(description="A kind of event that a timeline can hold.")
class EventType:
    key: str = strawberry.field(description="As `TimelineEvent.type`.")
    label: str = strawberry.field(description="For people.")
    category: EventCategory = strawberry.field(description="Its category.")


@strawberry.type(description="A consent that a customer can give.")
class ConsentDefinition:
    name: str = strawberry.field(description="As `Consent.name`.")
    label: str = strawberry.field(description="For people.")
    channels: list[Channel] = strawberry.field(description="The channels that it blocks while it is revoked.")


@strawberry.type(description="A category of mailings to which customers subscribe.")
class SubscriptionCategory(Node):
    name: str = strawberry.field(description="For people.")
    is_active: bool = strawberry.field(description="Only active ones are shown; an inactive one keeps its data.")


@strawberry.type(description="The company's account: settings, panels, attributes and lists.")
class Account(Node):
    of: strawberry.Private[account.Account]
    name: str = strawberry.field(description="The company's name.")
    currency: CurrencyCode = strawberry.field(description="Every amount is shown in this currency.")
    time_zone: str = strawberry.field(description="Days are calendar days in this zone (IANA name).")
    affinity_attributes: list[str] = strawberry.field(description="What affinities can be asked about.")
    order_statuses: list[str] = strawberry.field(description="The statuses that an order can have.")

    @strawberry.field(description="Switches and windows.")
    def settings(self) -> AccountSettings:
        switches = self.of.settings
        return AccountSettings(
            interest_window_days=switches.interest_window_days,
            last_order_value_basis=switches.last_order_value_basis,
            orders_enabled=switches.orders_enabled,
            order_events_enabled=switches.order_events_enabled,
            favorite_stores_enabled=switches.favorite_stores_enabled,
            interests_enabled=switches.interests_enabled,
            loyalty_enabled=switches.loyalty_enabled,
        )

    @strawberry.field(description="The panels in the account's order, the switched-off ones too.")
    def panels(self) -> list[PanelDefinition]:
        places = dict.fromkeys(PanelSide, 0)
        shown = []
        for panel in self.of.panels:
            places[panel.side] += 1
            shown.append(
                PanelDefinition(
                    key=panel.key,
                    label=panel.label,
                    side=panel.side,
                    position=places[panel.side],
                    enabled=panel.key not in self.of.disabled_panels,
                    tab=panel.tab,
                )
            )
        return shown

    @strawberry.field(description="All attributes of an entity, built-in ones first.")
    def attribute_definitions(
        self,
        entity: Annotated[AttributeEntity, strawberry.argument(description="Of what.")] = AttributeEntity.CUSTOMER,
    ) -> list[AttributeDefinition]:
        return [shape_definition(each) for each in self.of.all_attributes if each.entity is entity]

    @strawberry.field(description="The attributes that a block of the screen shows, in order.")
    async def view(
        self, info: Info, block: Annotated[Block, strawberry.argument(description="Which block.")]
    ) -> list[AttributeDefinition]:
        views = await info.context.loaders.chosen_views.ask(EVERY, None)
        return [shape_definition(definition) for definition in view_of(self.of, views, block)]

    @strawberry.field(description="The kinds of events: the account's own, then those that the gateway tells itself.")
    def event_types(self) -> list[EventType]:
        return [EventType(key=each.key, label=each.label, category=each.category) for each in self.of.all_event_types]

    @strawberry.field(description="The consents that a customer can give.")
    def consents(self) -> list[ConsentDefinition]:
        return [
            ConsentDefinition(name=each.name, label=each.label, channels=[Channel(name) for name in each.channels])
            for each in self.of.consents
        ]

    @strawberry.field(description="The names that `Rfm.segment` can have, the best first.")
    def rfm_segments(self) -> list[str]:
        return list(SEGMENTS)

    @strawberry.field(description="The parts of the company, by number.")
    async def business_units(self, info: Info) -> list[BusinessUnit]:
        return [shape_business_unit(row) for row in await info.context.loaders.every_business_unit.ask(EVERY, None)]

    @strawberry.field(description="The systems that send data, by name.")
    async def data_sources(self, info: Info) -> list[DataSource]:
        return [shape_source(row) for row in await info.context.loaders.every_source.ask(EVERY, None)]

    @strawberry.field(description="The categories of mailings, inactive ones too.")
    def subscription_categories(self) -> list[SubscriptionCategory]:
        return [shape_category(category) for category in self.of.mailing_categories]


def shape_category(category: account.MailingCategory) -> SubscriptionCategory:
    """A mailing category as a node."""
    return SubscriptionCategory(
        id=strawberry.ID(encode("SubscriptionCategory", category.key)), name=category.name, is_active=category.is_active
    )


def shape_account(info: Info) -> Account:
    """The account of this operation."""
    of = info.context.account
    return Account(
        id=strawberry.ID(encode("Account", 1)),
        of=of,
        name=of.name,
        currency=CurrencyCode(of.currency),
        time_zone=of.time_zone,
        affinity_attributes=list(of.affinity_attributes),
        order_statuses=list(of.order_statuses),
    )
