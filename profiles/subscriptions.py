"""Subscriptions: a customer's current choice per channel, per category, and per channel within a category."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from profiles.columns import choice, instant, key, text
from profiles.contacts import Channel


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
