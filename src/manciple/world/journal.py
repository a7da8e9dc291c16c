"""The journal: what the product's own event feed says, as records that measures are taken of.

    RequisitionSubmitted .. OrderSent .. AcknowledgmentReceived      -> OrderRecord
    InvoiceRegistered .. InvoiceMatched .. InvoicePayable            -> BillRecord
    CaseOpened .. CaseResolved                                       -> TroubleRecord

A human act is one command of a person over the API, the need itself not counted. A bill that went
back and came again mended is one bill; one that came twice by mistake is one, too.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from manciple.kernel.records import dataclass
from manciple.world.measures import BillRecord, OrderRecord, Records, TroubleRecord

_MENDED = "R"
"""What the suppliers of the world add to the number of a bill that they mend."""


@dataclass(slots=True)
class Journal:
    """Reads one event after the other."""

    records: Records = field(default_factory=Records)
    _needs: dict[str, OrderRecord] = field(default_factory=dict)
    _lines: dict[str, int] = field(default_factory=dict)
    _orders: dict[str, OrderRecord] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], BillRecord] = field(default_factory=dict)
    _bills: dict[str, BillRecord] = field(default_factory=dict)
    _cases: dict[str, TroubleRecord] = field(default_factory=dict)
    _acts: set[str] = field(default_factory=set)

    def raised(self, requisition: str, lines: int) -> None:
        """Know how many lines a need has; the feed does not say."""
        self._lines[requisition] = lines

    def told(self, stock: Mapping[str, int]) -> Records:
        """Give everything so far, with what the world counted of missing goods."""
        self.records.stock = stock
        self.records.touches = len(self._acts)
        return self.records

    def note(self, row: Mapping[str, Any], *, is_person: bool) -> None:
        """Take the next event of the feed; ``is_person``: somebody of ours caused it."""
        kind, at = row["type"], datetime.fromisoformat(row["at"])
        body = row["body"]
        data = body["data"]
        if is_person and kind != "RequisitionSubmitted" and body["door"] == "api":
            self._acts.add(body["command"])
        match kind:
            case "RequisitionSubmitted":
                lines = self._lines.pop(data["requisition"], 1)
                record = OrderRecord(lines=lines, submitted=at)
                self._needs[data["requisition"]] = record
                self.records.orders.append(record)
            case "StepApproved":
                need = self._needs.get(data["subject"]["id"])
                if need is not None:
                    need.touches += 1
                    need.in_time.append(data["in_time"])
            case "OrderPlaced" | "OrderSent" | "AcknowledgmentReceived":
                self._order(kind, data, at)
            case "InvoiceRegistered" | "InvoiceMatched" | "InvoicePayable":
                self._bill(kind, data, at)
            case "CaseOpened" | "CaseReopened" | "CaseResolved":
                self._case(kind, data, at)

    def _order(self, kind: str, data: Mapping[str, Any], at: datetime) -> None:
        if kind == "OrderPlaced" and data["requisition"] in self._needs:
            self._orders[data["order"]] = self._needs[data["requisition"]]
        record = self._orders.get(data["order"])
        if record is None:
            return
        if kind == "OrderSent":
            record.sent = record.sent or at
        elif kind == "AcknowledgmentReceived" and data["is_answer"]:
            record.answered = record.answered or at

    def _bill(self, kind: str, data: Mapping[str, Any], at: datetime) -> None:
        if kind == "InvoiceRegistered":
            name = (data["supplier"], data["number"].removesuffix(_MENDED))
            if name in self._numbers and not data["number"].endswith(_MENDED):
                return
            if name not in self._numbers:
                self._numbers[name] = BillRecord(came=at)
                self.records.bills.append(self._numbers[name])
            self._bills[data["invoice"]] = self._numbers[name]
        record = self._bills.get(data["invoice"])
        if record is None:
            return
        if kind == "InvoiceMatched" and record.clean is None:
            record.clean = data["clean"]
        elif kind == "InvoicePayable":
            record.payable = record.payable or at

    def _case(self, kind: str, data: Mapping[str, Any], at: datetime) -> None:
        if kind == "CaseOpened":
            self._cases[data["case"]] = TroubleRecord(arose=at)
            self.records.troubles.append(self._cases[data["case"]])
        elif data["case"] in self._cases:
            self._cases[data["case"]].settled = at if kind == "CaseResolved" else None
