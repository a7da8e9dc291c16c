"""What is open of a metric lies by its reason: a page that counts it reads nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0017_open_reasons"
down_revision = "0016_sums"
branch_labels = None
depends_on = None
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "metric_fact_open",
        "metric_fact",
        ["metric", "state", "reason"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("metric_fact_open", "metric_fact")
