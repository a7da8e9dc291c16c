"""What events do to needs, approvals and exceptions: the work of people, and whose hands acted."""

from collections.abc import Callable, Mapping

from manciple.intelligence.metrics.approval import ApprovalLife, TaskLife
from manciple.intelligence.metrics.book import Book
from manciple.intelligence.metrics.case import CaseLife
from manciple.intelligence.metrics.hours import business_days_of, is_by_hand
from manciple.intelligence.metrics.need import NeedLife
from manciple.intelligence.metrics.order import OrderLife
from manciple.intelligence.metrics.place import Hand
from manciple.intelligence.metrics.told import Told, instant
from manciple.kernel.records import replace

Step = Callable[[Told, Book], None]
_DECISIONS = frozenset({"StepApproved", "ApprovalRejected"})
_NEED_SIGNALS = frozenset({"RequisitionSubmitted"})
_PART_OF_DECIDING = frozenset({"StepAssigned", "ApprovalGranted", "ApprovalRequested"})
"""Events of a decision's own command: the decision itself is counted, once."""


# ---- whose hands ------------------------------------------------------------------------------


def touch(told: Told, book: Book) -> None:
    """Count an act of a person on a need or an order that was not sent yet.

    Stating the need is its signal, not a touch; a decision is counted apart; looking at a thing
    leaves no event, and a program's retry is nobody's hand.
    """
    if told.kind not in _TOUCHED or told.type in _NEED_SIGNALS | _PART_OF_DECIDING:
        return
    if not is_by_hand(told, book):
        return
    if told.kind == "case":
        book.put(f"hand/{told.root}", Hand(at=told.at), told)
    about = told.stream if told.kind in {"requisition", "purchase-order"} else told.subject()
    is_decision = told.type in _DECISIONS
    order = book.get(OrderLife, about)
    if order is not None:
        if order.sent_at is None:
            book.put(about, _counted_on_order(order, is_decision=is_decision), told)
        return
    need = book.get(NeedLife, about) or book.get(NeedLife, told.text("thread"))
    if need is not None and not need.ended:
        book.put(f"requisition/{need.requisition}", _counted(need, is_decision=is_decision), told)


_TOUCHED = frozenset({"requisition", "approval", "purchase-order", "case"})


def _counted(need: NeedLife, *, is_decision: bool) -> NeedLife:
    if is_decision:
        return replace(need, decisions=need.decisions + 1)
    return replace(need, touches=need.touches + 1)


def _counted_on_order(order: OrderLife, *, is_decision: bool) -> OrderLife:
    if is_decision:
        return replace(order, decisions=order.decisions + 1)
    return replace(order, touches=order.touches + 1)


# ---- needs ------------------------------------------------------------------------------------


def _submitted(told: Told, book: Book) -> None:
    known = book.get(NeedLife, told.stream)
    first = NeedLife(
        requisition=told.text("requisition"),
        site=told.text("site"),
        flow=told.text("flow"),
        submitted_at=told.at,
        lines=0,
    )
    lines = told.data.get("lines")
    count = lines if isinstance(lines, int) else 0
    book.put(told.stream, replace(known or first, lines=count, ended="", ended_at=None), told)


def _ends(how: str) -> Step:
    def step(told: Told, book: Book) -> None:
        need = book.get(NeedLife, told.stream)
        if need is not None:
            book.put(told.stream, replace(need, ended=how, ended_at=told.at), told)

    return step


# ---- approvals --------------------------------------------------------------------------------


def _requested(told: Told, book: Book) -> None:
    about = told.subject()
    whose = book.get(NeedLife, about) or book.get(OrderLife, about)
    if whose is None:
        whose = book.get(NeedLife, told.text("thread"))
    life = ApprovalLife(
        approval=told.text("approval"),
        subject=about,
        site=whose.site if whose else "",
        flow=whose.flow if whose else "",
    )
    book.put(told.stream, life, told)


def _asked(told: Told, book: Book) -> None:
    _ask(told, book, told.text("approver"), instant(told.data.get("due_at")))


def _ask(told: Told, book: Book, approver: str, due_at: int | None) -> None:
    life = book.get(ApprovalLife, told.stream)
    step = told.data.get("step")
    if life is None or due_at is None or not isinstance(step, int):
        return
    before = [task for task in life.tasks if (task.step, task.approver) == (step, approver)]
    task = TaskLife(
        step=step, approver=approver, round=len(before) + 1, asked_at=told.at, due_at=due_at
    )
    book.put(told.stream, replace(life, tasks=(*life.tasks, task)), told)


def _each(
    told: Told, book: Book, change: Callable[[TaskLife], TaskLife], *, step: int | None
) -> None:
    """Change the open tasks of a step; of every step when none is named."""
    life = book.get(ApprovalLife, told.stream)
    if life is None:
        return
    tasks = tuple(
        change(task) if task.is_open and step in {None, task.step} else task for task in life.tasks
    )
    book.put(told.stream, replace(life, tasks=tasks), told)


def _step_of(told: Told) -> int | None:
    step = told.data.get("step")
    return step if isinstance(step, int) and step > 0 else None


def _decided(told: Told, book: Book) -> None:
    """Whoever was asked, or their delegate, has decided; the others who were asked need not.

    A delegate's decision is noted under the delegate.
    """
    by = told.text("by")
    asked = told.text("on_behalf_of") or by

    def change(task: TaskLife) -> TaskLife:
        if task.approver == asked:
            return replace(task, decided_at=told.at, decided_by=by)
        return replace(task, dropped="withdrawn", dropped_at=told.at)

    _each(told, book, change, step=_step_of(told))


def _handed_on(told: Told, book: Book) -> None:
    before = told.text("before")

    def change(task: TaskLife) -> TaskLife:
        if task.approver == before and task.escalated_at is None:
            return replace(task, escalated_at=told.at)
        return task

    _each(told, book, change, step=_step_of(told))
    _ask(told, book, told.text("now"), instant(told.data.get("due_at")))


def _dropped(how: str) -> Step:
    def step(told: Told, book: Book) -> None:
        def change(task: TaskLife) -> TaskLife:
            return replace(task, dropped=how, dropped_at=told.at)

        _each(told, book, change, step=_step_of(told))

    return step


# ---- exceptions -------------------------------------------------------------------------------


def _case_opened(told: Told, book: Book) -> None:
    need = book.get(NeedLife, told.text("thread")) if told.text("thread") else None
    life = CaseLife(
        case=told.text("case"),
        code=told.text("code"),
        site=told.text("site"),
        supplier=told.text("supplier"),
        flow=need.flow if need else "",
        opened_at=told.at,
    )
    book.put(told.stream, life, told)


def _case_resolved(told: Told, book: Book) -> None:
    life = book.get(CaseLife, told.stream)
    if life is not None and life.resolved_at is None:
        days = business_days_of(book, "site", life.site, life.opened_at, told.at)
        resolved = replace(
            life, resolved_at=told.at, business_days=days, resolution=told.text("resolution")
        )
        book.put(told.stream, resolved, told)


def _case_reopened(told: Told, book: Book) -> None:
    life = book.get(CaseLife, told.stream)
    if life is not None:
        again = replace(life, resolved_at=None, business_days=None, resolution="")
        book.put(told.stream, again, told)


WORK_STEPS: Mapping[str, Step] = {
    "RequisitionSubmitted": _submitted,
    "RequisitionOrdered": _ends("ordered"),
    "RequisitionRejected": _ends("rejected"),
    "RequisitionWithdrawn": _ends("withdrawn"),
    "ApprovalRequested": _requested,
    "StepAssigned": _asked,
    "StepApproved": _decided,
    "ApprovalRejected": _decided,
    "ApprovalEscalated": _handed_on,
    "ApprovalRerouted": _dropped("rerouted"),
    "ApprovalVoided": _dropped("void"),
    "CaseOpened": _case_opened,
    "CaseResolved": _case_resolved,
    "CaseReopened": _case_reopened,
}
"""By event type, what it does to a need, an approval or an exception."""
