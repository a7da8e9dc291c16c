"""Metrics: what is remembered of each document, the facts, and what was restated."""

import sqlalchemy as sa
from alembic import op

revision = "0003_metrics"
down_revision = "0002_commitments"
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str, *, null: bool = True) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _words(name: str) -> "sa.Column[str]":
    return sa.Column(name, _WORDS, nullable=False)


def upgrade() -> None:
    """Make the tables of the metrics."""
    op.create_table(
        "metric_life",
        _words("key"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "metric_fact",
        _words("metric"),
        _words("key"),
        _words("state"),
        _number("opened_at"),
        _number("at"),
        _number("value"),
        _number("business"),
        _number("part"),
        _number("whole"),
        *(_words(each) for each in ("unit", "site", "supplier", "flow", "reason")),
        _number("seq", null=False),
        sa.PrimaryKeyConstraint("metric", "key"),
        sqlite_with_rowid=False,
    )
    for name in ("site", "supplier", "flow"):
        op.create_index(
            f"metric_fact_{name}", "metric_fact", ["metric", name, "state", "at"], unique=False
        )
    op.create_index("metric_fact_at", "metric_fact", ["metric", "state", "at"], unique=False)
    op.create_table(
        "metric_restatement",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        _number("seq", null=False),
        _words("event"),
        _number("at", null=False),
        _words("metric"),
        _words("key"),
        _number("day", null=False),
        _number("old"),
        _number("new"),
        *(_words(each) for each in ("site", "supplier", "flow")),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(
        "metric_restatement_metric", "metric_restatement", ["metric", "n"], unique=False
    )
    op.create_index(
        "metric_restatement_day", "metric_restatement", ["metric", "day"], unique=False
    )
    op.create_table(
        "metric_progress",
        _words("name"),
        _number("version", null=False),
        _number("seq", null=False),
        _number("at", null=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Drop them; they can be made again from the history."""
    for name in ("metric_progress", "metric_restatement", "metric_fact", "metric_life"):
        op.drop_table(name)
