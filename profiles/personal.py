"""Personal data, listed once: what masking hides, an export hands out, and an erasure must leave nothing of.

`PERSONAL` names every column that tells who a customer is or what they or staff wrote in their own words.
`NOT_PERSONAL` names every other column of a customer's tables that holds text, a day or a choice, with the reason; a
test compares both with the tables, so that a new column cannot be forgotten.
"""

from collections.abc import Mapping

PERSONAL: Mapping[str, frozenset[str]] = {
    "customers": frozenset(
        {
            "crm_id",
            "first_name",
            "last_name",
            "gender",
            "birth_date",
            "country",
            "city",
            "address",
            "email",
            "phone",
            # What search compares is the same data, folded.
            "crm_id_key",
            "first_name_key",
            "last_name_key",
            "name_key",
            "city_key",
            "address_key",
            "email_key",
            "phone_key",
        }
    ),
    "identifiers": frozenset({"value"}),
    # The account says of each attribute whether it is personal; their values share these columns.
    "customer_attributes": frozenset({"value", "number"}),
    "receipts": frozenset({"attributes"}),
    "orders": frozenset({"attributes"}),
    "changes": frozenset({"before", "after"}),
    "notes": frozenset({"body", "body_key"}),
    # A query string can name a person, and a visit's id is their browser's.
    "sessions": frozenset({"external_id", "current_url"}),
    "timeline_events": frozenset({"url"}),
}

_STAFF = "who of the staff did it"
_SOURCE = "names the row in its source, not the person"
_CHOICE = "a choice among the gateway's own words"
_ACCOUNT = "a word of the account's file"
_MONEY = "an amount's currency and rate"
_PRODUCT = "names a product"
_MODEL = "what a model of purchases expects"
_SUMS = "names what is sold, and where, with sums of what it weighs"
_HAPPENED = "says what happened; writers put no contact and no value into it"

NOT_PERSONAL: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "external_id": "the source's own number for them: it opens a profile without the scope of personal data",
        "external_id_key": "as external_id",
        "subscription_status": _CHOICE,
        "email_warning": _CHOICE,
        "phone_warning": _CHOICE,
        "phone_type": _CHOICE,
    },
    "identifiers": {"kind": _CHOICE},
    "customer_attributes": {"attribute": _ACCOUNT},
    "customer_metrics": {
        "last_receipt_currency": _MONEY,
        "last_receipt_original": _MONEY,
        "last_order_currency": _MONEY,
        "last_order_original": _MONEY,
    },
    "customer_lifecycles": {
        "stage": _CHOICE,
        "probability_alive": _MODEL,
        "expected_orders": _MODEL,
    },
    "customer_rfm": {"segment": _CHOICE},
    "customer_affinities": {
        "category": _SUMS,
        "brand": _SUMS,
        "department": _SUMS,
        "package_size": _SUMS,
        "store": _SUMS,
    },
    "customer_tags": {"actor": _STAFF},
    "changes": {"actor": _STAFF, "field": "names what changed"},
    "notes": {"author": _STAFF},
    "consent_changes": {
        "name": _ACCOUNT,
        "status": _CHOICE,
        "source": "where the customer said so: a form or a call",
        "actor": _STAFF,
    },
    "kept_consents": {
        "name": _ACCOUNT,
        "status": _CHOICE,
        "source": "where the customer said so: a form or a call",
    },
    "channel_choices": {"channel": _CHOICE},
    "category_choices": {"category": _ACCOUNT},
    "category_channel_choices": {"category": _ACCOUNT, "channel": _CHOICE},
    "cart_items": {"currency": _MONEY, "original": _MONEY},
    "promo_codes": {"code": "what many customers may be given", "origin_kind": _CHOICE},
    "receipts": {
        "external_id": _SOURCE,
        "number": _SOURCE,
        "number_key": _SOURCE,
        "status": _ACCOUNT,
        "payment_status": _ACCOUNT,
        "currency": _MONEY,
        "original": _MONEY,
    },
    "receipt_items": {"product_external_id": _PRODUCT, "name": _PRODUCT, "currency": _MONEY, "original": _MONEY},
    "orders": {
        "external_id": _SOURCE,
        "external_id_key": _SOURCE,
        "number": _SOURCE,
        "origin": _CHOICE,
        "status": _ACCOUNT,
        "delivery_status": _ACCOUNT,
        "payment_status": _ACCOUNT,
        "currency": _MONEY,
        "original": _MONEY,
        "source": "names the site or app",
        "coupon_code": "what many customers may be given",
    },
    "order_items": {"product_external_id": _PRODUCT, "name": _PRODUCT, "currency": _MONEY, "original": _MONEY},
    "recommendations": {"reason": _CHOICE, "score": "how well a model thinks the product fits"},
    "sessions": {"state": _CHOICE},
    "kept_counts": {"list_name": _CHOICE, "part": _CHOICE},
    "timeline_kinds": {"category": _CHOICE, "type": _ACCOUNT},
    "timeline_events": {
        "external_id": _SOURCE,
        "category": _CHOICE,
        "type": _ACCOUNT,
        "name": _HAPPENED,
        "description": _HAPPENED,
        "details": _HAPPENED,
        "actor": _STAFF,
    },
}
