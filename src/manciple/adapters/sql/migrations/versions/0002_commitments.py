"""What was asked for lately: the lines that windows over spending sum up."""

import sqlalchemy as sa
from alembic import op

revision = "0002_commitments"
down_revision = "0001"
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = ("requester", "reference", "site", "supplier", "house", "item", "category")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "commitment",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("owner", _WORDS, nullable=False),
        sa.Column("subject", _WORDS, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        *(sa.Column(name, _WORDS, nullable=False) for name in _TEXTS),
        sa.Column("cost_centre", _WORDS, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", _WORDS, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("total_currency", _WORDS, nullable=False),
        sa.Column("day", _WORDS, nullable=False),
        sa.Column("owners", _WORDS, nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("commitment_owner", "commitment", ["owner", "n"], unique=False)
