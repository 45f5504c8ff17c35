"""Data sources, as the schema shows them."""

from datetime import datetime

import strawberry

from profiles.data_sources import DataSourceRow
from resolvers.ids import encode
from resolvers.types.node import Node


@strawberry.type(description="A system that sends data to the platform.")
class DataSource(Node):
    name: str = strawberry.field(description="Its name.")
    last_received_at: datetime | None = strawberry.field(
        description="When it was last heard of: by an import, or by events recorded with a key of its name. Null if "
        "never."
    )


def shape_source(row: DataSourceRow) -> DataSource:
    """A row as a node."""
    return DataSource(
        id=strawberry.ID(encode("DataSource", row.id)), name=row.name, last_received_at=row.last_received_at
    )
