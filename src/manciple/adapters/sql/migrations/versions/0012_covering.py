"""Indexes that hold what is counted: figures, boards and the bell read no row beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0012_covering"
down_revision = "0011_due"
branch_labels = None
depends_on = None

_LINES = sa.text("list = 'line'")
_FIGURES = ("value", "business", "part", "whole", "unit", "site", "opened_at")


def upgrade() -> None:
    """Make the indexes anew, wider."""
    _widen("notice_at", "notice", "owner", "at", "site", "subject")
    _widen("metric_fact_supplier", "metric_fact", "metric", "supplier", "state", "at", *_FIGURES)
    _widen(
        "metric_fact_at", "metric_fact",
        *("metric", "state", "at", *_FIGURES), *("supplier", "flow", "reason"),
    )  # fmt: skip
    op.create_index("task_supplier", "task", ["list", "state", "supplier", "site", "due_at"])
    op.drop_index("task_line_stage", table_name="task")
    op.create_index(
        "task_line_stage",
        "task",
        ["priority", "due_at", "id", "site", "supplier"],
        sqlite_where=_LINES,
        postgresql_where=_LINES,
    )


def _widen(name: str, table: str, *columns: str) -> None:
    op.drop_index(name, table_name=table)
    op.create_index(name, table, list(columns))
