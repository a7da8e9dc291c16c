"""What became of each attempt, and the index by which the audit searches the history."""

import sqlalchemy as sa
from alembic import op

revision = "0005_attempts_and_audit"
down_revision = "0004_delivery_order"
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SETTLED = sa.text("settled_at is not null")


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _words(name: str) -> "sa.Column[str]":
    return sa.Column(name, _WORDS, nullable=False)


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.create_table(
        "attempt",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        _words("key"),
        _number("attempt"),
        _number("at"),
        _words("said"),
        _words("state"),
        _number("next_at"),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("attempt_key", "attempt", ["key", "n"], unique=False)
    op.create_index("attempt_at", "attempt", ["at"], unique=False)
    op.create_index(
        "effect_endpoint",
        "effect",
        ["endpoint", "settled_at"],
        unique=False,
        sqlite_where=_SETTLED,
        postgresql_where=_SETTLED,
    )
    op.create_table(
        "audit_entry",
        _number("seq"),
        _number("at"),
        *(_words(each) for each in ("actor", "type")),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("audit_entry_at", "audit_entry", ["at", "seq"], unique=False)
    op.create_index("audit_entry_actor", "audit_entry", ["actor", "at", "seq"], unique=False)
    op.create_index("audit_entry_type", "audit_entry", ["type", "at", "seq"], unique=False)
    op.create_table(
        "audit_object",
        _words("object"),
        _number("at"),
        _number("seq"),
        sa.PrimaryKeyConstraint("object", "at", "seq"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them; the index can be made again from the history, the attempts can't."""
    op.drop_table("audit_object")
    op.drop_table("audit_entry")
    op.drop_index("effect_endpoint", table_name="effect")
    op.drop_table("attempt")
