"""A distributor's trade as commands, for benchmarks and for the kill test.

need -> approvals -> ERP -> 850 -> 997, 855, 856 -> dock -> 810 -> match -> payable

Eight suppliers that do what they are asked, six warehouses, items without regulation. Suppliers'
papers are written by the simulated world's desk, which knows of us only what stands in our files.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from manciple.adapters.reference.line import Line
from manciple.app import Application
from manciple.app.masters import import_masters
from manciple.approvals.authority import Authority, Limit, RegisterAuthority
from manciple.approvals.request import Approval, Approve, StepState
from manciple.cli.world_doors import masters_of
from manciple.exchange.control_numbers import Counted
from manciple.exchange.interchange import ReceiveInterchange
from manciple.exchange.partner import Address, Partner, RegisterPartner
from manciple.governance.api_key import IssueApiKey, digest_of, key_text
from manciple.governance.people import Person, RegisterPerson
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.kernel.money import Currency, Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.receiving.receipt import ReceivedLine, RecordReceipt
from manciple.requisitioning.requisition import RequestedLine, Requisition, SubmitRequisition
from manciple.world.company import Character, Company, company
from manciple.world.desk import Shipment

SEED = 7
OURS = Address(qualifier="ZZ", interchange_id="MANCIPLE", group_id="MANCIPLE")
GATEWAY = Actor(id="edi-gateway", roles=(Role.INTEGRATION,))
WAREHOUSE = Actor(id="wms", roles=(Role.WAREHOUSE_SYSTEM,))


def firm(suppliers: int = 8, items: int = 64) -> Company:
    """Give a company whose suppliers all do what they are asked."""
    whole = company(SEED, suppliers=suppliers, items=items)
    return replace(
        whole,
        suppliers=tuple(replace(each, character=Character.EXCELLENT) for each in whole.suppliers),
        items=tuple(replace(each, regulated=False) for each in whole.items),
    )


def key_of(person: str) -> str:
    """Give a person's API key."""
    return key_text(person.replace(".", "-"), sha256(f"secret of {person}".encode()).hexdigest())


def furnish(app: Application, trade: Company, erp: Line) -> None:
    """Bring in the ERP's masters, partners, people, their limits and keys."""
    assert erp.ask("POST", "/_load", masters_of(trade)).status == 200
    assert app.systems.erp is not None
    import_masters(app, app.systems.erp)
    at = app.clock.now()
    commands = [
        Command(key=f"furnish:{n}", act=act, actor=SYSTEM, at=at)
        for n, act in enumerate(_acts(trade))
    ]
    for command, reply in zip(commands, app.store.apply(commands).replies, strict=True):
        assert reply.is_done, (command.act, reply.refusals)


def _acts(trade: Company) -> Iterable[object]:
    for supplier in trade.suppliers:
        theirs = Address(
            qualifier="ZZ", interchange_id=supplier.address, group_id=supplier.address
        )
        profile = Partner(
            id=supplier.id, theirs=theirs, ours=OURS, counts=Counted.NOTHING
        )  # its desk numbers papers when it plans them
        yield RegisterPartner(partner=profile)
    for each in trade.people:
        roles = tuple(Role(role) for role in each.roles)
        yield RegisterPerson(
            person=Person(
                id=each.id,
                name=each.name,
                email=f"{each.id}@example.com",
                roles=roles,
                sites=each.sites,
            )
        )
        name = each.id.replace(".", "-")
        yield IssueApiKey(id=name, digest=digest_of(key_of(each.id)), person=each.id)
    for each in trade.people:
        if each.approves:
            limit = Limit(amount=Money(Decimal(each.limit), Currency.USD))
            yield RegisterAuthority(
                authority=Authority(
                    id=each.id, roles=each.approves, limits=(limit,), manager=each.manager
                )
            )


class Asking:
    """What people, partners and the dock ask of us, as commands."""

    def __init__(self, trade: Company, *, lines: int = 2) -> None:
        self.trade, self._lines = trade, lines
        self._actors = {
            each.id: Actor(id=each.id, roles=tuple(Role(r) for r in each.roles), sites=each.sites)
            for each in trade.people
        }
        self._per_case = {item.id: item.per_case for item in trade.items}
        stock = [
            sorted(o.item for o in trade.offers if o.supplier == supplier.id and o.preferred)
            for supplier in trade.suppliers
        ]
        self._stock = [items for items in stock if len(items) > 1]

    def need(self, number: int, at: datetime) -> Command:
        """State a need: lines of one supplier, so that one order follows."""
        site = self.trade.sites[number % len(self.trade.sites)].id
        items = self._stock[number % len(self._stock)]
        turn = number // len(self._stock)
        wanted = [items[(turn + line) % len(items)] for line in range(self._lines)]
        act = SubmitRequisition(
            site=site,
            flow="direct",
            lines=tuple(
                RequestedLine(
                    item=item,
                    quantity=Quantity(Decimal(2), Unit.CASE),
                    needed_by=at.date() + timedelta(days=5),
                )
                for item in wanted
            ),
        )
        planner = self._actors[f"planner.{site.lower()}"]
        return Command(key=f"need:{number}", act=act, actor=planner, at=at, door="api")

    def need_body(self, number: int, at: datetime) -> tuple[str, dict[str, Any]]:
        """State the same need as a caller of the API; gives who states it, too."""
        act = self.need(number, at).act
        assert isinstance(act, SubmitRequisition)
        lines = [
            {
                "item": line.item,
                "quantity": {"value": "2", "unit": "CA"},
                "needed_by": line.needed_by.isoformat(),
            }
            for line in act.lines
        ]
        body = {"site": act.site, "flow": act.flow, "lines": lines}
        return f"planner.{act.site.lower()}", body

    def approval(self, app: Application, requisition: str, at: datetime) -> Command | None:
        """Say yes in the name of whoever's turn it is; None when everybody has."""
        need = app.peek(Requisition, requisition)
        assert need is not None
        asked = app.peek(Approval, need.approval or "")
        assert asked is not None, need
        step = next((s for s in asked.steps if s.state is StepState.PENDING), None)
        if step is None:
            return None
        return Command(
            key=f"yes:{asked.id}:{step.number}",
            act=Approve(approval=asked.id, step=step.number),
            actor=self._actors[step.approver],
            at=at,
            door="api",
        )

    def paper(self, supplier: str, name: str, content: bytes, at: datetime) -> Command:
        """Bring a partner's file."""
        act = ReceiveInterchange(data=content, channel="folder", partner=supplier, name=name)
        return Command(key=f"file:{supplier}:{name}", act=act, actor=GATEWAY, at=at, door="edi")

    def receipt(self, shipment: Shipment, at: datetime, day: date | None = None) -> Command:
        """Count a truck at the dock, in pieces: everything came."""
        lines = tuple(
            ReceivedLine(
                line=each.line,
                quantity=Quantity(each.quantity * self._per_case[each.item], Unit.EACH),
            )
            for each in shipment.lines
        )
        act = RecordReceipt(
            receipt=f"GR-{shipment.number}",
            order=shipment.order,
            site=shipment.site,
            received=day or at.date(),
            lines=lines,
            shipment=shipment.number,
        )
        return Command(
            key=f"wms:GR-{shipment.number}", act=act, actor=WAREHOUSE, at=at, door="wms"
        )
