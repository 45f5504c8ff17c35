"""Tags: labels that staff add and remove."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from profiles.columns import instant, key, text


class Tag(SQLModel, table=True):
    """A label; `name_key` makes it unique ignoring case."""

    __tablename__ = "tags"
    id: int = key()
    name: str = text()
    name_key: str = text(unique=True)


class CustomerTag(SQLModel, table=True):
    """A customer wears a tag."""

    __tablename__ = "customer_tags"
    __table_args__ = (Index("ix_customer_tags_tag", "tag_id", "customer_id"),)
    customer_id: int = key(foreign_key="customers.id")
    tag_id: int = key(foreign_key="tags.id")
    assigned_at: datetime = instant()
    actor: str = text()
