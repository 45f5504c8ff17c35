"""Channels, as the schema shows them."""

from profiles.contacts import Channel
from resolvers.types.enums import described

described(
    Channel,
    "A way to reach a customer.",
    {
        "EMAIL": "By email.",
        "SMS": "By text message.",
        "PUSH": "By a notification of the app or browser.",
        "PHONE": "By a call.",
    },
)

__all__ = ["Channel"]
