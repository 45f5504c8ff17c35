"""Polls, target audiences, names by which lists are sorted, and indexes for what is read newest first."""

import unicodedata

import sqlalchemy as sa
from alembic import op

from profiles import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAMED = ("stores", "categories", "mailings")
STROKES = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ħ": "h", "ŧ": "t", "\u0131": "i", "æ": "ae", "œ": "oe"})
UNSEEN = ("Cc", "Cf", "Cs")


def upgrade() -> None:
    op.create_table(
        "polls",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("results_url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_table(
        "target_audiences",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_table(
        "poll_participations",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("poll_id", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["poll_id"],
            ["polls.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index(
        "ix_poll_participations_at", "poll_participations", ["customer_id", "answered_at", "id"], unique=False
    )
    op.create_index("ix_poll_participations_poll", "poll_participations", ["poll_id", "customer_id"], unique=False)
    op.create_table(
        "target_audience_memberships",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audience_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"],
            ["target_audiences.id"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "audience_id"),
    )
    op.create_index(
        "ix_target_audience_memberships_audience",
        "target_audience_memberships",
        ["audience_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        "ix_timeline_events_category",
        "timeline_events",
        ["customer_id", "category", "occurred_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_timeline_events_product_views",
        "timeline_events",
        ["customer_id", "occurred_at", "id", "product_id"],
        unique=False,
        sqlite_where=sa.text("category = 'PRODUCT_VIEW' AND product_id IS NOT NULL"),
        postgresql_where=sa.text("category = 'PRODUCT_VIEW' AND product_id IS NOT NULL"),
    )
    op.create_index(
        "ix_timeline_events_viewed_product",
        "timeline_events",
        ["customer_id", "product_id", "occurred_at", "id"],
        unique=False,
        sqlite_where=sa.text("category = 'PRODUCT_VIEW' AND product_id IS NOT NULL"),
        postgresql_where=sa.text("category = 'PRODUCT_VIEW' AND product_id IS NOT NULL"),
    )
    op.create_index(
        "ix_sessions_live",
        "sessions",
        ["customer_id", "last_seen_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'LIVE'"),
        postgresql_where=sa.text("state = 'LIVE'"),
    )
    for name in NAMED:
        op.add_column(name, sa.Column("name_key", sa.Text(), nullable=True))
        _fold(name)


def _fold(name: str) -> None:
    """Fills the key of the few names that lower() does not fold, as `profiles.folding.stored_key` says them today."""
    rows = sa.table(name, sa.column("id", sa.BigInteger()), sa.column("name"), sa.column("name_key"))
    bind = op.get_bind()
    for id, text in bind.execute(sa.select(rows.c.id, rows.c.name)).all():
        if text.isascii() and text.isprintable() and text == " ".join(text.split()):
            continue
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        seen = [letter for letter in " ".join(folded.split()) if unicodedata.category(letter) not in UNSEEN]
        plain = "".join(letter for letter in seen if not unicodedata.combining(letter)).translate(STROKES)
        bind.execute(rows.update().where(rows.c.id == id).values(name_key=" ".join(plain.split())))


def downgrade() -> None:
    for name in reversed(NAMED):
        op.drop_column(name, "name_key")
    op.drop_index("ix_sessions_live", table_name="sessions")
    op.drop_index("ix_timeline_events_viewed_product", table_name="timeline_events")
    op.drop_index("ix_timeline_events_product_views", table_name="timeline_events")
    op.drop_index("ix_timeline_events_category", table_name="timeline_events")
    op.drop_index("ix_target_audience_memberships_audience", table_name="target_audience_memberships")
    op.drop_table("target_audience_memberships")
    op.drop_index("ix_poll_participations_poll", table_name="poll_participations")
    op.drop_index("ix_poll_participations_at", table_name="poll_participations")
    op.drop_table("poll_participations")
    op.drop_table("target_audiences")
    op.drop_table("polls")
