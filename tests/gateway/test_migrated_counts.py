"""Lists that were written before their rows were counted are counted afterwards."""

import pytest

from profiles.changes import Change
from profiles.kept_counts import KeptCount
from profiles.notes import Note
from profiles.storage.address import parse_address
from profiles.storage.migrations import downgrade, upgrade
from tests.gateway_client import Gateway
from tests.people import MADE_AT, add, people, stored


@pytest.mark.usefixtures("uncached")
async def test_the_rows_of_each_list_and_part_are_counted(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    fields = ("email", "consents.news", "consents.calls", "attributes.shoe.size")
    await add(
        gateway,
        *(Change(customer_id=1, id=id, at=MADE_AT, actor="Ann", field=field) for id, field in enumerate(fields, 1)),
        *(
            Note(
                customer_id=2,
                id=id,
                body="-",
                body_key="-",
                author="Ann",
                created_at=MADE_AT,
                updated_at=MADE_AT,
            )
            for id in (5, 6)
        ),
    )
    written = sorted(map(str, await stored(gateway, KeptCount)))
    address = parse_address(gateway.settings.database_url)
    await downgrade(address, "0011")
    await upgrade(address)
    rows = await stored(gateway, KeptCount)
    assert sorted(map(str, rows)) == written
    assert sorted((row.customer_id, row.list_name, row.part, row.row_count) for row in rows) == [
        (1, "changes", "attributes", 1),
        (1, "changes", "consents", 2),
        (1, "changes", "email", 1),
        (2, "notes", "", 2),
    ]
