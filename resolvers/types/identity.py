"""The choices among who a customer is, as the schema shows them."""

from profiles.customers import CustomerKind, Gender, SubscriptionStatus
from resolvers.types.enums import described

described(
    CustomerKind,
    "Whether they ever purchased.",
    {"CONTACT": "Never purchased.", "CUSTOMER": "Purchased at least once."},
)
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

__all__ = ["CustomerKind", "Gender", "SubscriptionStatus"]
