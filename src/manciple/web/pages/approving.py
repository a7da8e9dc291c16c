"""Approvals: what waits for somebody's signature, and the page on which they sign.

/approvals             open steps by due day, the most pressing first: mine, or all that I may see
/approvals.csv         the same steps as a sheet
/approvals/ID          the document, why it asks whom, who has said what, and the decision
/approvals/ID/approve  yes to the open step        /approvals/ID/reject   no, with a reason
/approvals/ID/forward  the step is somebody else's
/approvals/ID/ask      a question to the requester    /approvals/ID/answer   what they answer
/approvals/several     yes to several of low risk, each by an act of its own
/approvals/mine        what lay before the reader, how long it took, what delegates did
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app.approver_desk import ApproverDesk, Mine, Waiting
from manciple.approvals.forwarding import ForwardApproval
from manciple.approvals.questions import AnswerQuestion, AskRequester
from manciple.approvals.request import Approval, Approve, Reject, RejectionReason, StepState
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.messages import Role
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.documents import Ref
from manciple.runtime.narrowing import ANY, MOST_COUNTED, Narrow, Tally
from manciple.runtime.queries import MOST_ROWS
from manciple.runtime.work import Task
from manciple.web.language import gettext, said
from manciple.web.pages.batch import MOST, Acts, Name, sent_batch, show_batch
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form
from manciple.web.pages.sheet import Column, sheet
from manciple.web.pages.tabs import Counted, told

_LENGTH = 50
_TODAY = timedelta(hours=24)
_LATE, _SOON = said("Overdue"), said("Due within a day")
_LATER, _NEVER = said("Later"), said("No due time")
GROUPS: Final = (_LATE, _SOON, _LATER, _NEVER)
"""How steps are grouped by when they are due, in this order."""
REASONS: tuple[tuple[str, str], ...] = (
    ("not_needed", said("Not needed")),
    ("over_budget", said("Over budget")),
    ("wrong_item", said("Wrong item")),
    ("wrong_quantity", said("Wrong quantity")),
    ("wrong_price", said("Wrong price")),
    ("wrong_supplier", said("Wrong supplier")),
    ("duplicate", said("Asked for already")),
    ("incomplete", said("Something is missing")),
    ("other", said("Something else")),
)
"""Why an approver says no, in the order in which it is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Steps that fall due alike."""

    name: str
    rows: tuple[Waiting, ...]


def grouped(rows: Iterable[Waiting], now: datetime) -> tuple[Group, ...]:
    """Give the steps by when they are due; within a group by what hangs on them."""
    bins: dict[str, list[Waiting]] = {name: [] for name in GROUPS}
    for row in rows:
        if row.due_at is None:
            bins[_NEVER].append(row)
        elif row.due_at < now:
            bins[_LATE].append(row)
        else:
            bins[_SOON if row.due_at - now <= _TODAY else _LATER].append(row)
    for found in bins.values():
        found.sort(key=lambda row: row.rank)
    return tuple(Group(name=name, rows=tuple(found)) for name, found in bins.items() if found)


Due = Annotated[str, Query(pattern="^(late|soon|)$")]
"""``late``: its time is over; ``soon``: it is over within a day."""
Risk = Annotated[str, Query(pattern="^(low|)$")]


def within(due: str, now: datetime) -> Narrow:
    """Narrow a worklist to what is late, or what is due within a day; the groups of the inbox."""
    if due == "late":
        return Narrow(before=now)
    tick = timedelta(microseconds=1)
    return Narrow(since=now, before=now + _TODAY + tick) if due == "soon" else ANY


def _of_risk(rows: Sequence[Waiting], risk: str) -> Sequence[Waiting]:
    return [row for row in rows if not row.alone and row.step] if risk == "low" else rows


COLUMNS: Final[tuple[Column[Waiting], ...]] = (
    Column(said("Approval"), lambda row: row.approval.id),
    Column(said("What"), lambda row: row.approval.title),
    Column(said("Site"), lambda row: row.approval.site),
    Column(said("Category"), lambda row: row.approval.category),
    Column(said("Flow"), lambda row: row.approval.flow),
    Column(said("Lane"), lambda row: row.approval.lane),
    Column(said("Amount"), lambda row: row.approval.amount.amount),
    Column(said("Currency"), lambda row: row.approval.amount.currency),
    Column(said("Role"), lambda row: row.step.role if row.step else None),
    Column(said("Why you"), lambda row: row.step.why if row.step else None),
    Column(said("Asked by"), lambda row: row.approval.requester),
    Column(said("Due"), lambda row: row.due_at),
    Column(said("Runs out on"), lambda row: row.risk.out_on),
    Column(said("Customer orders waiting"), lambda row: row.risk.customers),
)
"""The inbox as a sheet."""


class Approving:
    """Serves the approver's pages."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk
        self._approvals = ApproverDesk(app=desk.app)

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/approvals", self.inbox, response_model=None)
        router.add_api_route("/approvals.csv", self.inbox_sheet, response_model=None)
        router.add_api_route("/approvals/mine", self.mine, response_model=None)
        router.add_api_route(
            "/approvals/several", self.several, methods=["POST"], response_model=None
        )
        router.add_api_route("/approvals/{number}", self.one, response_model=None)
        deeds = (
            ("approve", self.approve),
            ("reject", self.reject),
            ("forward", self.forward),
            ("ask", self.ask),
            ("answer", self.answer),
        )
        for name, deed in deeds:
            path = f"/approvals/{{number}}/{name}"
            router.add_api_route(path, deed, methods=["POST"], response_model=None)
        return router

    def inbox(
        self,
        request: Request,
        whose: Annotated[str, Query(pattern="^(mine|all)$")] = "mine",
        due: Due = "",
        risk: Risk = "",
        after: Annotated[str | None, Query(max_length=400)] = None,
        done: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        """Show what waits, the most pressing first."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        now = self._desk.app.clock.now()
        page = self._desk.app.approval_inbox(
            reader.actor, mine=whose == "mine", narrow=within(due, now), after=after,
            limit=MOST_ROWS if risk else _LENGTH,
        )  # fmt: skip
        rows = _of_risk(self._waiting(page.rows), risk)
        decided = self._desk.found(reader, Approval, done) if done else None
        return self._desk.show(
            request,
            "approvals.html",
            reader,
            count_of=lambda asked: self.count(reader, asked),
            groups=grouped(rows, now),
            whose=whose,
            due=due,
            risk=risk,
            is_narrowed=bool(due or risk),
            after=after,
            older=page.after,
            decided=decided.document if decided else None,
        )

    def count(self, reader: Reader, asked: Mapping[str, str]) -> Counted:
        """Say what a tab of the inbox counts.

        What is of low risk only the policy can tell: it is asked of the first hundred.
        """
        owner = None if asked.get("whose") == "all" else reader.actor.id
        narrow = within(asked.get("due", ""), self._desk.app.clock.now())
        if asked.get("risk") != "low":
            return Tally(list="approval", owner=owner, narrow=narrow)
        page = self._desk.app.approval_inbox(
            reader.actor, mine=owner is not None, narrow=narrow, after=None, limit=MOST_COUNTED
        )
        low = len(self._approvals.low_risk(page.rows))
        return told(low, more=page.after is not None)

    def low_risk(self, tasks: Sequence[Task]) -> tuple[Task, ...]:
        """Give the steps that are of low risk by policy."""
        low = {approval.id for approval in self._approvals.low_risk(tasks)}
        return tuple(each for each in tasks if each.subject.id in low)

    def inbox_sheet(
        self,
        request: Request,
        whose: Annotated[str, Query(pattern="^(mine|all)$")] = "mine",
        due: Due = "",
        risk: Risk = "",
    ) -> Response:
        """Give what waits as a sheet: every step of the same filter, by priority and due time."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        narrow = within(due, self._desk.app.clock.now())
        rows = self._all_waiting(reader, mine=whose == "mine", narrow=narrow)
        return sheet("approvals", COLUMNS, (_of_risk(each, risk) for each in rows))

    def _all_waiting(
        self, reader: Reader, *, mine: bool, narrow: Narrow
    ) -> Iterator[Sequence[Waiting]]:
        after = None
        while True:
            page = self._desk.app.approval_inbox(
                reader.actor, mine=mine, narrow=narrow, after=after, limit=MOST_ROWS
            )
            yield self._waiting(page.rows)
            after = page.after
            if after is None:
                return

    def _waiting(self, tasks: Sequence[Task]) -> Sequence[Waiting]:
        return self._approvals.waiting(tasks)

    def one(self, request: Request, number: str) -> Response:
        """Show what is asked for, of whom, why, and what can be decided."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, number, EMPTY)

    async def approve(self, request: Request, number: str) -> Response:
        """Say yes."""
        return await self._decide(request, number, _approve)

    async def reject(self, request: Request, number: str) -> Response:
        """Say no, with a reason."""
        return await self._decide(request, number, _reject)

    async def forward(self, request: Request, number: str) -> Response:
        """Give the step to somebody else."""
        return await self._decide(request, number, _forward)

    async def ask(self, request: Request, number: str) -> Response:
        """Ask the requester something first."""
        return await self._decide(request, number, _ask, back=f"/approvals/{number}")

    async def answer(self, request: Request, number: str) -> Response:
        """Answer what the approver asked."""
        return await self._decide(request, number, _answer, back=f"/approvals/{number}")

    async def several(self, request: Request) -> Response:
        """Approve several steps of low risk, each by an act of its own; tell each outcome."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        batch = await sent_batch(
            self._desk, request, reader, lambda form: run_in_threadpool(self._yes, reader, form)
        )
        return await run_in_threadpool(
            show_batch, self._desk, request, reader, batch, names=self._named,
            back=("/approvals", gettext("Approvals")),
        )  # fmt: skip

    def _yes(self, reader: Reader, form: Form) -> Acts:
        """Give an approval for each step that was ticked.

        Raises:
            Refused: FORBIDDEN, the reader is no approver.
        """
        if not reader.actor.has(Role.APPROVER):
            raise Refused(_NOT_YOURS)
        acts: list[tuple[str, object]] = []
        for each in list(dict.fromkeys(form.all("pick")))[:MOST]:
            name, _, step = each.partition(":")
            number = int(step) if step.isdecimal() and len(step) < 4 else None  # noqa: PLR2004
            known = self._desk.found(reader, Approval, name)
            act = Approve(approval=name, step=number, with_others=True)
            acts.append((each, act if known else Refused(_unknown(name))))
        return acts

    def _named(self, rows: Sequence[str]) -> Mapping[str, Name]:
        names = {each: each.partition(":")[0] for each in rows}
        found = self._desk.app.documents.many(Approval, list(dict.fromkeys(names.values())))
        return {
            row: Name(found[name].title, f"/approvals/{name}")
            for row, name in names.items()
            if name in found
        }

    def mine(self, request: Request) -> Response:
        """Show what lay before the reader, how long it took, and what others did for them."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        rows = self._approvals.mine(reader.actor)
        return self._desk.show(
            request, "approvals-mine.html", reader, rows=rows[:100], record=Record.of(rows)
        )

    async def _decide(
        self,
        request: Request,
        number: str,
        act: Callable[[str, int | None, Form], object],
        *,
        back: str = "",
    ) -> Response:
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if await run_in_threadpool(self._desk.found, reader, Approval, number) is None:
            return self._desk.missing(request, reader, said("approval"), number)

        def act_of(form: Form) -> object:
            text = form.text("step")
            step = int(text) if text.isdecimal() and len(text) < 4 else None  # noqa: PLR2004
            return act(number, step, form)

        about = Ref(Approval.KIND, number)
        sent = await self._desk.sent(request, reader, act_of, about=about)
        if sent.is_done:
            return RedirectResponse(back or f"/approvals?done={number}", status_code=303)
        return await run_in_threadpool(self._page, request, reader, number, sent)

    def _page(self, request: Request, reader: Reader, number: str, sent: Sent) -> Response:
        stored = self._desk.found(reader, Approval, number)
        if stored is None:
            return self._desk.missing(request, reader, said("approval"), number)
        approval = stored.document
        subject = approval.subject
        need = (
            self._desk.app.peek(Requisition, subject.id)
            if subject.kind == Requisition.KIND
            else None
        )
        mine = next(
            (
                step
                for step in approval.steps
                if step.state is StepState.PENDING and reader.actor.id in step.asked
            ),
            None,
        )
        return self._desk.show(
            request,
            "approval.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            approval=approval,
            version=stored.version,
            need=need,
            mine=mine,
            takers=self._approvals.takers(approval, mine) if mine else (),
            risk=self._approvals.risks([approval])[approval.id],
            prices=self._approvals.prices(need) if need else (),
            change=self._approvals.change(approval),
            limits=self._approvals.limits(approval),
            reasons=REASONS,
            sent=sent,
            may_answer=reader.actor.id == approval.requester and approval.is_pending,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An approver's own figures over the newest steps that lay before them.

    Attributes:
        median: of the time from being asked to the decision; None without any.
        in_time, timed: decided in time, of those that had a due time.
        by_delegates: what others decided with the person's power.
    """

    asked: int
    decided: int
    median: timedelta | None
    in_time: int
    timed: int
    by_delegates: int
    for_others: int

    @classmethod
    def of(cls, rows: Sequence[Mine]) -> "Record":
        """Count them."""
        took = sorted(row.took for row in rows if row.took is not None)
        middle = took[(len(took) - 1) // 2] if took else None
        timed = [row.in_time for row in rows if row.in_time is not None]
        return cls(
            asked=len(rows),
            decided=len(took),
            median=middle,
            in_time=sum(timed),
            timed=len(timed),
            by_delegates=sum(row.by_delegate for row in rows),
            for_others=sum(row.for_other for row in rows),
        )


def _approve(number: str, step: int | None, form: Form) -> object:
    return Approve(approval=number, step=step, note=form.text("note"))


def _reject(number: str, step: int | None, form: Form) -> object:
    note = form.text("note")
    return Reject(approval=number, step=step, reason=form.text("reason"), note=note)


def _ask(number: str, step: int | None, form: Form) -> object:
    return AskRequester(approval=number, question=form.text("question"), step=step)


def _answer(number: str, step: int | None, form: Form) -> object:
    del step
    return AnswerQuestion(approval=number, answer=form.text("answer"))


def _forward(number: str, step: int | None, form: Form) -> object:
    note = form.text("note")
    return ForwardApproval(approval=number, to=form.text("to"), note=note, step=step)


_NOT_YOURS: Final = Reason(
    code="FORBIDDEN", message=said("only an approver approves"), field="approval"
)


def _unknown(name: str) -> Reason:
    return Reason(code="NOT_FOUND", message=gettext("there is no such approval"), field=name)


assert {code for code, _ in REASONS} == {each.value for each in RejectionReason}
