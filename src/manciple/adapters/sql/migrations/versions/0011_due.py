"""Worklists by due time: what is overdue is counted without looking at all that waits."""

import sqlalchemy as sa
from alembic import op

revision = "0011_due"
down_revision = "0010_queues"
branch_labels = None
depends_on = None

_DUE = sa.text("state = 'open' and list <> 'line'")


def upgrade() -> None:
    """Make the index; lines of orders have indexes of their own."""
    op.create_index(
        "task_due",
        "task",
        ["list", "due_at", "owner", "role", "site", "supplier"],
        unique=False,
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
