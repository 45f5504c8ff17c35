"""Generated orders: amounts that add up, statuses, codes, and what makes an order marketing's."""

from collections import Counter
from datetime import timedelta
from typing import Any

from profiles.mailings import MailingParticipation
from profiles.money import convert
from profiles.orders import Order, OrderItem
from profiles.promo_codes import PromoCode
from sources.shape import CANADIAN_STORE
from sources.shop import store_id
from tests.sources.households import ACCOUNT
from tests.sources.shaped import (
    ALL,
    HOUSEHOLDS,
    REFERENCE,
    all_events,
    all_named,
    named,
)


def test_order_amounts_add_up() -> None:
    items: dict[int, list[dict[str, Any]]] = {}
    for item in all_named(OrderItem):
        assert item["total_minor"] == item["unit_price_minor"] * item["quantity_milli"] // 1000
        items.setdefault(item["order_id"], []).append(item)
    for order in all_named(Order):
        own = items[order["id"]]
        assert order["subtotal_minor"] == sum(item["total_minor"] for item in own)
        assert order["product_count"] == sum(item["quantity_milli"] for item in own) // 1000
        assert 0 <= order["discount_minor"] <= order["subtotal_minor"]
        assert order["product_cost_minor"] == order["subtotal_minor"] - order["discount_minor"]
        assert order["total_minor"] == order["product_cost_minor"] + order["tax_minor"] + order["shipping_minor"]
        assert order["currency"] == ACCOUNT.currency


def test_orders_of_the_canadian_store_keep_their_amounts_and_the_rate_of_the_day() -> None:
    foreign = [order for order in all_named(Order) if order["original"] is not None]
    assert foreign
    assert {order["store_id"] for order in foreign} == {store_id(CANADIAN_STORE)}
    rates = {rate.rate_date.isoformat(): rate for rate in REFERENCE.rates}
    for order in foreign:
        original = order["original"]
        rate = rates[original["rate_date"]]
        assert (original["currency"], original["rate"]) == ("CAD", str(rate.rate))
        assert original["product_cost"] == original["subtotal"] - original["discount"]
        assert original["total"] == original["product_cost"] + original["tax"] + original["shipping"]
        tax = convert(original["tax"], "CAD", ACCOUNT.currency, rate.rate, rate.rate_date)
        assert order["tax_minor"] == tax.amount_minor


def test_half_of_the_households_order_a_part_of_their_receipts_at_the_receipt_s_cost() -> None:
    ordering, ordered, receipts = 0, 0, 0
    for facts, shape in ALL:
        baskets = {basket.receipt_id: basket for basket in facts.baskets}
        linked = [order for order in named(shape, Order) if order["receipt_id"] is not None]
        for order in linked:
            basket = baskets[order["receipt_id"]]
            assert facts.first_seen <= order["placed_at"] <= basket.issued_at
            assert order["store_id"] == basket.store_id
            if basket.original is None:
                assert order["product_cost_minor"] == basket.product_total_minor
            else:
                assert order["original"]["product_cost"] == basket.original["product_total"]
        assert len({order["receipt_id"] for order in linked}) == len(linked)
        if linked:
            ordering, ordered, receipts = ordering + 1, ordered + len(linked), receipts + len(facts.baskets)
    assert 0.4 <= ordering / HOUSEHOLDS <= 0.6
    assert 0.1 <= ordered / receipts <= 0.2


def test_orders_say_how_they_ended_in_the_account_s_statuses() -> None:
    orders = all_named(Order)
    statuses = Counter(order["status"] for order in orders)
    assert set(statuses) <= set(ACCOUNT.order_statuses)
    assert {"NEW", "COMPLETED", "RETURNED", "CANCELLED"} <= set(statuses)
    assert 0.02 <= statuses["RETURNED"] / len(orders) <= 0.1
    for order in orders:
        assert order["is_returned"] == (order["status"] == "RETURNED")
        assert (order["payment_status"] == "UNPAID") == (order["status"] in {"NEW", "CANCELLED"})
    for events, wanted in (("order_placed", set(statuses)), ("order_returned", {"RETURNED"})):
        subjects = [event.subject_id for event in all_events() if event.type == events]
        assert sorted(subjects) == sorted(order["id"] for order in orders if order["status"] in wanted)


def test_an_order_is_attributed_by_a_code_or_by_a_click_within_the_account_s_days_and_by_nothing_else() -> None:
    window = timedelta(days=ACCOUNT.settings.attribution_days)
    attributed = 0
    for facts, shape in ALL:
        clicks = [event.occurred_at for event in shape.events if event.type == "email_clicked"]
        held_back = {row["mailing_id"] for row in named(shape, MailingParticipation) if row["is_control_group"]}
        codes = {
            row["code"]: row["issued_at"] for row in named(shape, PromoCode) if row["origin_id"] not in held_back
        } | {code.code: code.issued_at for code in facts.promo_codes if code.redeemed_at is not None}
        for order in named(shape, Order):
            at, coupon = order["placed_at"], order["coupon_code"]
            by_click = any(click <= at <= click + window for click in clicks)
            assert order["is_attributed"] == (coupon is not None or by_click)
            assert coupon is None or coupon in codes
            attributed += order["is_attributed"]
    assert 0.1 <= attributed / len(all_named(Order)) <= 0.6


def test_a_promo_code_is_redeemed_once_and_issued_again_only_while_unused() -> None:
    reissued = 0
    for _, shape in ALL:
        placed = {order["coupon_code"]: order["placed_at"] for order in named(shape, Order)}
        by_code: dict[str, list[dict[str, Any]]] = {}
        for row in named(shape, PromoCode):
            by_code.setdefault(row["code"], []).append(row)
        for code, rows in by_code.items():
            rows.sort(key=lambda row: row["issued_at"])
            assert [row["is_reissued"] for row in rows] == [False, True][: len(rows)]
            redeemed = [row for row in rows if row["redeemed_at"] is not None]
            assert len(redeemed) <= 1
            if redeemed:
                assert redeemed[0] is rows[-1]
                assert redeemed[0]["issued_at"] <= redeemed[0]["redeemed_at"] == placed[code]
            reissued += len(rows) - 1
    assert reissued > HOUSEHOLDS / 20
