"""What the doors use: one place to apply commands, and the readers behind every page."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from manciple.adapters.sql.audit import Verified, verify
from manciple.adapters.sql.audit_trail import SqlAuditTrail
from manciple.adapters.sql.letters import SqlLetters
from manciple.adapters.sql.metrics import SqlMetrics
from manciple.adapters.sql.migrating import check_migrated
from manciple.adapters.sql.payables import SqlPayables
from manciple.adapters.sql.queries import SqlDocuments, SqlHistory, SqlWorklists
from manciple.adapters.sql.store import SqlStore
from manciple.adapters.sql.tracing import SqlInterchanges, SqlTraces
from manciple.adapters.sql.unbilled import SqlUnbilled
from manciple.app.definitions import Definitions
from manciple.app.emergencies import SiteCap, site_caps
from manciple.app.systems import Systems
from manciple.approvals.directory import Directory
from manciple.approvals.queries import Assignments
from manciple.approvals.routing import Chain
from manciple.approvals.settings import ApprovalSettings
from manciple.approvals.spending import Commitment
from manciple.approvals.weighing import look_and_preview
from manciple.catalog.calendars import calendar_of_site
from manciple.catalog.finding import ItemFinder
from manciple.exchange.queries import SupplierPapers
from manciple.governance.queries import Notices
from manciple.intelligence.lines import LineBoard
from manciple.intelligence.order_file import OrderFiles
from manciple.intelligence.supplier_list import SupplierList
from manciple.intelligence.waiting import WaitMap
from manciple.invoicing.explanation import explain_invoice
from manciple.invoicing.invoice import Invoice
from manciple.kernel.clock import Clock
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Actor, Command
from manciple.ordering.line_ledger import Posting, Stage, ledgers
from manciple.ordering.line_state import Extent, LineStep, states_of
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.ordering.queries import OrderLines
from manciple.policy.conditions import Type
from manciple.policy.describe import condition_text
from manciple.processes.flow import Flow
from manciple.receiving.lead_time import LeadTimes
from manciple.requisitioning import emergency
from manciple.requisitioning.drafting import Drafter, approval_request
from manciple.requisitioning.emergency import EmergencyRight, EmergencySite
from manciple.requisitioning.queries import Needs
from manciple.requisitioning.requisition import EMERGENCY_FLOW, Requisition, SubmitRequisition
from manciple.runtime.bus import Registry, Reply
from manciple.runtime.changes import Changes
from manciple.runtime.documents import Document
from manciple.runtime.drains import Drains
from manciple.runtime.effects import EffectState, Lane
from manciple.runtime.intake import Intake
from manciple.runtime.narrowing import ANY, Narrow
from manciple.runtime.queries import Page, scope_of
from manciple.runtime.work import Task

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a requisition would be, who would approve it and why."""

    requisition: Requisition
    chain: Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One order line's sums, how far it is, and every posting behind both.

    Attributes:
        step, extent: how far it is, and in full, in part, with changes or rejected.
        state: both in words, ``received in part``.
    """

    line: str
    step: LineStep
    extent: Extent
    state: str
    unit: str
    totals: Mapping[str, str]
    open: str
    received_not_invoiced: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An installation, put together.

    Attributes:
        stamp: tells what the database holds: the same word twice, and nothing was committed.
        intake: the door's one writer; None where commands are applied on the caller's thread, as
            in the simulated world.
    """

    clock: Clock
    store: SqlStore
    registry: Registry
    definitions: Definitions
    systems: Systems
    drains: Drains
    documents: SqlDocuments
    worklists: SqlWorklists
    history: SqlHistory
    traces: SqlTraces
    changes: Changes
    interchanges: SqlInterchanges
    waiting: WaitMap
    lines: LineBoard
    order_files: OrderFiles
    supplier_list: SupplierList
    unbilled: SqlUnbilled
    payables: SqlPayables
    metrics: SqlMetrics
    letters: SqlLetters
    audit_trail: SqlAuditTrail
    supplier_papers: SupplierPapers
    notices: Notices
    needs: Needs
    assignments: Assignments
    lead_times: LeadTimes
    items: ItemFinder
    order_lines: OrderLines
    stamp: Callable[[], str]
    wake: Callable[[Sequence[tuple[str, Lane]]], None] = lambda _: None
    intake: Intake | None = None

    # ---- acting ---------------------------------------------------------------------------

    def apply(self, command: Command) -> Reply:
        """Apply one command; a refusal is a reply, a defect is raised."""
        if self.intake is not None:
            return self.intake.apply(command)
        applied = self.store.apply([command])
        if applied.lanes:
            self.wake(sorted(applied.lanes))
        return applied.replies[0]

    async def apply_soon(self, command: Command) -> Reply:
        """Apply one command without holding up the event loop."""
        if self.intake is not None:
            return await asyncio.wrap_future(self.intake.submit(command))
        return await asyncio.to_thread(self.apply, command)

    def replay_effects(self, keys: Sequence[str]) -> int:
        """Try dead effects again; gives how many were dead."""
        return sum(self.replay_effect(key) for key in keys)

    def replay_effect(self, key: str) -> bool:
        """Try a dead effect again; it is looked up before it is sent. False: it is not dead."""
        done = self.store.replay(key, self.clock.now())
        if done:
            self.wake(self.store.due_lanes(self.clock.now()))
        return done

    def hold_endpoint(self, name: str, *, by: Actor, reason: str, held: bool) -> None:
        """Stop sending to an endpoint, or go on."""
        if held:
            self.store.hold(name, at=self.clock.now(), by=by.id, reason=reason)
        else:
            self.store.let_go(name)
            self.wake(self.store.due_lanes(self.clock.now()))

    def try_endpoint(self, name: str) -> int:
        """Try at once what waits for its next try; gives how many that are."""
        count = self.store.hurry(name, self.clock.now())
        self.wake(self.store.due_lanes(self.clock.now()))
        return count

    # ---- reading --------------------------------------------------------------------------

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The flows that this installation runs."""
        return self.definitions.flows

    def peek(self, kind: type[D], name: str, /) -> D | None:
        """Read a document, or None."""
        stored = self.documents.get(kind, name)
        return stored.document if stored else None

    def preview(self, actor: Actor, act: SubmitRequisition) -> Preview:
        """Say what a requisition would be and who would approve it; nothing is kept.

        Raises:
            Refused: with every fault, as submitting it would.
        """
        now = self.clock.now()
        drafter = Drafter(
            register=self.definitions.register, flows=frozenset(f.id for f in self.flows)
        )
        need = drafter.draft(act, number="REQ-PREVIEW", by=actor, at=now, peek=self.peek)
        if need.flow == EMERGENCY_FLOW:
            emergency.check(
                need,
                emergency.caps_of(need, self.definitions.register, now),
                site=self.peek(EmergencySite, need.site) or EmergencySite(id=need.site),
                right=self.peek(EmergencyRight, need.requester),
            )
        chain = look_and_preview(
            approval_request(need),
            recent=lambda owner: self.store.records(Commitment, owner),
            directory=Directory(self.peek),
            register=self.definitions.register,
            settings=ApprovalSettings(),
            calendar=calendar_of_site(self, need.site),
            at=now,
        )
        return Preview(requisition=need, chain=chain)

    def approval_inbox(
        self, actor: Actor, *, mine: bool, after: str | None, limit: int, narrow: Narrow = ANY
    ) -> Page[Task]:
        """Give the open approval steps: the actor's own, or all within the actor's scope."""
        return self.worklists.tasks(
            "approval",
            scope=scope_of(actor),
            owner=actor.id if mine else None,
            narrow=narrow,
            after=after,
            limit=limit,
        )

    def emergency_caps(self, actor: Actor) -> tuple[SiteCap, ...]:
        """Give what each site has open and not ratified, and what is left of its cap."""
        register = self.definitions.register
        return site_caps(self.documents, register, actor=actor, at=self.clock.now())

    def ledger(self, order: str) -> tuple[LedgerLine, ...]:
        """Give every quantity stated about an order's lines."""
        found = ledgers(self.store.records(Posting, order))
        stored = self.documents.get(PurchaseOrder, order)
        states = states_of(None if stored is None else stored.document, found)
        return tuple(
            LedgerLine(
                line=line,
                step=states[line].step,
                extent=states[line].extent,
                state=str(states[line]),
                unit=ledger.unit.value,
                totals={stage.value: f"{ledger.total(stage).value:f}" for stage in Stage},
                open=f"{ledger.open_to_receive.value:f}",
                received_not_invoiced=f"{ledger.received_not_invoiced.value:f}",
                postings=ledger.postings,
            )
            for line, ledger in sorted(found.items())
            if line in states
        )

    def explain_match(self, invoice: Invoice) -> Mapping[str, Any]:
        """Tell an invoice's match with its arithmetic."""
        return {
            "invoice": invoice.id,
            "state": invoice.state,
            "holds": invoice.holds,
            "match": invoice.match,
            "discount": invoice.discount,
            "lines": explain_invoice(invoice, at=self.clock.now()),
        }

    def bytes_of(self, digest: str) -> bytes:
        """Give kept bytes."""
        try:
            return self.store.bytes_of(digest)
        except KeyError as missing:
            raise refuse("NOT_FOUND", f"nobody kept bytes {digest}") from missing

    def policy_rows(self) -> tuple[Mapping[str, Any], ...]:
        """Give every decision table with its rows."""
        return tuple(
            {
                "name": table.name,
                "version": table.version,
                "effective_from": table.effective_from,
                "owner": table.owner,
                "hit": table.hit,
                "description": table.description,
                "inputs": [column.name for column in table.inputs],
                "outputs": [column.name for column in table.outputs],
                "rows": [
                    {
                        "id": row.id,
                        "when": {
                            column.name: condition_text(cell)
                            for column, cell in zip(table.inputs, row.when, strict=True)
                        },
                        "then": {
                            column.name: cell
                            for column, cell in zip(table.outputs, row.then, strict=True)
                        },
                        "because": row.because,
                    }
                    for row in table.rows
                ],
            }
            for table in self.definitions.register.tables()
        )

    def try_policy(
        self, table: str, facts: Mapping[str, str | bool | int], version: str | None
    ) -> Mapping[str, Any]:
        """Decide on these facts, and tell which row fired and why the others did not.

        Raises:
            PolicyError: no such table, or a fact is missing or of the wrong type.
        """
        at = self.clock.now()
        register = self.definitions.register
        typed = {
            column.name: _typed(column.type, facts[column.name], column.name)
            for column in register.table(table, at=at, version=version).inputs
            if column.name in facts
        }
        known = {*typed}
        unknown = sorted(set(facts) - known)
        if unknown:
            raise refuse(
                "UNKNOWN_FIELD",
                f"{unknown[0]} is not an input of {table}",
                field=f"facts.{unknown[0]}",
            )
        ruling = register.decide(table, typed, at=at, version=version)
        return {
            "table": ruling.table,
            "version": ruling.version,
            "row": ruling.row,
            "held": ruling.held,
            "outputs": dict(ruling.outputs),
            "why": ruling.why,
        }

    def verify(self) -> Verified:
        """Recompute the history's hashes; name the first record that does not fit."""
        return verify(self.store.engine, self.clock.now())

    def ready(self) -> Mapping[str, str]:
        """Say whether the database answers and is migrated.

        Raises:
            Refused: NOT_READY, with what is missing.
        """
        try:
            check_migrated(self.store.engine)
        except Exception as problem:
            raise Refused(Reason(code="NOT_READY", message=str(problem))) from problem
        return {"database": "migrated", "endpoints": ", ".join(self.drains.endpoints.names())}

    def metrics_text(self) -> str:
        """Give counters and gauges in the Prometheus text format."""
        counts = self.store.counts
        lines = [
            "# TYPE manciple_commits_total counter",
            f"manciple_commits_total {counts.commits}",
            "# TYPE manciple_commands_total counter",
            f"manciple_commands_total {counts.commands}",
            "# TYPE manciple_races_total counter",
            f"manciple_races_total {counts.races}",
            "# TYPE manciple_effects_due gauge",
            "# TYPE manciple_effects_dead gauge",
        ]
        for row in self.history.lanes():
            labels = f'endpoint="{row.endpoint}",lane="{row.lane}"'
            lines.append(f"manciple_effects_due{{{labels}}} {row.due}")
            lines.append(f"manciple_effects_dead{{{labels}}} {row.dead}")
        return "\n".join(lines) + "\n"

    def with_intake(
        self, intake: Intake, wake: Callable[[Sequence[tuple[str, Lane]]], None]
    ) -> "Application":
        """Give the same application with a door that commits in groups."""
        return replace(self, intake=intake, wake=wake)

    def dead_letters(self) -> Page[Any]:
        """Give the effects that could not be delivered."""
        return self.history.effects(state=EffectState.DEAD.value, limit=200)


def _typed(kind: Type, value: str | bool | int, name: str) -> object:  # noqa: FBT001
    try:
        match kind:
            case Type.DECIMAL:
                return Decimal(str(value))
            case Type.DATE:
                return date.fromisoformat(str(value))
            case Type.INT:
                return int(value)
            case _:
                return value
    except (ValueError, InvalidOperation) as problem:
        raise refuse(
            "BAD_VALUE", f"{name}: {value!r} is no {kind.value}", field=f"facts.{name}"
        ) from problem
