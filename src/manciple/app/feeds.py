"""What other systems tell by themselves: the warehouse's receipts, and files in partners' folders.

A feed gives everything at least once; a command's key makes it happen once. A cursor is kept only
to read less, never to be right.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from manciple.app.application import Application
from manciple.exchange.interchange import ReceiveInterchange
from manciple.kernel.messages import Actor, Command, Role
from manciple.processes.ports import InboundFile, WarehouseReceipt
from manciple.receiving.receipt import Condition, ReceivedLine, RecordReceipt
from manciple.runtime.bus import Reply

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
