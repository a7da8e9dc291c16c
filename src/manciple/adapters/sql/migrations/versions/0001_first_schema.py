"""The first schema: commands, documents, events, effects, timers, worklists, the trace index."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "blob",
        sa.Column("digest", _WORDS, nullable=False),
        sa.Column("chunk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "chunk"),
    )
    op.create_table(
        "command",
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("act", _WORDS, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_index("command_at", "command", ["at"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", _WORDS, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "document",
        sa.Column("ref", _WORDS, nullable=False),
        sa.Column("kind", _WORDS, nullable=False),
        sa.Column("id", _WORDS, nullable=False),
        sa.Column("state", _WORDS, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("site", _WORDS, nullable=False),
        sa.Column("supplier", _WORDS, nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("document_kind", "document", ["kind", "made", "id"], unique=False)
    op.create_index("document_site", "document", ["kind", "site", "made", "id"], unique=False)
    op.create_index("document_state", "document", ["kind", "state", "made", "id"], unique=False)
    op.create_index(
        "document_supplier", "document", ["kind", "supplier", "made", "id"], unique=False
    )
    op.create_table(
        "effect",
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("endpoint", _WORDS, nullable=False),
        sa.Column("lane", _WORDS, nullable=False),
        sa.Column("verb", _WORDS, nullable=False),
        sa.Column("subject", _WORDS, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("correlation", _WORDS, nullable=False),
        sa.Column("state", _WORDS, server_default="due", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("polls", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease", _WORDS, nullable=True),
        sa.Column("lease_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("effect_settled", "effect", ["state", "settled_at"], unique=False)
    op.create_index("effect_subject", "effect", ["subject"], unique=False)
    op.create_index(
        "effect_waiting",
        "effect",
        ["endpoint", "lane", "due_at", "key"],
        unique=False,
        sqlite_where=sa.text("state in ('due', 'accepted')"),
        postgresql_where=sa.text("state in ('due', 'accepted')"),
    )
    op.create_table(
        "event",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("stream", _WORDS, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("type", _WORDS, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("stream", "version", name="event_stream"),
    )
    op.create_index("event_seq", "event", ["seq"], unique=True)
    op.create_index(
        "event_unsealed",
        "event",
        ["n"],
        unique=False,
        sqlite_where=sa.text("seq is null"),
        postgresql_where=sa.text("seq is null"),
    )
    op.create_table(
        "hold",
        sa.Column("endpoint", _WORDS, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by", _WORDS, nullable=False),
        sa.Column("reason", _WORDS, nullable=False),
        sa.PrimaryKeyConstraint("endpoint"),
    )
    op.create_table(
        "lane",
        sa.Column("endpoint", _WORDS, nullable=False),
        sa.Column("lane", _WORDS, nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("open_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refilled_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "lane"),
    )
    op.create_table(
        "lease",
        sa.Column("name", _WORDS, nullable=False),
        sa.Column("token", _WORDS, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "posting",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("owner", _WORDS, nullable=False),
        sa.Column("stage", _WORDS, nullable=False),
        sa.Column("line", _WORDS, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("quantity_unit", _WORDS, nullable=False),
        sa.Column("stated", sa.BigInteger(), nullable=False),
        sa.Column("stated_unit", _WORDS, nullable=False),
        sa.Column("source", _WORDS, nullable=False),
        sa.Column("reason", _WORDS, nullable=True),
        sa.Column("effective", _WORDS, nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("posting_owner", "posting", ["owner", "n"], unique=False)
    op.create_table(
        "assigned",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("owner", _WORDS, nullable=False),
        sa.Column("approval", _WORDS, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("assigned_owner", "assigned", ["owner", "n"], unique=False)
    op.create_table(
        "seal",
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("chained", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("last"),
    )
    op.create_table(
        "task",
        sa.Column("id", _WORDS, nullable=False),
        sa.Column("list", _WORDS, nullable=False),
        sa.Column("subject", _WORDS, nullable=False),
        sa.Column("title", _WORDS, nullable=False),
        sa.Column("role", _WORDS, nullable=False),
        sa.Column("owner", _WORDS, nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("site", _WORDS, nullable=False),
        sa.Column("supplier", _WORDS, nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("state", _WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("task_list", "task", ["list", "state", "priority", "due_at"], unique=False)
    op.create_index("task_owner", "task", ["owner", "state", "due_at"], unique=False)
    op.create_index(
        "task_role",
        "task",
        ["role", "priority", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("task_subject", "task", ["subject"], unique=False)
    op.create_table(
        "timer",
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("act", _WORDS, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("document", _WORDS, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("correlation", _WORDS, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("timer_due", "timer", ["due_at", "key"], unique=False)
    op.create_table(
        "trace",
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("thread", _WORDS, nullable=False),
        sa.Column("ref", _WORDS, nullable=False),
        sa.PrimaryKeyConstraint("key", "thread", "ref"),
        sqlite_with_rowid=False,
    )
    op.create_index("trace_ref", "trace", ["ref"], unique=False)
    op.create_index("trace_thread", "trace", ["thread", "ref"], unique=False)
