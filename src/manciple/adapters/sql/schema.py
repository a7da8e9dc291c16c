"""The tables. Times are microseconds since 1970 in UTC, quantities and money whole millionths.

A document's row is the head of its event stream; an event's bytes are what was hashed. Names
that the durable engine uses in the same SQLite file (``notifications``, ``queues``, ``streams``,
``workflow_*``, ...) are not used.
"""

import sqlalchemy as sa

from manciple.adapters.sql.types import Instant

TABLES = sa.MetaData()
_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Ordered by bytes on both databases: the order of timers and streams is part of history."""
_waiting = sa.text("state in ('due', 'accepted')")
_settled = sa.text("settled_at is not null")
_unsealed = sa.text("seq is null")
_open = sa.text("state = 'open'")
_due = sa.text("state = 'open' and list <> 'line'")


_FIGURES = ("value", "business", "part", "whole", "unit", "site", "opened_at")
"""What figures are reckoned from: it lies in the indexes, so that no fact itself is read."""


def _text(name: str, *, null: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _words, nullable=null)


def _number(name: str, *, null: bool = False, default: str | None = None) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=null, server_default=default)


def _time(name: str, *, null: bool = False) -> "sa.Column[object]":
    return sa.Column(name, Instant, nullable=null)


def _bytes(name: str, *, null: bool = False) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=null)


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, _words, primary_key=True)


def serial() -> "sa.Column[int]":
    """Give a table's running number: causal order, gaps allowed."""
    return sa.Column("n", _serial, primary_key=True, autoincrement=True)


command = sa.Table(
    "command",
    TABLES,
    _key("key"),
    _text("act"),
    _time("at"),
    _bytes("digest"),
    _bytes("reply"),
    sa.Index("command_at", "at"),
    sqlite_with_rowid=False,
)
document = sa.Table(
    "document",
    TABLES,
    _key("ref"),
    _text("kind"),
    _text("id"),
    _text("state"),
    _number("version"),
    _bytes("head"),
    _bytes("body"),
    _time("at"),
    _text("site"),
    _text("supplier"),
    _time("made"),
    sa.Index("document_kind", "kind", "made", "id"),
    sa.Index("document_state", "kind", "state", "made", "id"),
    sa.Index("document_site", "kind", "site", "made", "id"),
    sa.Index("document_supplier", "kind", "supplier", "made", "id"),
)
event = sa.Table(
    "event",
    TABLES,
    serial(),
    _text("stream"),
    _number("version"),
    _text("type"),
    _bytes("hash"),
    _bytes("body"),
    _time("at"),
    _number("seq", null=True),
    sa.UniqueConstraint("stream", "version", name="event_stream"),
    sa.Index("event_unsealed", "n", sqlite_where=_unsealed, postgresql_where=_unsealed),
    sa.Index("event_seq", "seq", unique=True),
)
effect = sa.Table(
    "effect",
    TABLES,
    _key("key"),
    _text("endpoint"),
    _text("lane"),
    _text("verb"),
    _text("subject"),
    _bytes("payload"),
    _time("due_at"),
    _time("at"),
    _text("correlation"),
    sa.Column("state", _words, nullable=False, server_default="due"),
    _number("attempts", default="0"),
    _number("polls", default="0"),
    _text("lease", null=True),
    _number("lease_until", default="0"),
    _bytes("result", null=True),
    _time("settled_at", null=True),
    sa.Column("business_key", _words, nullable=False, server_default=""),
    _number("needed", default="3652059"),  # date.max: not known
    sa.Index(
        "effect_waiting",
        "endpoint",
        "lane",
        "needed",
        "at",
        "key",
        sqlite_where=_waiting,
        postgresql_where=_waiting,
    ),
    sa.Index(
        "effect_order",
        "business_key",
        "endpoint",
        sqlite_where=_waiting,
        postgresql_where=_waiting,
    ),
    sa.Index("effect_subject", "subject"),
    sa.Index("effect_settled", "state", "settled_at"),
    sa.Index(
        "effect_endpoint",
        "endpoint",
        "settled_at",
        sqlite_where=_settled,
        postgresql_where=_settled,
    ),
)
attempt = sa.Table(
    "attempt",
    TABLES,
    serial(),
    _text("key"),
    _number("attempt"),
    _time("at"),
    _text("said"),
    _text("state"),
    _time("next_at"),
    _bytes("result"),
    sa.Index("attempt_key", "key", "n"),
    sa.Index("attempt_at", "at"),
)
"""What became of each attempt; one that was done at once has no row, for the effect says it."""
lane = sa.Table(
    "lane",
    TABLES,
    _key("endpoint"),
    _key("lane"),
    _number("epoch", default="0"),
    _number("failures", default="0"),
    _number("open_until", default="0"),
    _number("tokens", default="0"),
    _number("refilled_at", default="0"),
    _number("recent", default="1"),
    _number("failing_since", default="0"),
)
hold = sa.Table("hold", TABLES, _key("endpoint"), _time("since"), _text("by"), _text("reason"))
timer = sa.Table(
    "timer",
    TABLES,
    _key("key"),
    _time("due_at"),
    _text("act"),
    _bytes("body"),
    _text("document"),
    _number("version"),
    _text("correlation"),
    sa.Index("timer_due", "due_at", "key"),
)
seal = sa.Table(
    "seal",
    TABLES,
    sa.Column("last", sa.BigInteger, primary_key=True, autoincrement=False),
    _number("first"),
    _bytes("root"),
    _bytes("chained"),
    _time("at"),
)
lease = sa.Table("lease", TABLES, _key("name"), _text("token"), _time("until"))
task = sa.Table(
    "task",
    TABLES,
    _key("id"),
    _text("list"),
    _text("subject"),
    _text("title"),
    _text("role"),
    _text("owner", null=True),
    _time("opened_at"),
    _time("due_at", null=True),
    _text("site"),
    _text("supplier"),
    _number("priority"),
    _text("state"),
    sa.Index(
        "task_list",
        *("list", "state", "priority", sa.text("coalesce(due_at, 0)"), "id"),
        *("role", "owner", "site", "supplier"),
    ),
    sa.Index(
        "task_role", "role", "priority", "due_at", sqlite_where=_open, postgresql_where=_open
    ),
    sa.Index("task_owner", "owner", "state", "due_at"),
    sa.Index("task_subject", "subject"),
    sa.Index(
        "task_due",
        *("list", "due_at", "owner", "role", "site", "supplier"),
        sqlite_where=_due,
        postgresql_where=_due,
    ),
    sa.Index("task_supplier", "list", "state", "supplier", "site", "priority", "due_at"),
    sa.Index("task_line_due", "list", "state", "due_at", "id", "priority", "site", "supplier"),
)
trace = sa.Table(
    "trace",
    TABLES,
    _key("key"),
    _key("thread"),
    _key("ref"),
    sa.Index("trace_thread", "thread", "ref"),
    sa.Index("trace_ref", "ref"),
    sqlite_with_rowid=False,
)
memento = sa.Table(
    "memento",
    TABLES,
    _key("id"),
    _time("until"),
    _bytes("body"),
    sa.Index("memento_until", "until"),
)
counter = sa.Table("counter", TABLES, _key("name"), _number("last"))
blob = sa.Table(
    "blob",
    TABLES,
    _key("digest"),
    sa.Column("chunk", sa.Integer, primary_key=True, autoincrement=False),
    _bytes("data"),
)
posting = sa.Table(
    "posting",
    TABLES,
    serial(),
    _text("owner"),
    _text("stage"),
    _text("line"),
    _number("quantity"),
    _text("quantity_unit"),
    _number("stated"),
    _text("stated_unit"),
    _text("source"),
    _text("reason", null=True),
    _text("effective"),
    _text("item", null=True),
    sa.Index("posting_owner", "owner", "n"),
)
assigned = sa.Table(
    "assigned",
    TABLES,
    serial(),
    _text("owner"),
    _text("approval"),
    _number("step"),
    _number("is_open"),
    sa.Index("assigned_owner", "owner", "n"),
)
commitment = sa.Table(
    "commitment",
    TABLES,
    serial(),
    _text("owner"),
    _text("subject"),
    _number("line"),
    _text("requester"),
    _text("reference"),
    _text("site"),
    _text("supplier"),
    _text("house"),
    _text("item"),
    _text("category"),
    _text("cost_centre"),
    _number("amount"),
    _text("amount_currency"),
    _number("total"),
    _text("total_currency"),
    _text("day"),
    _text("owners"),
    sa.Index("commitment_owner", "owner", "n"),
)
notice = sa.Table(
    "notice",
    TABLES,
    serial(),
    *(_text(name) for name in ("owner", "subject", "kind", "title", "path", "site")),
    _number("at"),
    sa.Index("notice_owner", "owner", "n"),
    sa.Index("notice_at", "owner", "at", "site", "subject"),
)
notice_seen = sa.Table(
    "notice_seen",
    TABLES,
    serial(),
    _text("owner"),
    _text("subject"),
    _number("at"),
    sa.Index("notice_seen_owner", "owner", "n"),
    sa.Index("notice_seen_at", "owner", "subject", "at"),
)
notice_mail = sa.Table(
    "notice_mail",
    TABLES,
    serial(),
    *(_text(name) for name in ("owner", "subject", "kind", "title", "path")),
    _number("at"),
    _text("effect"),
    sa.Index("notice_mail_owner", "owner", "n"),
)
raised = sa.Table(
    "raised",
    TABLES,
    serial(),
    _text("owner"),
    _text("requisition"),
    sa.Index("raised_owner", "owner", "n"),
)
item_ordered = sa.Table(
    "item_ordered",
    TABLES,
    serial(),
    *(_text(name) for name in ("owner", "purchase_order", "line", "supplier")),
    _number("quantity"),
    *(_text(name) for name in ("quantity_unit", "ordered_on")),
    sa.Index("item_ordered_owner", "owner", "n"),
)
lead_time = sa.Table(
    "lead_time",
    TABLES,
    serial(),
    *(_text(name) for name in ("owner", "purchase_order", "line", "supplier")),
    *(_text(name) for name in ("ordered_on", "received_on")),
    _number("days"),
    sa.Index("lead_time_owner", "owner", "n"),
)
item_word = sa.Table(
    "item_word",
    TABLES,
    serial(),
    _text("owner"),
    _text("item"),
    sa.Index("item_word_owner", "owner", "n"),
)
metric_life = sa.Table("metric_life", TABLES, _key("key"), _bytes("body"), sqlite_with_rowid=False)
metric_fact = sa.Table(
    "metric_fact",
    TABLES,
    _key("metric"),
    _key("key"),
    _text("state"),
    *(
        _number(name, null=True)
        for name in ("opened_at", "at", "value", "business", "part", "whole")
    ),
    *(_text(name) for name in ("unit", "site", "supplier", "flow", "reason")),
    _number("seq"),
    *(
        sa.Index(f"metric_fact_{name}", "metric", name, "state", "at", *more)
        for name, more in (("site", ()), ("supplier", _FIGURES), ("flow", ()))
    ),
    sa.Index(
        "metric_fact_at",
        *("metric", "state", "at", *_FIGURES),
        *("supplier", "flow", "reason"),
    ),
    sa.Index(
        "metric_fact_open",
        *("metric", "state", "reason"),
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
    sqlite_with_rowid=False,
)
metric_restatement = sa.Table(
    "metric_restatement",
    TABLES,
    serial(),
    _number("seq"),
    _text("event"),
    _number("at"),
    _text("metric"),
    _text("key"),
    _number("day"),
    _number("old", null=True),
    _number("new", null=True),
    *(_text(name) for name in ("site", "supplier", "flow")),
    sa.Index("metric_restatement_metric", "metric", "n"),
    sa.Index("metric_restatement_day", "metric", "day"),
)
metric_sum = sa.Table(
    "metric_sum",
    TABLES,
    _key("metric"),
    _key("span"),
    sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
    *(_key(name) for name in ("site", "supplier", "flow", "unit")),
    *(_number(name) for name in ("n", "total", "part", "whole")),
    _bytes("spread"),
    sqlite_with_rowid=False,
)
metric_progress = sa.Table(
    "metric_progress", TABLES, _key("name"), _number("version"), _number("seq"), _number("at")
)

audit_entry = sa.Table(
    "audit_entry",
    TABLES,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    _number("at"),
    _text("actor"),
    _text("type"),
    sa.Index("audit_entry_at", "at", "seq"),
    sa.Index("audit_entry_actor", "actor", "at", "seq"),
    sa.Index("audit_entry_type", "type", "at", "seq"),
)
audit_object = sa.Table(
    "audit_object",
    TABLES,
    _key("object"),
    sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
