"""Notices: what somebody should know, what they have read, and what went to them by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0007_notices"
down_revision = "0006_line_board"
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COLUMNS = {
    "notice": ("owner", "subject", "kind", "title", "path", "site", "at"),
    "notice_seen": ("owner", "subject", "at"),
    "notice_mail": ("owner", "subject", "kind", "title", "path", "at", "effect"),
}


def _column(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.BigInteger() if name == "at" else _WORDS, nullable=False)


def upgrade() -> None:
    """Make the tables and their indexes."""
    for table, columns in _COLUMNS.items():
        op.create_table(
            table,
            sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
            *(_column(each) for each in columns),
            sa.PrimaryKeyConstraint("n"),
        )
        op.create_index(f"{table}_owner", table, ["owner", "n"], unique=False)
    op.create_index("notice_at", "notice", ["owner", "at"], unique=False)
    op.create_index("notice_seen_at", "notice_seen", ["owner", "subject", "at"], unique=False)


def downgrade() -> None:
    """Drop them: nothing else depends on what they hold."""
    for table in reversed(_COLUMNS):
        op.drop_table(table)
