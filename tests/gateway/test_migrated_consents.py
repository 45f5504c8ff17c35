"""Consents that were changed before their present state was kept stand in it afterwards."""

import pytest

from profiles.consents import ConsentChange, ConsentStatus, KeptConsent
from profiles.storage.address import parse_address
from profiles.storage.migrations import downgrade, upgrade
from tests.gateway_client import Gateway
from tests.people import MADE_AT, add, people, stored

GRANTED, REVOKED = ConsentStatus.GRANTED, ConsentStatus.REVOKED


@pytest.mark.usefixtures("uncached")
async def test_the_newest_change_of_each_consent_is_kept_with_its_last_grant(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    changes = [(1, 1, "news", GRANTED), (1, 2, "news", REVOKED), (1, 3, "calls", REVOKED), (2, 4, "news", GRANTED)]
    await add(
        gateway,
        *(
            # Of one microsecond: the later id is the newer one.
            ConsentChange(
                customer_id=customer, id=id, name=name, status=status, at=MADE_AT, source=f"{id}", actor="Ann"
            )
            for customer, id, name, status in changes
        ),
    )
    written = sorted(map(str, await stored(gateway, KeptConsent)))
    address = parse_address(gateway.settings.database_url)
    await downgrade(address, "0010")
    await upgrade(address)
    rows = await stored(gateway, KeptConsent)
    assert sorted(map(str, rows)) == written
    assert sorted((row.customer_id, row.name, row.change_id, row.status, row.granted_at) for row in rows) == [
        (1, "calls", 3, REVOKED, None),
        (1, "news", 2, REVOKED, MADE_AT),
        (2, "news", 4, GRANTED, MADE_AT),
    ]
