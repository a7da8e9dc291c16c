"""Postings tell which item came, where it is not the one that was ordered."""

import sqlalchemy as sa
from alembic import op

revision = "0014_substitutes"
down_revision = "0013_suppliers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was posted before was of the item ordered."""
    op.add_column("posting", sa.Column("item", sa.Text(), nullable=True))
