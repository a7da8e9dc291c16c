"""Worklists by supplier and by due time, each in one index that holds what boards count.

An index of lines alone is not taken by SQLite when another begins with the list's name.
"""

from alembic import op

revision = "0013_suppliers"
down_revision = "0012_covering"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes anew."""
    op.drop_index("task_line_stage", table_name="task")
    _anew("task_supplier", "list", "state", "supplier", "site", "priority", "due_at")
    _anew("task_line_due", "list", "state", "due_at", "id", "priority", "site", "supplier")


def _anew(name: str, *columns: str) -> None:
    op.drop_index(name, table_name="task")
    op.create_index(name, "task", list(columns), unique=False)
