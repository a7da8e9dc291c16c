"""Worklists in their own order: the head of a long queue is read without sorting all of it."""

import sqlalchemy as sa
from alembic import op

revision = "0010_queues"
down_revision = "0009_mementos"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index; who may see a row is in it, so that others' rows are passed unread."""
    op.drop_index("task_list", table_name="task")
    op.create_index(
        "task_list",
        "task",
        [
            *("list", "state", "priority", sa.text("coalesce(due_at, 0)"), "id"),
            *("role", "owner", "site", "supplier"),
        ],
        unique=False,
    )
