"""What other systems tell by themselves: the warehouse's receipts, and files in partners' folders.

A feed gives everything at least once; a command's key makes it happen once. A cursor is kept only
to read less, never to be right.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from manciple.app.application import Application
from manciple.exchange.interchange import ReceiveInterchange
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.processes.ports import InboundFile, Page, WarehouseReceipt
from manciple.receiving.drift import (
    CompareReceipts,
    ComparisonState,
    ReceiptComparison,
    comparison_id,
)
from manciple.receiving.receipt import Condition, Receipt, ReceivedLine, RecordReceipt
from manciple.runtime.bus import Reply
from manciple.runtime.documents import Ref
from manciple.runtime.effects import EffectState
from manciple.runtime.queries import MOST_ROWS

Row = TypeVar("Row")
WAREHOUSE = Actor(id="wms", roles=(Role.WAREHOUSE_SYSTEM,))
"""The warehouse system, as the actor of what it booked."""
GATEWAY = Actor(id="edi-gateway", roles=(Role.INTEGRATION,))
"""The gateway that takes files from partners' folders."""


@dataclass(slots=True)
class Feeds:
    """Reads what others left, and hands it in.

    Attributes:
        refused: what was refused, with the reasons; for whoever looks after the feeds.
    """

    app: Application
    refused: list[str] = field(default_factory=list)
    _cursor: str = ""

    def receipts(self) -> int:
        """Take over the receipts that the warehouse booked since the last look; how many."""
        wms = self.app.systems.wms
        if wms is None:
            return 0
        count = 0
        while True:
            page = wms.receipts(self._cursor)
            for row in page.rows:
                self._hand_in(self._receipt(row))
                count += 1
            self._cursor = page.cursor
            if not page.more:
                return count

    def _receipt(self, row: WarehouseReceipt) -> Command:
        act = RecordReceipt(
            receipt=row.receipt,
            order=row.order,
            site=row.site,
            received=row.received,
            lines=tuple(
                ReceivedLine(
                    line=line.line,
                    quantity=line.quantity,
                    condition=Condition(line.condition.value),
                    item=line.item or None,
                )
                for line in row.lines
            ),
            shipment=row.shipment or None,
        )
        return Command(
            key=f"wms:{row.receipt}",
            act=act,
            actor=WAREHOUSE,
            at=self.app.clock.now(),
            door="wms",
        )

    def compare(self) -> int:
        """Compare what warehouse and ERP say was received, line by line; how many differ.

        Both sums are read whole, so it is done once in a while. A line is left alone while a
        receipt of its order is on its way to the ERP.
        """
        wms, erp = self.app.systems.wms, self.app.systems.erp
        if wms is None or erp is None:
            return 0
        counted = {(row.order, row.line): row.received for row in _all(wms.totals)}
        booked = {(row.order, row.line): row.received for row in _all(erp.totals)}
        moving, known = self._moving(), self._differing()
        count = 0
        for place in sorted(counted.keys() & booked.keys()):
            order, line = place
            warehouse, in_erp = counted[place], booked[place]
            if order in moving:
                continue
            if warehouse != in_erp or comparison_id(order, line) in known:
                count += warehouse != in_erp
                act = CompareReceipts(order=order, line=line, warehouse=warehouse, erp=in_erp)
                now = self.app.clock.now()
                figures = f"{warehouse.value:f}:{in_erp.value:f}"
                key = f"compare:{order}:{line}:{figures}:{now:%Y%m%dT%H%M%S}"
                self._hand_in(Command(key=key, act=act, actor=SYSTEM, at=now, door="feed"))
        return count

    def _differing(self) -> frozenset[str]:
        """Give the comparisons that differed at the last look."""
        names: list[str] = []
        for state in (ComparisonState.DIFFERS, ComparisonState.DRIFT):
            after: str | None = None
            while True:
                page = self.app.documents.page(
                    ReceiptComparison, state=state.value, after=after, limit=MOST_ROWS
                )
                names += [row.document.id for row in page.rows]
                after = page.after
                if after is None:
                    break
        return frozenset(names)

    def _moving(self) -> frozenset[str]:
        """Give the orders of which a receipt is on its way to the ERP."""
        names: list[str] = []
        for state in (EffectState.DUE, EffectState.ACCEPTED):
            after: str | None = None
            while True:
                page = self.app.history.effects(
                    state=state.value, endpoint="erp", after=after, limit=MOST_ROWS
                )
                names += [
                    Ref.parse(row.subject).id
                    for row in page.rows
                    if row.verb == "erp.post_receipt"
                ]
                after = page.after
                if after is None:
                    break
        receipts = self.app.documents.many(Receipt, list(dict.fromkeys(names)))
        return frozenset(receipt.order for receipt in receipts.values())

    def files(self, partner: str) -> int:
        """Take the files that a partner left; how many."""
        transport = self.app.systems.transport(partner)
        files = transport.collect()
        for file in files:
            reply = self._hand_in(self.receive(partner, file))
            if reply.is_done:
                transport.archive(file)
            else:
                transport.quarantine(file, "; ".join(r.message for r in reply.refusals))
        return len(files)

    def receive(self, partner: str, file: InboundFile) -> Command:
        """Make the command that keeps a file; the same file at the same place is kept once."""
        mark = sha256(f"{file.file_name}\0{file.digest}".encode()).hexdigest()[:24]
        act = ReceiveInterchange(
            data=file.content, channel="folder", partner=partner, name=file.file_name
        )
        return Command(
            key=f"file:{partner}:{mark}",
            act=act,
            actor=GATEWAY,
            at=self.app.clock.now(),
            door="edi",
        )

    def _hand_in(self, command: Command) -> Reply:
        reply = self.app.apply(command)
        if not reply.is_done:
            reasons = "; ".join(f"{r.code}: {r.message}" for r in reply.refusals)
            self.refused.append(f"{command.key}: {reasons}")
        return reply


def _all(read: Callable[[str], Page[Row]]) -> Iterator[Row]:
    """Read every page."""
    cursor = ""
    while True:
        page = read(cursor)
        yield from page.rows
        cursor = page.cursor
        if not page.more:
            return
