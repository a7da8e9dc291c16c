"""A toy trade that exercises every word of `Work`: orders, a shelf, and what follows from them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.runtime.bus import Handles, Reacts, Registry
from manciple.runtime.documents import Ref, ref
from manciple.runtime.effects import Effect, Lane, Outcome, Parcel
from manciple.runtime.work import Task, Work

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
ANA = Actor(id="ana.ruiz", roles=(Role.BUYER,))
EVE = Actor(id="eve", roles=(Role.SUPPLIER,), supplier="ACME")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    KIND: ClassVar[str] = "toy-order"
    id: str
    item: str
    ordered: Decimal
    state: str = "placed"
    serial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    KIND: ClassVar[str] = "toy-shelf"
    id: str
    expected: Decimal = Decimal(0)

    @property
    def state(self) -> str:
        return "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    stage: str
    line: str
    quantity: Quantity
    stated: Quantity
    source: str
    reason: str | None
    effective: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceToy:
    item: str
    ordered: Decimal
    endpoint: str = "erp"
    lane: Lane = Lane.STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectToy:
    item: str
    ordered: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveToy:
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordToy:
    order: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseToy:
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakToy:
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTrouble:
    order: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberToy:
    """Takes a number and keeps bytes; refuses afterwards when told so."""

    counter: str
    fails: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepToy:
    """Keeps bytes, or so many zeros."""

    data: bytes
    times: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendToy:
    """Asks for any effect at all, and sets or moves a timer."""

    order: str
    key: str
    endpoint: str = "erp"
    lane: Lane = Lane.STANDARD
    chase_at: datetime | None = None
    business_key: str = ""
    needed_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToySent:
    order: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyPlaced:
    order: str
    item: str
    ordered: Decimal
    endpoint: str
    lane: Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyExpected:
    item: str
    ordered: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyReceived:
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyRecorded:
    order: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyChased:
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyTroubled:
    order: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyNumbered:
    serial: int


def order_id(key: str) -> str:
    return number("TOY", key)


def _movement(order: Order, stage: str, at: datetime) -> Movement:
    quantity = Quantity(order.ordered, Unit.EACH)
    return Movement(
        stage=stage,
        line="1",
        quantity=quantity,
        stated=quantity,
        source=f"toy/{order.id}",
        reason=None,
        effective=at.date(),
    )


def place(work: Work, act: PlaceToy) -> Ref:
    if act.ordered <= 0:
        raise refuse("NOTHING", "an order is for more than nothing", field="ordered", fix="more")
    order = Order(id=order_id(work.key), item=act.item, ordered=act.ordered)
    work.save(
        order,
        ToyPlaced(
            order=order.id,
            item=act.item,
            ordered=act.ordered,
            endpoint=act.endpoint,
            lane=act.lane,
        ),
        touches=(Ref("toy-shelf", act.item),),
    )
    work.append(order.id, _movement(order, "ordered", work.at))
    work.link(f"toy/{order.id}", ref(order), f"NR-{order.id}")
    if act.item == "peer":
        work.link(order.id, ref(order), "peer")
    work.timer(ref(order), "chase", work.at + timedelta(days=1), ChaseToy(order=order.id))
    return ref(order)


def expect(work: Work, act: ExpectToy) -> Ref:
    if act.item == "forbidden":
        raise refuse("NO_SHELF", "nothing may stand on this shelf", rule="T-01", fix="another")
    shelf = work.find(Shelf, act.item) or Shelf(id=act.item)
    shelf = replace(shelf, expected=shelf.expected + act.ordered)
    work.save(shelf, ToyExpected(item=act.item, ordered=act.ordered))
    return ref(shelf)


def receive(work: Work, act: ReceiveToy) -> Ref:
    order = work.get(Order, act.order)
    if order.state == "received":
        raise refuse("TWICE", f"{order.id} was received before", fix="look at its history")
    work.save(replace(order, state="received"), ToyReceived(order=order.id))
    work.append(order.id, _movement(order, "received", work.at))
    work.cancel_timer(ref(order), "chase")
    work.drop_task(f"chase:{order.id}")
    return ref(order)


def record(work: Work, act: RecordToy) -> Ref:
    order = work.get(Order, act.order)
    work.save(replace(order, state="recorded"), ToyRecorded(order=order.id, number=act.number))
    return ref(order)


def chase(work: Work, act: ChaseToy) -> Ref:
    order = work.get(Order, act.order)
    if order.item == "cursed":
        raise ZeroDivisionError("a timer's defect")
    if order.item == "peer":
        for other in work.threads("peer"):
            work.cancel_timer(Ref("toy-order", other), "chase")
    work.save(replace(order, state="chased"), ToyChased(order=order.id))
    work.put_task(
        Task(
            id=f"chase:{order.id}",
            list="chase",
            subject=ref(order),
            title=f"Chase {order.id}",
            role=Role.BUYER.value,
            owner=None,
            opened_at=work.at,
            due_at=work.at + timedelta(days=1),
        )
    )
    return ref(order)


def break_(work: Work, act: BreakToy) -> Ref:
    order = work.get(Order, act.order)
    work.save(replace(order, state="broken"), ToyChased(order=order.id))
    raise ZeroDivisionError("a handler's defect")


def note(work: Work, act: NoteTrouble) -> Ref:
    order = work.get(Order, act.order)
    work.save(replace(order, state="trouble"), ToyTroubled(order=order.id, reason=act.reason))
    return ref(order)


def take_number(work: Work, act: NumberToy) -> Ref:
    serial = work.next_number(act.counter)
    work.keep_bytes(f"{act.counter}/{serial}".encode())
    if act.fails:
        raise refuse("NOT_NOW", "told to refuse", fix="ask again")
    order = Order(id=f"{act.counter}-{serial}", item="n", ordered=Decimal(1), serial=serial)
    work.save(order, ToyNumbered(serial=serial))
    return ref(order)


def send(work: Work, act: SendToy) -> Ref:
    order = work.get(Order, act.order)
    work.save(order, ToySent(order=order.id, key=act.key))
    work.effect(
        Effect(
            key=act.key,
            endpoint=act.endpoint,
            verb="send",
            subject=ref(order),
            payload={"order": order.id},
            lane=act.lane,
            business_key=act.business_key,
            needed_by=act.needed_by,
        )
    )
    if act.chase_at is not None:
        work.timer(ref(order), "chase", act.chase_at, ChaseToy(order=order.id))
    return ref(order)


def keep(work: Work, act: KeepToy) -> None:
    data = act.data or bytes(act.times)
    assert work.read_bytes(work.keep_bytes(data)) == data


def on_placed(work: Work, event: ToyPlaced) -> tuple[object, ...]:
    work.effect(
        Effect(
            key=f"{event.order}:1:create",
            endpoint=event.endpoint,
            verb="create",
            subject=Ref("toy-order", event.order),
            payload=event,
            lane=event.lane,
        )
    )
    return (ExpectToy(item=event.item, ordered=event.ordered),)


def on_received(_: Work, event: ToyReceived) -> tuple[object, ...]:
    return (RecordToy(order=event.order, number="by itself"),) if event.order == "x" else ()


BUYER = frozenset({Role.BUYER})
ONLY_US = frozenset({Role.SYSTEM})


def registry() -> Registry:
    return Registry.of(
        (
            Handles(act=PlaceToy, handle=place, by=BUYER),
            Handles(act=ExpectToy, handle=expect, by=ONLY_US),
            Handles(
                act=ReceiveToy,
                handle=receive,
                by=BUYER,
                reads=lambda act: (Ref("toy-order", act.order),),
            ),
            Handles(act=RecordToy, handle=record, by=ONLY_US),
            Handles(act=ChaseToy, handle=chase, by=ONLY_US),
            Handles(act=BreakToy, handle=break_, by=BUYER),
            Handles(act=NoteTrouble, handle=note, by=ONLY_US),
            Handles(act=KeepToy, handle=keep, by=BUYER),
            Handles(act=SendToy, handle=send, by=BUYER),
            Handles(act=NumberToy, handle=take_number, by=BUYER),
        ),
        (
            Reacts(event=ToyPlaced, react=on_placed),
            Reacts(event=ToyReceived, react=on_received),
        ),
    )


def ask(
    key: str, act: object, *, actor: Actor = ANA, at: datetime = START, correlation: str = ""
) -> Command:
    return Command(key=key, act=act, actor=actor, at=at, correlation=correlation, door="api")


def ask_ourselves(key: str, act: object, *, at: datetime = START) -> Command:
    return ask(key, act, actor=SYSTEM, at=at)


class Desk:
    """An outside system in memory that counts what reaches it and can be told to misbehave."""

    def __init__(self, *, finds: bool = True) -> None:
        self.FINDS = finds
        self.done: dict[str, bytes] = {}
        self.sent: list[str] = []
        self.looked: list[str] = []
        self.says: dict[str, Outcome | OSError] = {}

    def find(self, parcel: Parcel) -> Outcome | None:
        self.looked.append(parcel.key)
        return Outcome.done(number=f"N-{parcel.key}") if parcel.key in self.done else None

    def send(self, parcel: Parcel) -> Outcome:
        self.sent.append(parcel.key)
        answer = self.says.get(parcel.key, self.says.get("*"))
        if isinstance(answer, OSError):
            raise answer
        if answer is not None:
            return answer
        self.done[parcel.key] = parcel.payload
        return Outcome.done(number=f"N-{parcel.key}")
