"""The run where mock-edi buys: the seller's harness answers, and both books are judged."""

import time as wall
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from manciple.adapters.partners.behaviours import Behaviour, BoughtOrder
from manciple.adapters.partners.mock_edi import MockEdi, PartnerOrder, PurchaseLine
from manciple.adapters.transports.disk import Disk
from manciple.adapters.transports.folder import FolderTransport
from manciple.app.checking import Check
from manciple.cli.partner_demo.facts import Found
from manciple.cli.partner_demo.report import START, Step, Trial
from manciple.cli.partner_demo.seller import Seller
from manciple.cli.partner_demo.seller_book import SellerBook, SoldOrder
from manciple.cli.partner_demo.verdict import (
    Compared,
    Tally,
    Verdict,
    lines_at_partner,
    worded,
)

ROUND = timedelta(hours=2)
"""How often both clocks are set alike and the folders are looked into."""


def sell(behaviour: Behaviour, *, home: Path, orders: int, step: Step) -> Trial:
    """Have mock-edi buy so many times, answer it for the behaviour's days, and judge."""
    home.mkdir(parents=True)
    theirs = behaviour.ours.replace("MANCIPLE", "MOCKEDI")
    begin = datetime(START.year, START.month, START.day, 9, tzinfo=UTC)
    folder = FolderTransport(
        home / "partner", partner=theirs, settle_seconds=0, disk=Disk(flush=False)
    )
    book = SellerBook(home / "seller.sqlite")
    started = wall.perf_counter()
    chosen = behaviour.purchases(orders)
    try:
        with MockEdi.start(
            at=begin, identifier=theirs, database=home / "mock-edi.sqlite",
            drop=folder.outbound, pickup=folder.inbound,
        ) as partner:  # fmt: skip
            partner.add_supplier(behaviour.ours, behaviour=behaviour.name)
            for order in chosen:
                lines = [
                    PurchaseLine(item=x.item, quantity=x.ordered, price=x.price)
                    for x in order.lines
                ]
                partner.purchase(behaviour.ours, order.reference, lines)
            seller = Seller(book=book, ours=behaviour.ours, theirs=theirs)
            trade = _Trade(partner=partner, seller=seller, folder=folder)
            for day in range(behaviour.days):
                step(f"{START + timedelta(days=day):%a %d %b}")
                trade.day(begin + timedelta(days=day))
            verdict = _judge(behaviour, chosen, partner, book)
            return Trial(
                found=Found(),
                verdict=verdict,
                invariants={"seller_book": _agreement(behaviour, chosen, partner, book)},
                refused=book.refused(),
                merkle_root="",
                days=behaviour.days,
                elapsed=wall.perf_counter() - started,
            )
    finally:
        book.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trade:
    """The two, and the folders between them."""

    partner: MockEdi
    seller: Seller
    folder: FolderTransport

    def day(self, begin: datetime) -> None:
        """Play a day, round by round."""
        at = begin
        while at < begin + timedelta(days=1):
            at += ROUND
            self.partner.advance_to(at)
            for file in self.folder.collect():
                for answer in self.seller.read(file.content, at):
                    self.folder.deliver(answer)
                self.folder.archive(file)
            for paper in self.seller.work(at):
                self.folder.deliver(paper)
            self.partner.scan()


def _judge(
    behaviour: Behaviour, chosen: tuple[BoughtOrder, ...], partner: MockEdi, book: SellerBook
) -> Verdict:
    """Compare every order with the buyer's record of it; what the seller left undone is stuck."""
    verdict = Verdict()
    tally = verdict.tallies.setdefault(behaviour.name, Tally())
    for order in chosen:
        tally.orders += 1
        there = partner.order(order.reference, behaviour.ours)
        ours = book.order(order.reference)
        if stuck := tuple(_stuck(order, there, ours)):
            tally.stuck[order.reference] = stuck
            continue
        assert there is not None
        compared = _compared(behaviour, order, there, partner)
        verdict.settle(tally, order.reference, behaviour.name, compared)
    owed = partner.unacknowledged(behaviour.ours)
    verdict.compare("all", behaviour.name, ("partner: documents without our 997", 0, len(owed)))
    return verdict


def _stuck(
    order: BoughtOrder, there: PartnerOrder | None, ours: SoldOrder | None
) -> Iterator[str]:
    if there is None:
        yield f"{order.reference} is not at the partner"
    if ours is None:
        yield f"{order.reference} was never taken"
    elif ours.state not in {"billed", "cancelled"}:
        yield f"{order.reference} is only {ours.state}"


def _compared(
    behaviour: Behaviour, order: BoughtOrder, there: PartnerOrder, partner: MockEdi
) -> Iterator[Compared]:
    filed = Counter(
        paper.code
        for paper in partner.documents(behaviour.ours, order.reference)
        if not paper.is_theirs and paper.is_accepted
    )
    wrong = partner.disagreements(behaviour.ours, order.reference)
    yield "partner: status", order.status, there.status
    yield from lines_at_partner(order.lines, there)
    yield "partner: disagreements", sorted(order.disagreements), sorted(wrong)
    for code, count in order.answers.items():
        yield f"partner: {code} filed", count, filed[code]


def _agreement(
    behaviour: Behaviour, chosen: tuple[BoughtOrder, ...], partner: MockEdi, book: SellerBook
) -> Check:
    """Hold the seller's own book against the buyer's record, line by line."""
    checked, broken = 0, []
    for order in chosen:
        there = partner.order(order.reference, behaviour.ours)
        ours = book.order(order.reference)
        if there is None or ours is None:
            continue
        kept = {line.line: line for line in there.lines}
        for line in ours.lines:
            checked += 1
            told = kept.get(line.line)
            said = (told.shipped, told.billed) if told else None
            if said != (line.shipped, line.billed):
                mine = (line.shipped, line.billed)
                broken.append(f"{order.reference}/{line.line}: {worded(mine)}, {worded(said)}")
    return Check(checked=checked, broken=broken)
