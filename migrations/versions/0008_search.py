"""Search by parts of texts: trigrams, and the indexes of ids as they are searched for."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The folded texts of a customer, as `profiles.finding.trigrams` asks for them. The text itself stays in `customers`.
TEXTS = {
    "name": "' ' || {0}.name_key || ' '",
    "email": "{0}.email_key",
    "phone": "{0}.phone_key",
    "crm_id": "{0}.crm_id_key",
    "external_id": "{0}.external_id_key",
}
KEYS = ("name_key", "email_key", "phone_key", "crm_id_key", "external_id_key")


def upgrade() -> None:
    op.create_index(op.f("ix_customers_crm_id_key"), "customers", ["crm_id_key"], unique=False)
    op.create_index(op.f("ix_customers_external_id_key"), "customers", ["external_id_key"], unique=False)
    op.create_index("ix_customers_last_name", "customers", ["last_name_key", "id"], unique=False)
    op.create_index("ix_customers_city", "customers", ["city_key", "created_at", "id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        operators = f"{_trigram_schema()}.gin_trgm_ops"
        op.create_index(
            "ix_customers_search",
            "customers",
            [
                sa.text(f"(' ' || name_key || ' ') {operators}"),
                sa.text(f"email_key {operators}"),
                sa.text(f"phone_key {operators}"),
            ],
            postgresql_using="gin",
        )
        return
    names = ", ".join(TEXTS)
    new, old = (", ".join(text.format(row) for text in TEXTS.values()) for row in ("new", "old"))
    remove = f"INSERT INTO customer_search (customer_search, rowid, {names}) VALUES ('delete', old.id, {old});"
    add = f"INSERT INTO customer_search (rowid, {names}) VALUES (new.id, {new});"
    changed = " OR ".join(f"old.{key} IS NOT new.{key}" for key in KEYS)
    texts = ", ".join(f"{text.format('customers')} AS {name}" for name, text in TEXTS.items())
    for statement in (
        f"CREATE VIEW customer_search_texts AS SELECT id, {texts} FROM customers",
        f"CREATE VIRTUAL TABLE customer_search USING fts5({names}, content = 'customer_search_texts',"
        " content_rowid = 'id', columnsize = 0, tokenize = 'trigram')",
        "INSERT INTO customer_search (customer_search) VALUES ('rebuild')",
        f"CREATE TRIGGER customer_search_added AFTER INSERT ON customers BEGIN {add} END",
        f"CREATE TRIGGER customer_search_removed AFTER DELETE ON customers BEGIN {remove} END",
        f"CREATE TRIGGER customer_search_changed AFTER UPDATE OF {', '.join(KEYS)} ON customers WHEN {changed}"
        f" BEGIN {remove} {add} END",
    ):
        op.execute(sa.text(statement))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # The extension stays: somebody else may use it.
        op.drop_index("ix_customers_search", "customers")
    else:
        for change in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER customer_search_{change}")
        op.execute("DROP TABLE customer_search")
        op.execute("DROP VIEW customer_search_texts")
    op.drop_index("ix_customers_city", "customers")
    op.drop_index("ix_customers_last_name", "customers")
    op.drop_index(op.f("ix_customers_external_id_key"), "customers")
    op.drop_index(op.f("ix_customers_crm_id_key"), "customers")


def _trigram_schema() -> str:
    """Makes sure of the extension, and says in which schema it is."""
    connection = op.get_bind()
    schema = sa.text(
        "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace"
        " WHERE extname = 'pg_trgm'"
    )
    if connection.scalar(schema) is None:
        try:
            with connection.begin_nested():
                connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        except sa.exc.DBAPIError as error:
            raise CommandError(
                "The search needs PostgreSQL's extension pg_trgm, which this role may not create: have an administrator"
                ' run "CREATE EXTENSION pg_trgm" in this database once, then migrate again.'
            ) from error
    return str(connection.scalar(schema))
