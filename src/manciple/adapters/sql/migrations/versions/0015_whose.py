"""PostgreSQL learns whose rows a worklist holds, so that it reads the head of a long one.

Without it a person who owns a whole list is taken for one with a few rows, and all of them are
read and sorted for a page. Source: PostgreSQL's manual, "Extended Statistics", most common values.
"""

from alembic import op

revision = "0015_whose"
down_revision = "0014_substitutes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the statistics, and take them once; from then on the database does by itself."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "create statistics if not exists task_whose (mcv) on list, state, owner, role from task"
    )
    op.execute("analyze task")
