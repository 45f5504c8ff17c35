"""The choices among who a customer is, as the schema shows them."""

from profiles.customers import Gender, SubscriptionStatus
from resolvers.types.enums import described

described(
    Gender,
    "As the customer stated it.",
    {"FEMALE": "Female.", "MALE": "Male.", "OTHER": "Neither of the two.", "UNKNOWN": "Not stated."},
)
described(
    SubscriptionStatus,
    "The state of the email channel.",
    {
        "SUBSCRIBED": "Subscribed.",
        "UNSUBSCRIBED": "Was subscribed and is no longer.",
        "PENDING": "Asked, but not confirmed.",
        "NEVER_SUBSCRIBED": "Never was.",
    },
)

__all__ = ["Gender", "SubscriptionStatus"]
