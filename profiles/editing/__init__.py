"""Editing a profile: what staff may write into it, checked at the door and written in one unit."""

from profiles.editing.asked import AttributeEdit, Edit
from profiles.editing.writing import update_customer

__all__ = ["AttributeEdit", "Edit", "update_customer"]
