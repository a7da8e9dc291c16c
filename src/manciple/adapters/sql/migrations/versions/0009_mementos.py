"""Mementos: what was before an act that can be taken back, kept until nobody can any more."""

import sqlalchemy as sa
from alembic import op

revision = "0009_mementos"
down_revision = "0008_by_person_and_item"
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "memento",
        sa.Column("id", _WORDS, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("memento_until", "memento", ["until"], unique=False)
