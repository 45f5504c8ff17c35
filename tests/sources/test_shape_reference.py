"""Generated reference rows: stores, and the rates of a second currency."""

from dataclasses import replace
from datetime import timedelta

from profiles.catalog import ExchangeRate, Store
from sources.shape import CANADIAN_STORE, reference
from sources.shop import ONLINE_STORE
from tests.sources.households import ACCOUNT, CLOCK, FIRST_DAY, NOW, STORES
from tests.sources.shaped import REFERENCE


def test_stores_are_named_and_one_sells_online_and_one_in_canadian_dollars() -> None:
    names = [row[2] for row in REFERENCE.rows.tables[Store][1]]
    assert len(names) == len(set(names)) == len(STORES) + 1
    assert [store.external_id for store in REFERENCE.stores if store.currency == "CAD"] == [CANADIAN_STORE]
    assert [store.external_id for store in REFERENCE.stores if store.external_id == ONLINE_STORE] == [ONLINE_STORE]


def test_rates_cover_every_working_day_and_do_not_depend_on_when_the_data_is_loaded() -> None:
    days = [rate.rate_date for rate in REFERENCE.rates]
    assert len(days) == len(set(days)) == len(REFERENCE.rows.tables[ExchangeRate][1])
    assert min(days) <= FIRST_DAY + CLOCK.shift - timedelta(days=25)
    assert max(days) <= CLOCK.today
    assert all(day.weekday() < 5 for day in days)
    later = replace(CLOCK, end=NOW + timedelta(days=9), shift=CLOCK.shift + timedelta(days=9))
    shifted = {rate.rate_date: rate.rate for rate in reference(ACCOUNT, later, STORES, FIRST_DAY).rates}
    assert {day: shifted[day] for day in days if day in shifted} == {
        rate.rate_date: rate.rate for rate in REFERENCE.rates if rate.rate_date in shifted
    }
