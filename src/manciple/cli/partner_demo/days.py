"""The days of the run: needs are raised and approved, post goes round, trucks are unloaded.

What people do goes through the HTTP API and the warehouse's own; what the dock counts is what
mock-edi's ship notices say is on the truck. The notices that the dock holds in its hand come out
of mock-edi's mailbox, not out of our folder.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NoReturn
from zoneinfo import ZoneInfo

import msgspec

from manciple.adapters.partners.behaviours import Behaviour
from manciple.adapters.partners.expected import ExpectedOrder
from manciple.cli.partner_demo.deciding import Deciding
from manciple.cli.partner_demo.firm import (
    LEAD_DAYS,
    PEOPLE,
    REQUESTER,
    SITE,
    ZONE,
    Trading,
    Wave,
    waves,
)
from manciple.cli.partner_demo.house import House
from manciple.kernel.errors import MancipleError

ROUND = timedelta(hours=2)
"""How often both clocks are set alike and the folders are looked into."""
TRAVELS = timedelta(hours=16)
LOOKS = (time(9), time(11), time(14), time(16))
"""When approvers look, local time."""
_KINDS = {"855": "response", "856": "despatch", "810": "invoice"}
_FIRST, _APART = time(8), timedelta(hours=1)


class DayError(MancipleError):
    """A door answered with something that the run can't go on with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a ship notice says is on the truck: pieces by order line."""

    shipment: str
    order: str
    site: str
    pieces: tuple[tuple[str, Decimal, str], ...]


@dataclass(slots=True)
class Days:
    """What happens outside by itself, as the player of the simulated clock asks for it.

    Attributes:
        behaviour: whose decisions and mending are played; None: nobody decides anything.
        raised: our requisition of each order of the table.
        refused: what a door refused, for the report.
    """

    house: House
    start: date
    days: int
    orders: tuple[ExpectedOrder, ...]
    behaviour: Behaviour | None = None
    raised: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    _heap: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    _serial: int = 0
    _left: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Put the needs, everybody's looks and the first round on the heap."""
        begin = self._local(self.start, _FIRST)
        for n, wave in enumerate(waves(self.orders)):
            self._at(begin + n * _APART, self._raising(wave))
        for day in range(self.days):
            for moment in LOOKS:
                self._at(self._local(self.start + timedelta(days=day), moment), self._approve)
        self._at(begin, self._post)
        if self.behaviour is not None:
            self._work_exceptions(self.behaviour)

    def _work_exceptions(self, behaviour: Behaviour) -> None:
        """Put the mending on the heap, and the looks at exceptions that follow it."""
        begin = self._local(self.start, time())
        if behaviour.mends is not None:
            begin = self._local(
                self.start + timedelta(days=behaviour.mends.day), time(behaviour.mends.hour)
            )
            self._at(begin, self._mend)
        deciding = Deciding(self.house, behaviour.decides, self.refused)
        for day in range(self.days):
            for moment in LOOKS:
                at = self._local(self.start + timedelta(days=day), moment)
                if at > begin:
                    self._at(at, lambda _: deciding.look())

    @property
    def ends(self) -> datetime:
        """The instant at which the last day is over."""
        return self._local(self.start + timedelta(days=self.days), time())

    def next_at(self) -> datetime | None:
        """Give the instant of the next deed; None when the days are over."""
        if not self._heap or self._heap[0][0] >= self.ends:
            return None
        return self._heap[0][0]

    def act(self, now: datetime) -> Iterable[NoReturn]:
        """Do what is due; nothing is left for others to apply."""
        while self._heap and self._heap[0][0] <= now:
            at, _, deed = heapq.heappop(self._heap)
            deed(at)
        return ()

    def _at(self, at: datetime, deed: Callable[[datetime], None]) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, deed))

    @staticmethod
    def _local(day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, ZoneInfo(ZONE)).astimezone(UTC)

    # ---- people ---------------------------------------------------------------------------

    def _raising(self, wave: Wave) -> Callable[[datetime], None]:
        """The ERP's owner agrees a price list; then the planner asks for what is needed."""

        def raise_all(now: datetime) -> None:
            self.house.agree(wave.prices)
            for order in wave.orders:
                self._raise(order, now)

        return raise_all

    def _raise(self, order: ExpectedOrder, now: datetime) -> None:
        needed = (now.astimezone(ZoneInfo(ZONE)) + timedelta(days=LEAD_DAYS)).date().isoformat()
        supplier = next(t.supplier for t in self.house.tradings if t.behaviour == order.behaviour)
        body = {
            "site": SITE, "reference": order.reference,
            "lines": [
                {"item": line.item, "quantity": {"value": f"{line.ordered:f}", "unit": "EA"},
                 "needed_by": needed, "supplier": supplier}
                for line in order.lines
            ],
        }  # fmt: skip
        api = self.house.api(REQUESTER)
        status, answer = api.post("/v1/requisitions", body, once=f"need-{order.reference}")
        if status >= 400:  # noqa: PLR2004
            self.refused.append(f"{order.reference}: {status} {answer}")
        else:
            self.raised[order.reference] = answer["id"]

    def _approve(self, _: datetime) -> None:
        """Everybody whose turn it is agrees."""
        for person in PEOPLE:
            if not person.approves:
                continue
            api = self.house.api(person.id)
            for row in api.get("/v1/approvals?whose=mine&limit=200")["rows"]:
                path = f"/v1/approvals/{row['subject']['id']}/approve"
                status, answer = api.post(path, {"note": ""}, once=f"approve-{row['id']}")
                if status >= 400:  # noqa: PLR2004
                    self.refused.append(f"{row['id']}: {status} {answer}")

    # ---- partners -------------------------------------------------------------------------

    def _post(self, now: datetime) -> None:
        """Set the partners' clocks by ours, let them read and write, and take what they left."""
        for trading in self.house.tradings:
            partner = self.house.partners[trading.behaviour]
            partner.advance_to(now)
            partner.scan()
            if not self.house.feeds.files(trading.supplier):
                continue
            for paper in partner.collect(trading.ours):
                for load in loads_of(paper):
                    truck = (trading.supplier, load.shipment)
                    if truck not in self._left:  # a notice written anew is no other truck
                        self._left.add(truck)
                        self._at(now + TRAVELS, self._unloading(trading, load))
        self._at(now + ROUND, self._post)

    def _mend(self, _: datetime) -> None:
        """The partners' people mend their fault, and write anew what we rejected."""
        for trading in self.house.tradings:
            partner = self.house.partners[trading.behaviour]
            partner.behave(trading.ours, "accept")
            for order in partner.orders(trading.ours):
                for paper in partner.documents(trading.ours, order.number):
                    if paper.answer == "rejected":
                        partner.send_anew(trading.ours, order.number, _KINDS[paper.code])

    def _unloading(self, trading: Trading, load: Load) -> Callable[[datetime], None]:
        """The dock counts the truck and books it in the warehouse's own system."""

        def unload(now: datetime) -> None:
            receipt = f"GR-{trading.behaviour}-{load.shipment}"
            body = {
                "number": receipt, "order": load.order, "site": load.site,
                "received": now.astimezone(ZoneInfo(ZONE)).date().isoformat(),
                "shipment": load.shipment,
                "lines": [
                    {"line": line, "quantity": f"{pieces:f}", "unit": unit, "condition": "good"}
                    for line, pieces, unit in load.pieces
                ],
            }  # fmt: skip
            answer = self.house.wms.ask(
                "POST", "/receipts", msgspec.json.encode(body),
                {"Idempotency-Key": receipt, "Content-Type": "application/json"},
            )  # fmt: skip
            if answer.status >= 300:  # noqa: PLR2004
                raise DayError(f"receipt {receipt}: {answer.status} {answer.body!r}")
            self.house.feeds.receipts()

        return unload


def loads_of(paper: bytes) -> tuple[Load, ...]:
    """Read the ship notices of a file as the dock does: by eye, without our X12 reader.

    Source: X12 004010, ISA (fixed width: the separators are its 4th and its 106th character), 856.
    """
    text = paper.decode("ascii", "replace")
    element, end = text[3], text[105]
    found: list[Load] = []
    shipment = order = site = line = ""
    pieces: list[tuple[str, Decimal, str]] = []
    for segment in text.split(end):
        match segment.strip().split(element):
            case ["BSN", _, number, *_]:
                shipment, pieces = number, []
            case ["N1", "ST", _, _, place, *_]:
                site = place
            case ["PRF", number, *_]:
                order = number
            case ["LIN", number, *_]:
                line = number
            case ["SN1", _, quantity, unit, *_]:
                pieces.append((line, Decimal(quantity), unit))
            case ["SE", *_] if shipment:
                found.append(Load(shipment=shipment, order=order, site=site, pieces=tuple(pieces)))
                shipment = ""
            case _:
                continue
    return tuple(found)
