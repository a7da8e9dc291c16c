"""Delivery: order within a business key, by need in a backlog; a share of failures.

An effect that waits already keeps its subject as its key, and its need is not known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_delivery_order"
down_revision = "0003_metrics"
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_WAITING = sa.text("state in ('due', 'accepted')")
_UNKNOWN = "3652059"
"""The last day of the calendar, as a number: nobody said when it is needed."""


def upgrade() -> None:
    """Add the columns, and order what waits by need."""
    op.add_column("effect", sa.Column("business_key", _WORDS, nullable=False, server_default=""))
    op.add_column(
        "effect", sa.Column("needed", sa.BigInteger(), nullable=False, server_default=_UNKNOWN)
    )
    op.execute("update effect set business_key = subject")
    op.drop_index("effect_waiting", table_name="effect")
    op.create_index(
        "effect_waiting",
        "effect",
        ["endpoint", "lane", "needed", "at", "key"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index(
        "effect_order",
        "effect",
        ["business_key", "endpoint"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.add_column("lane", sa.Column("recent", sa.BigInteger(), nullable=False, server_default="1"))
    op.add_column(
        "lane", sa.Column("failing_since", sa.BigInteger(), nullable=False, server_default="0")
    )
