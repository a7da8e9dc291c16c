"""The supplier chaser: reminders until a business answer comes, and what an answer ends.

    OrderSent               -> the first reminder's timer, at the flow's first percentage
    SupplierReminded        -> a file for the partner, or a task for a buyer to write or call
    SupplierAsked           -> likewise, when a person asks
    AcknowledgmentReceived  -> contact only: NoteSupplierContact, quiet for one step of the ladder
                               an answer: no more reminders; CloseExpedites
    AcknowledgmentOverdue   -> NoteAnswerOverdue; the person's case is opened by `exceptions`

The ladder is the flow's service level `acknowledgment`: its reminders in percent of its hours, by
the supplier's calendar.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from manciple.catalog.calendars import calendar_of_supplier
from manciple.exchange.partner import Partner, RemindedBy
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import OrderSent, PurchaseOrder
from manciple.processes import letters
from manciple.processes.flow import Flow
from manciple.processes.ports import OutboundMessage
from manciple.receiving.receipt import OrderReceived
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Effect
from manciple.runtime.work import Task, Work
from manciple.supplying.acknowledgment import AcknowledgmentReceived
from manciple.supplying.asking import SupplierAsked
from manciple.supplying.chasing import (
    NoteAnswerOverdue,
    NoteSupplierContact,
    RemindSupplier,
    SupplierReminded,
)
from manciple.supplying.expedite import CloseExpedites, Expediting
from manciple.supplying.overdue import AcknowledgmentOverdue

_TIMER = "reminder"


def _order_ref(order: str) -> Ref:
    return Ref(PurchaseOrder.KIND, order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """When a supplier is reminded: from the flow's definition."""

    flow: Flow

    def _after(self, percent: int) -> timedelta:
        return self.flow.service_level("acknowledgment").duration * percent / 100

    def start(self, work: Work, event: OrderSent) -> Iterable[object]:
        """The order left: the first reminder is due when so much of the time has passed."""
        order = work.get(PurchaseOrder, event.order)
        percents = self.flow.service_level("acknowledgment").reminders
        if order.is_answered or not percents:
            return ()
        calendar = calendar_of_supplier(work, order.supplier)
        times = tuple(calendar.due(work.at, self._after(each)) for each in percents)
        act = RemindSupplier(order=order.id, revision=event.revision, step=1, times=times)
        work.timer(_order_ref(order.id), _TIMER, times[0], act)
        return ()

    def heard(self, work: Work, event: AcknowledgmentReceived) -> Iterable[object]:
        """The supplier spoke: contact buys quiet, an answer ends the chase."""
        order = work.get(PurchaseOrder, event.order)
        if order.is_answered:
            work.cancel_timer(_order_ref(order.id), _TIMER)
            work.drop_task(_task_id(order.id))
        if event.is_answer:
            if work.peek(Expediting, order.id) is not None:
                yield CloseExpedites(order=order.id, note=f"answer {event.acknowledgment}")
        elif event.revision == order.revision and not order.is_answered:
            yield NoteSupplierContact(order=order.id, quiet_until=self._quiet(work, order))

    def _quiet(self, work: Work, order: PurchaseOrder) -> datetime:
        """Quiet lasts as long as the time before the first reminder."""
        percents = self.flow.service_level("acknowledgment").reminders
        step = self._after(percents[0] if percents else 100)
        return calendar_of_supplier(work, order.supplier).due(work.at, step)


def _task_id(order: str) -> str:
    return f"reminder:{order}"


def deliver(work: Work, event: SupplierReminded) -> Iterable[object]:
    """The reminder goes by the partner's own way: a file, or a buyer who writes or calls."""
    return _tell(work, event, f"{event.revision}:reminder{event.step}")


def ask(work: Work, event: SupplierAsked) -> Iterable[object]:
    """A person's question goes the same way as the clock's reminders."""
    return _tell(work, event, f"{event.revision}:asked{event.time}")


def _tell(work: Work, event: SupplierReminded | SupplierAsked, mark: str) -> Iterable[object]:
    """Send a text to a supplier; ``mark`` tells it from other texts about the same order."""
    by_letter = letters.reminder(work, event, mark)
    if by_letter is not None:
        work.effect(by_letter)
        return ()
    partner = work.peek(Partner, event.supplier)
    name = mark.replace("reminder", "").replace(":", "-")
    if partner is not None and partner.reminded_by is RemindedBy.FILE:
        content = f"{event.text}\n".encode()
        work.effect(
            Effect(
                key=f"{event.order}:{mark}:edi.send",
                endpoint=partner.endpoint,
                verb="edi.send",
                subject=_order_ref(event.order),
                payload=OutboundMessage(
                    partner=partner.id,
                    interchange="",
                    file_name=f"reminder-{event.order}-{name}.txt",
                    digest=work.keep_bytes(content),
                    content=content,
                ),
                lane=event.lane,
            )
        )
        return ()
    work.put_task(
        Task(
            id=_task_id(event.order),
            list="reminder",
            subject=_order_ref(event.order),
            title=f"{event.supplier}: {event.text}",
            role=Role.BUYER.value,
            owner=None,
            opened_at=work.at,
            due_at=None,
            site=event.site,
            supplier=event.supplier,
        )
    )
    return ()


def overdue(work: Work, event: AcknowledgmentOverdue) -> Iterable[object]:
    """The ladder's last step: a person has the case, and the order may be expedited."""
    work.drop_task(_task_id(event.order))
    yield NoteAnswerOverdue(order=event.order, revision=event.revision)


def arrived(work: Work, event: OrderReceived) -> Iterable[object]:
    """All of it is here: nobody need write or call any more."""
    if event.is_complete:
        work.drop_task(_task_id(event.order))
    return ()


def reacts(flow: Flow) -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which suppliers are chased."""
    ladder = Ladder(flow=flow)
    return (
        Reacts(event=OrderSent, react=ladder.start),
        Reacts(event=SupplierReminded, react=deliver),
        Reacts(event=SupplierAsked, react=ask),
        Reacts(event=AcknowledgmentReceived, react=ladder.heard),
        Reacts(event=AcknowledgmentOverdue, react=overdue),
        Reacts(event=OrderReceived, react=arrived),
    )
