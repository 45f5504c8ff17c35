"""Alembic's environment: migrations run on the connection that `profiles.storage.migrations` hands over."""

import asyncio
import os
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlmodel.sql.sqltypes import AutoString

from profiles import columns
from profiles.storage.address import parse_address
from profiles.storage.migrations import is_declared
from profiles.storage.store import write_engine
from profiles.tables import METADATA

# A migration keeps its meaning when the application's enums change, so choices, amounts and documents are written as
# the plain SQL types they are. An instant and a day differ between the databases: only their own names know how.
PLAIN: dict[type, str] = {
    columns.Choice: "sa.Text()",
    columns.Json: "sa.Text()",
    columns.Minor: "sa.BigInteger()",
    AutoString: "sa.String()",
}
OWN: dict[type, str] = {columns.Instant: "columns.Instant()", columns.Day: "columns.Day()"}


def render_item(kind: str, item: Any, autogenerating: AutogenContext) -> str | Literal[False]:
    """How a column type is written in a generated migration."""
    if kind == "type":
        if type(item) in PLAIN:
            return PLAIN[type(item)]
        if type(item) in OWN:
            autogenerating.imports.add("from profiles import columns")
            return OWN[type(item)]
    return False


def run(connection: Connection) -> None:
    """Runs what was asked for on an open connection; the caller owns the transaction."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_item=render_item,
        include_name=is_declared,
        render_as_batch=False,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def by_hand() -> None:
    """For `alembic` at a terminal: the database of PROFILE_GATEWAY_DATABASE_URL, or a fresh SQLite file."""
    address = parse_address(os.environ.get("PROFILE_GATEWAY_DATABASE_URL", "sqlite:///profile-gateway.db"))
    engine = write_engine(address)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    asyncio.run(by_hand())
