"""Subscriptions, as the schema shows them."""

from collections.abc import Mapping
from datetime import datetime

import strawberry

from profiles.account import MailingCategory
from profiles.contacts import Channel as AnyChannel
from profiles.subscriptions import NOT_SUBSCRIBED, Choice
from profiles.subscriptions import CategorySubscription as Chosen
from resolvers.types.account import SubscriptionCategory, shape_category
from resolvers.types.channel import Channel


@strawberry.type(description="Whether a customer wants a channel.")
class ChannelSubscription:
    channel: Channel = strawberry.field(description="Which channel.")
    is_subscribed: bool = strawberry.field(description="Whether it is wanted; without a stored choice it is not.")
    changed_at: datetime | None = strawberry.field(description="When that was chosen; null where it never was.")


@strawberry.type(description="What a customer wants of one mailing category.")
class CategorySubscription:
    category: SubscriptionCategory = strawberry.field(description="Which category; it is active.")
    is_subscribed: bool = strawberry.field(description="Whether it is wanted; without a stored choice it is not.")
    channels: list[ChannelSubscription] = strawberry.field(
        description="Every channel; `isSubscribed` says which are chosen for this category."
    )


def shape_channels(choices: Mapping[AnyChannel, Choice]) -> list[ChannelSubscription]:
    """Every channel, with the choice that is stored for it."""
    shaped = []
    for channel in AnyChannel:
        choice = choices.get(channel)
        shaped.append(
            ChannelSubscription(
                channel=channel,
                is_subscribed=choice is not None and choice.is_subscribed,
                changed_at=None if choice is None else choice.changed_at,
            )
        )
    return shaped


def shape_subscription(category: MailingCategory, chosen: Mapping[str, Chosen]) -> CategorySubscription:
    """What is chosen for one category."""
    own = chosen.get(category.key, NOT_SUBSCRIBED)
    return CategorySubscription(
        category=shape_category(category), is_subscribed=own.is_subscribed, channels=shape_channels(own.channels)
    )
