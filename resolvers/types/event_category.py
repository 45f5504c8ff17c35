"""Event categories, as the schema shows them."""

from profiles.timeline import EventCategory
from resolvers.types.enums import described

described(
    EventCategory,
    "What kind of thing happened; a frontend shows an icon for each.",
    {
        "MAILING_MASS": "Took part in a mass mailing.",
        "MAILING_CAMPAIGN": "Took part in a mailing of a campaign.",
        "EMAIL": "Something happened to an email: opened, clicked, bounced.",
        "RECEIPT": "A receipt was issued.",
        "ORDER": "An order was placed or changed; shown only where the account shows orders and their events.",
        "CALL_CENTER": "Talked with the call center.",
        "SITE_VISIT": "Visited a site or app.",
        "CATEGORY_VIEW": "Looked at a category.",
        "PRODUCT_VIEW": "Looked at a product.",
        "PAGE_VIEW": "Looked at a page.",
        "CART_ABANDONED": "Left a cart behind.",
        "BONUS_ACCRUED": "Was given bonuses of the loyalty programme.",
        "POINTS_ACCRUED": "Was given points, the score apart from bonuses.",
        "TAG_ASSIGNED": "Was given or lost a tag.",
        "LIFECYCLE": "Came to another stage of the lifecycle.",
        "CONSENT": "Granted or revoked a consent.",
        "NOTE": "A note was written, changed or deleted.",
        "SEGMENT": "Entered or left a segment.",
        "PROFILE": "Details of the profile changed.",
    },
)

__all__ = ["EventCategory"]
