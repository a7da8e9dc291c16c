"""The trace and the raw partner messages, read from the index, the history and the ledger.

A thread's streams are the documents that the trace index puts on it; their events, in the order
in which they were written, are the story.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, reading
from manciple.exchange.interchange import Interchange
from manciple.formats.x12.tokens import Tokens
from manciple.intelligence import tracing as view
from manciple.intelligence.tracing import (
    Direction,
    Health,
    InterchangeView,
    SegmentView,
    Severity,
    Trace,
    TraceCase,
    TraceDocument,
    TraceEffect,
    TraceHit,
    TraceLine,
    TraceStep,
)
from manciple.intelligence.wording import money, quantity, reasons, told
from manciple.runtime.codec import decode
from manciple.runtime.history import read
from manciple.runtime.rows import moment

_VERSION, _SENDER, _RECEIVER = 12, 6, 8
"""Places in the ISA. Source: X12 004010, ISA12, ISA06, ISA08."""
SHOWN_SEGMENTS = 2000
"""Segments of a file that its page shows; the whole file can be fetched."""
_KINDS = {
    "requisition": "Requisition",
    "approval": "Approval",
    "purchase-order": "Purchase order",
    "acknowledgment": "Acknowledgment",
    "ship-notice": "Ship notice",
    "receipt": "Receipt",
    "return": "Return",
    "invoice": "Invoice",
    "interchange": "Partner message",
    "case": "Exception",
}
_ORDER = {kind: place for place, kind in enumerate(_KINDS)}
_TROUBLE = frozenset({"rejected", "refused", "held", "unreadable", "undeliverable", "void",
                      "cancelled", "quarantined", "withdrawn"})  # fmt: skip
_MOVING = frozenset({"submitted", "pending", "placed", "recorded", "sent", "shipped", "received",
                     "composed", "partial", "changed", "acknowledged"})  # fmt: skip
_STAGES = ("cancelled", "acknowledged", "shipped", "received", "accepted", "returned",
           "short_closed", "invoiced", "credited")  # fmt: skip
_MILLION = Decimal(1_000_000)
_MOST_LOOKS = 50
"""How often the next 400 changes are looked through for recent threads; a key finds older ones."""


def _health(kind: str, state: str) -> Health:
    if state in _TROUBLE:
        return Health.TROUBLE
    if kind == "case":
        return Health.TROUBLE if state == "open" else Health.DONE
    if state in _MOVING and not (kind == "receipt" or (kind == "invoice" and state == "posted")):
        return Health.MOVING
    return Health.DONE


class SqlTraces:
    """Answers about threads."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def sequence(self, thread: str) -> int:
        """Give the sequence of a thread's last change; 0 if there is no such thread."""
        with reading(self._engine) as session:
            return _sequence(session, thread)

    def find(self, key: str) -> tuple[TraceHit, ...]:
        """Find the threads that a business key leads to, latest change first."""
        wanted = key.strip()
        with reading(self._engine) as session:
            rows = session.rows(
                f"select key, thread, ref from trace where {session.among('key')} "  # noqa: S608  our own words; values are bound
                "order by thread, ref limit 500",
                (session.keys(sorted({wanted, wanted.upper(), wanted.lower()})),),
            )
            if not rows:
                rows = session.rows(
                    "select ref, thread, ref from trace where ref = ? limit 50", (wanted,)
                )
            first: dict[str, str] = {}
            for _, thread, document in rows:
                kept = first.setdefault(thread, document)
                if _rank(document) < _rank(kept):
                    first[thread] = document
            hits = list(_hits(session, first, wanted).values())
        return tuple(sorted(hits, key=lambda hit: (hit.at, hit.thread), reverse=True)[:50])

    def recent(
        self, *, limit: int, after: str | None, sites: Collection[str] = ()
    ) -> tuple[TraceHit, ...]:
        """List the threads that changed last, latest first, those after the thread ``after``."""
        found: list[TraceHit] = []
        looks = count()
        seen: set[str] = set()
        with reading(self._engine) as session:
            place = _sequence(session, after) if after else None
            while len(found) < limit and next(looks) < _MOST_LOOKS:
                rows = session.rows(
                    "select n, stream from event where n < ? order by n desc limit 400",
                    (place if place is not None else 1 << 62,),
                )
                if not rows:
                    break
                threads = _threads_of(session, [row[1] for row in rows])
                met = {each: int(n) for n, stream in reversed(rows) for each in threads[stream]}
                new = {each: n for each, n in met.items() if each not in seen}
                seen |= new.keys()
                if after:  # what changed since stands on a page before
                    last = _sequences(session, list(new))
                    new = {each: n for each, n in new.items() if last.get(each) == n}
                order = sorted(new, key=lambda each: (-new[each], each))
                hits = _hits(session, {each: each for each in order}, "")
                found += [
                    hits[each]
                    for each in order
                    if each in hits and (not sites or hits[each].site in sites)
                ]
                place = int(rows[-1][0])
        return tuple(found[:limit])

    def trace(self, thread: str) -> Trace | None:
        """Tell one thread's whole life; None if there is no such thread."""
        with reading(self._engine) as session:
            links = session.rows("select ref, key from trace where thread = ?", (thread,))
            if not links:
                return None
            keys: dict[str, list[str]] = {}
            for document, key in links:
                keys.setdefault(document, []).append(key)
            papers = _papers(session, sorted(keys))
            steps, sequence = _steps(session, sorted(keys))
            effects = _effects(session, sorted(keys))
            lines = tuple(
                line
                for kind, body in papers.values()
                if kind == "purchase-order"
                for line in _lines(session, body)
            )
        return _compose(thread, keys, papers, steps, effects, lines, sequence)


def _rank(document: str) -> int:
    return _ORDER.get(document.partition("/")[0], len(_ORDER))


def _sequence(session: Session, thread: str) -> int:
    row = session.one(
        "select max(e.n) from trace t join event e on e.stream = t.ref where t.thread = ?",
        (thread,),
    )
    return int(row[0]) if row and row[0] is not None else 0


def _sequences(session: Session, threads: Sequence[str]) -> dict[str, int]:
    """Give of each thread the sequence of its last change."""
    rows = session.rows(
        "select t.thread, max(e.n) from trace t join event e on e.stream = t.ref "  # noqa: S608  our own words; values are bound
        f"where {session.among('t.thread')} group by t.thread",
        (session.keys(threads),),
    )
    return {row[0]: int(row[1]) for row in rows}


def _threads_of(session: Session, streams: Sequence[str]) -> dict[str, list[str]]:
    """Give the threads on which each of some streams is, sorted."""
    found: dict[str, list[str]] = {each: [] for each in streams}
    rows = session.rows(
        f"select distinct ref, thread from trace where {session.among('ref')} order by thread",  # noqa: S608  our own words; values are bound
        (session.keys(list(found)),),
    )
    for stream, thread in rows:
        found[stream].append(thread)
    return found


def _body(data: bytes) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(data)
    return body


def _hits(session: Session, documents: Mapping[str, str], key: str) -> dict[str, TraceHit]:
    """Give a hit for each thread that is a document's, by the document that was looked for."""
    needs = _heads(session, list(documents))
    first = {
        thread: f"purchase-order/{orders[0]}"
        for thread, (_, need, _) in needs.items()
        if (orders := need.get("orders"))
    }
    orders = _heads(session, list(first.values()))
    return {
        thread: _hit(thread, key, document, needs[thread], orders.get(first.get(thread, "")))
        for thread, document in documents.items()
        if thread in needs
    }


_Head = tuple[str, dict[str, Any], int]
"""A document's state, body and time."""


def _heads(session: Session, refs: Sequence[str]) -> dict[str, _Head]:
    if not refs:
        return {}
    rows = session.rows(
        f"select ref, state, body, at from document where {session.among('ref')}",  # noqa: S608  our own words; values are bound
        (session.keys(refs),),
    )
    return {row[0]: (str(row[1]), _body(row[2]), row[3]) for row in rows}


def _hit(thread: str, key: str, document: str, head: _Head, order: _Head | None) -> TraceHit:
    state, need, at = head
    orders: list[str] = list(need.get("orders") or [])
    supplier = ""
    if order is not None:
        state, at = order[0], max(at, order[2])
        supplier = order[1].get("supplier", "")
    number = thread.partition("/")[2]
    headline = f"{number} for {need.get('site', '')}: {len(need.get('lines', ()))} lines"
    if supplier:
        headline = f"{orders[0]} to {supplier} for {need.get('site', '')}"
    kind = document.partition("/")[0]
    return TraceHit(
        key=key or number,
        thread=thread,
        kind=_KINDS.get(kind, kind),
        headline=f"{headline}, {money(need.get('total'))}",
        state=state,
        health=_health("purchase-order" if orders else "requisition", state),
        at=moment(at),
        site=str(need.get("site", "")),
    )


def _papers(session: Session, refs: Sequence[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    rows = session.rows(
        f"select ref, kind, state, body, at from document where {session.among('ref')}",  # noqa: S608  our own words; values are bound
        (session.keys(refs),),
    )
    return {
        row[0]: (row[1], _body(row[3]) | {"_state": row[2], "_at": moment(row[4])}) for row in rows
    }


def _steps(session: Session, refs: Sequence[str]) -> tuple[list[TraceStep], int]:
    rows = session.rows(
        "select n, stream, version, type, hash, body from event "  # noqa: S608  our own words; values are bound
        f"where {session.among('stream')} order by n",
        (session.keys(refs),),
    )
    steps = [_step(row) for row in rows]
    steps.sort(key=lambda step: step.at)
    return steps, max((int(row[0]) for row in rows), default=0)


def _step(row: Row) -> TraceStep:
    event = read(row[5])
    data = event.data if isinstance(event.data, Mapping) else {}
    system, health, title = told(row[3], data)
    actor = f"{event.actor} for {event.on_behalf_of}" if event.on_behalf_of else event.actor
    return TraceStep(
        at=event.at,
        system=system,
        title=title,
        event=row[3],
        stream=row[1],
        version=row[2],
        actor=actor,
        detail=tuple(_detail(data)),
        reasons=reasons(data),
        health=health,
        interchange=_carrier(row[1], data),
        hash=row[4].hex(),
    )


_TOLD = {
    "supplier": "supplier",
    "site": "site",
    "lane": "lane",
    "category": "category",
    "document_type": "for",
    "ruling": "by policy row",
    "due_at": "due",
    "revision": "revision",
    "erp_number": "ERP number",
    "finance_number": "finance number",
    "control": "control number",
    "channel": "came by",
    "size": "bytes",
    "shipment": "shipment",
    "carrier": "carrier",
    "shipped": "shipped",
    "expected": "expected",
    "received": "received on",
    "number": "their number",
    "owner_role": "owner",
    "resolution": "resolution",
    "note": "note",
    "reason": "reason",
    "code": "code",
    "amount": "amount",
    "total": "total",
    "variance": "variance",
}
"""What of an event is worth showing, and how it is called."""


def _detail(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, label in _TOLD.items():
        value = data.get(name)
        if isinstance(value, str | int) and value != "":
            yield label, str(value)
        elif text := money(value) or quantity(value):
            yield label, text


def _carrier(stream: str, data: Mapping[str, Any]) -> str | None:
    named = data.get("interchange")
    if isinstance(named, str):
        return named
    kind, _, name = stream.partition("/")
    return name if kind == "interchange" else None


def _effects(session: Session, refs: Sequence[str]) -> tuple[TraceEffect, ...]:
    rows = session.rows(
        "select key, endpoint, lane, verb, state, attempts, due_at, result from effect "  # noqa: S608  our own words; values are bound
        f"where {session.among('subject')} order by at, key",
        (session.keys(refs),),
    )
    return tuple(_effect(row) for row in rows)


_EFFECTS = {
    "done": Health.DONE,
    "due": Health.WAITING,
    "accepted": Health.MOVING,
    "rejected": Health.TROUBLE,
    "dead": Health.TROUBLE,
}


def _effect(row: Row) -> TraceEffect:
    answer = decode(row[7], dict[str, Any]) if row[7] else {}
    text = ", ".join(f"{name} {value}" for name, value in answer.items() if value is not None)
    waiting = row[4] in {"due", "accepted"}
    return TraceEffect(
        key=row[0],
        endpoint=row[1],
        lane=row[2],
        verb=row[3],
        state=row[4],
        health=_EFFECTS.get(row[4], Health.MOVING),
        attempts=row[5],
        due_at=moment(row[6]) if waiting else None,
        result=text[:300] or None,
    )


def _lines(session: Session, order: Mapping[str, Any]) -> Iterator[TraceLine]:
    rows = session.rows(
        "select line, stage, sum(quantity) from posting where owner = ? group by line, stage",
        (order["id"],),
    )
    sums: dict[str, dict[str, Decimal]] = {}
    for line, stage, scaled in rows:
        sums.setdefault(line, {})[stage] = Decimal(int(scaled)) / _MILLION
    for line in order["lines"]:
        at = sums.get(line["number"], {})
        zero = Decimal(0)
        ordered = at.get("ordered", zero)
        gone = at.get("cancelled", zero) + at.get("short_closed", zero)
        received = at.get("received", zero)
        again = at.get("to_be_replaced", zero)
        price = line["price"]
        per = quantity(price["per"])
        yield TraceLine(
            order=order["id"],
            line=line["number"],
            item=line["item"],
            description=line.get("description") or "",
            unit=line["base"]["unit"],
            ordered=ordered,
            open=max(ordered + again - gone - received, zero),
            received_not_invoiced=received - at.get("invoiced", zero),
            price=f"{money(price['money'])} per {per}",
            **{stage: at.get(stage) for stage in _STAGES},
        )


def _compose(
    thread: str,
    keys: Mapping[str, list[str]],
    papers: Mapping[str, tuple[str, dict[str, Any]]],
    steps: list[TraceStep],
    effects: tuple[TraceEffect, ...],
    lines: tuple[TraceLine, ...],
    sequence: int,
) -> Trace:
    orders = [body for kind, body in papers.values() if kind == "purchase-order"]
    need = papers.get(thread, ("", {}))[1]
    main = orders[0] if orders else need
    number = str(main.get("id", thread.partition("/")[2]))
    suppliers = ", ".join(sorted({str(order["supplier"]) for order in orders}))
    site = str(need.get("site", ""))
    state = str(main.get("_state", ""))
    target = f"to {suppliers} " if suppliers else ""
    documents = sorted(
        (
            _document(document, kind, body, keys[document])
            for document, (kind, body) in papers.items()
            if kind in _KINDS and kind != "case"
        ),
        key=lambda paper: (paper.at, paper.kind, paper.number),
    )
    cases = tuple(_case(body) for kind, body in papers.values() if kind == "case")
    return Trace(
        key=number,
        thread=thread,
        headline=f"{number} {target}for {site}",
        state=state,
        health=_health("purchase-order" if orders else "requisition", state),
        supplier=suppliers,
        site=site,
        total=money(main.get("total")),
        as_of=steps[-1].at if steps else datetime.min,  # noqa: DTZ901
        sequence=sequence,
        documents=tuple(documents),
        lines=lines,
        steps=tuple(steps),
        cases=tuple(sorted(cases, key=lambda case: (case.opened_at, case.id))),
        effects=effects,
    )


def _document(ref: str, kind: str, body: Mapping[str, Any], keys: Sequence[str]) -> TraceDocument:
    number = ref.partition("/")[2]
    source = str(body.get("source") or "")
    carrier = source.partition("/")[2] if source.startswith("interchange/") else None
    others = {key for key in keys if key not in {number, ref}}
    for name in ("erp_number", "finance_number", "control", "name", "shipment"):
        if body.get(name):
            others.add(str(body[name]))
    return TraceDocument(
        kind=_KINDS[kind],
        number=str(body.get("number") or number) if kind == "invoice" else number,
        state=str(body["_state"]),
        health=_health(kind, str(body["_state"])),
        at=body["_at"],
        keys=tuple(sorted(others)),
        interchange=number if kind == "interchange" else carrier,
        ref=ref,
    )


def _case(body: Mapping[str, Any]) -> TraceCase:
    return TraceCase(
        id=body["id"],
        code=body["code"],
        title=body["title"],
        owner_role=body["owner_role"],
        owner=body.get("owner"),
        state=body["_state"],
        is_open=body["_state"] == "open",
        opened_at=datetime.fromisoformat(body["opened_at"]),
        due_at=datetime.fromisoformat(body["due_at"]) if body.get("due_at") else None,
    )


class SqlInterchanges:
    """Answers about partner files."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def get(self, interchange: str) -> InterchangeView | None:
        """Give one partner file with its findings; None if there is no such file."""
        ref = f"interchange/{interchange}"
        with reading(self._engine) as session:
            row = session.one("select body, state, at from document where ref = ?", (ref,))
            if row is None:
                return None
            kept = decode(row[0], Interchange)
            chunks = session.rows(
                "select data from blob where digest = ? order by chunk", (kept.digest,)
            )
            threads = _threads_of(session, [ref])[ref]
        data = b"".join(chunk[0] for chunk in chunks)
        return _view(kept, str(row[1]), data, tuple(threads))


def _view(kept: Interchange, state: str, data: bytes, threads: tuple[str, ...]) -> InterchangeView:
    rows, count, head = _segments(data)
    by_segment: dict[int, list[view.Finding]] = {}
    loose: list[view.Finding] = []
    for note in kept.findings:
        finding = view.Finding(
            severity=Severity(note.severity if note.severity != "note" else "info"),
            code=note.code,
            where=f"byte {note.offset}" if note.offset is not None else "the file",
            text=note.text,
        )
        place = note.segment
        if place is not None and place < len(rows):
            by_segment.setdefault(place, []).append(finding)
        else:
            loose.append(finding)
    segments = tuple(
        SegmentView(number=place + 1, text=text, findings=tuple(by_segment.get(place, ())))
        for place, text in enumerate(rows)
    )
    codes = ", ".join(dict.fromkeys(each.code for each in kept.messages))
    inbound = kept.direction.value == "in"
    return InterchangeView(
        id=kept.id,
        standard="X12" if head else "",
        version=_at(head, _VERSION),
        message=codes or (kept.name or "").partition("-")[0],
        control_number=kept.control or "",
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        sender=_at(head, _SENDER),
        receiver=_at(head, _RECEIVER),
        at=kept.at,
        state=state,
        health=_health("interchange", state),
        size=kept.size,
        sha256=kept.digest,
        segment_count=count,
        segments=segments,
        findings=tuple(loose),
        threads=threads,
    )


def _at(head: tuple[str, ...], place: int) -> str:
    return head[place].strip() if len(head) > place else ""


def _segments(data: bytes) -> tuple[list[str], int, tuple[str, ...]]:
    tokens = Tokens(data)
    rows: list[str] = []
    head: tuple[str, ...] = ()
    count = 0
    for segment in tokens:
        count += 1
        if segment.tag == "ISA" and not head:
            head = segment.elements
        if len(rows) < SHOWN_SEGMENTS:
            rows.append(tokens.separators.element.join(segment.elements))
    if not count and data:
        text = data[:4000].decode("utf-8", "replace")
        rows = [line for line in text.splitlines() if line][:100]
        count = len(rows)
    return rows, count, head
