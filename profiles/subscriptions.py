"""Subscriptions: a customer's current choice per channel, per category, and per channel within a category."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal, select, union_all
from sqlmodel import Field, SQLModel

from profiles.columns import choice, instant, key, text
from profiles.contacts import Channel
from profiles.reachability import CategoryChoice as Chosen
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.viewer import Viewer


class ChannelChoice(SQLModel, table=True):
    """Whether a customer wants a channel at all; no row means not subscribed."""

    __tablename__ = "channel_choices"
    customer_id: int = key(foreign_key="customers.id")
    channel: Channel = choice(Channel, primary_key=True)
    is_subscribed: bool = Field()
    changed_at: datetime = instant()


class CategoryChoice(SQLModel, table=True):
    """Whether a customer wants a mailing category (its key in the account file)."""

    __tablename__ = "category_choices"
    customer_id: int = key(foreign_key="customers.id")
    category: str = text(primary_key=True)
    is_subscribed: bool = Field()
    changed_at: datetime = instant()


class CategoryChannelChoice(SQLModel, table=True):
    """Through which channels a customer wants a category."""

    __tablename__ = "category_channel_choices"
    customer_id: int = key(foreign_key="customers.id")
    category: str = text(primary_key=True)
    channel: Channel = choice(Channel, primary_key=True)
    is_subscribed: bool = Field()
    changed_at: datetime = instant()


@record
class Choice:
    """A stored choice, and when it was made."""

    is_subscribed: bool
    changed_at: datetime


@record
class CategorySubscription:
    """What a customer chose for one mailing category; no stored choice (an absent channel) is not subscribed
    (ruling 25)."""

    is_subscribed: bool
    channels: Mapping[Channel, Choice]


NOT_SUBSCRIBED = CategorySubscription(False, {})


@shaped()
def _channels() -> Build:
    chosen = table(ChannelChoice)

    def build(dialect: DialectName) -> Any:
        return select(chosen.c.customer_id, chosen.c.channel, chosen.c.is_subscribed, chosen.c.changed_at).where(
            among_ids(dialect, chosen.c.customer_id)
        )

    return build


@shaped()
def _categories() -> Build:
    category, channel = table(CategoryChoice).c, table(CategoryChannelChoice).c

    def build(dialect: DialectName) -> Any:
        return union_all(
            select(
                category.customer_id,
                category.category,
                literal(None, channel.channel.type).label("channel"),
                category.is_subscribed,
                category.changed_at,
            ).where(among_ids(dialect, category.customer_id)),
            select(
                channel.customer_id, channel.category, channel.channel, channel.is_subscribed, channel.changed_at
            ).where(among_ids(dialect, channel.customer_id)),
        )

    return build


@shaped()
def _category() -> Build:
    category, channel = table(CategoryChoice), table(CategoryChannelChoice)
    wanted = bindparam("category", type_=category.c.category.type)

    def build(dialect: DialectName) -> Any:
        return union_all(
            select(
                category.c.customer_id, literal(None, channel.c.channel.type).label("channel"), category.c.is_subscribed
            ).where(among_ids(dialect, category.c.customer_id), category.c.category == wanted),
            select(channel.c.customer_id, channel.c.channel, channel.c.is_subscribed).where(
                among_ids(dialect, channel.c.customer_id), channel.c.category == wanted
            ),
        )

    return build


def channel_choices(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, Mapping[Channel, Choice]]:
    """Which channels each customer wants, and since when; a channel without a stored choice is absent."""

    def collect(rows: list[Row]) -> Mapping[int, Mapping[Channel, Choice]]:
        choices: dict[int, dict[Channel, Choice]] = {}
        for customer_id, channel, is_subscribed, changed_at in rows:
            choices.setdefault(customer_id, {})[channel] = Choice(is_subscribed, changed_at)
        return choices

    return Read(_channels(), {"ids": customer_ids}, collect, BY_CUSTOMER)


def category_subscriptions(
    viewer: Viewer, customer_ids: Sequence[int]
) -> Read[int, Mapping[str, CategorySubscription]]:
    """What each customer chose for every mailing category, by the category's key; one without any choice is absent."""

    def collect(rows: list[Row]) -> Mapping[int, Mapping[str, CategorySubscription]]:
        subscribed: dict[int, dict[str, bool]] = {}
        channels: dict[int, dict[str, dict[Channel, Choice]]] = {}
        for customer_id, category, channel, is_subscribed, changed_at in rows:
            through = channels.setdefault(customer_id, {}).setdefault(category, {})
            if channel is None:
                subscribed.setdefault(customer_id, {})[category] = is_subscribed
            else:
                through[channel] = Choice(is_subscribed, changed_at)
        return {
            id: {
                category: CategorySubscription(subscribed.get(id, {}).get(category, False), through)
                for category, through in own.items()
            }
            for id, own in channels.items()
        }

    return Read(_categories(), {"ids": customer_ids}, collect, BY_CUSTOMER)


def category_choices(viewer: Viewer, customer_ids: Sequence[int], category: str) -> Read[int, Chosen]:
    """What each customer chose for one mailing category, and through which channels."""

    def collect(rows: list[Row]) -> Mapping[int, Chosen]:
        subscribed: dict[int, bool] = {}
        channels: dict[int, set[Channel]] = {}
        for customer_id, channel, is_subscribed in rows:
            channels.setdefault(customer_id, set())
            if channel is None:
                subscribed[customer_id] = is_subscribed
            elif is_subscribed:
                channels[customer_id].add(channel)
        return {id: Chosen(subscribed.get(id, False), frozenset(chosen)) for id, chosen in channels.items()}

    return Read(_category(), {"ids": customer_ids, "category": category}, collect, BY_CUSTOMER)
