"""Sums of the facts by day and hour; they are made from the facts with the next batch."""

import sqlalchemy as sa
from alembic import op

revision = "0016_sums"
down_revision = "0015_whose"
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _words(name: str) -> "sa.Column[str]":
    return sa.Column(name, _WORDS, nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False, autoincrement=False)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "metric_sum",
        _words("metric"),
        _words("span"),
        _number("start"),
        *(_words(each) for each in ("site", "supplier", "flow", "unit")),
        *(_number(each) for each in ("n", "total", "part", "whole")),
        sa.Column("spread", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("metric", "span", "start", "site", "supplier", "flow", "unit"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it; it can be made again from the facts."""
    op.execute("delete from metric_progress where name = 'sums'")
    op.drop_table("metric_sum")
