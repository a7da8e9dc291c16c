"""The seller's harness: what it makes of a buyer's papers, each written by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from manciple.cli.partner_demo.seller import BILLS_AFTER, SHIPS_AFTER, Seller
from manciple.cli.partner_demo.seller_book import SellerBook
from manciple.processes.ports import OutboundMessage

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
ISA = (
    "ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{'BUYER':<15}", "ZZ", f"{'SELLER':<15}",
    "260302", "0900", "U", "00401", "000000001", "0", "T", ">",
)  # fmt: skip
ORDER = ("850", "PO", ("BEG*00*SA*PO-1**20260302", "PO1*1*40*EA*8.90**VP*GEAR-100", "CTT*1"))


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Seller]:
    book = SellerBook(tmp_path / "seller.sqlite")
    yield Seller(book=book, ours="SELLER", theirs="BUYER")
    book.close()


def paper(kind: str, group: str, body: tuple[str, ...]) -> bytes:
    rows = ["*".join(ISA), f"GS*{group}*BUYER*SELLER*20260302*0900*1*X*004010"]
    rows += [f"ST*{kind}*0001", *body, f"SE*{len(body) + 2}*0001", "GE*1*1", "IEA*1*000000001"]
    return "~\n".join((*rows, "")).encode("ascii")


def change(purpose: str, *lines: str) -> bytes:
    head = f"BCH*{purpose}*SA*PO-1**1*20260302***S-PO-1**20260303"
    return paper("860", "PC", (head, *lines, f"CTT*{len(lines)}"))


def kinds(files: tuple[OutboundMessage, ...]) -> list[str]:
    return [file.file_name.partition("-")[0] for file in files]


def segments(file: OutboundMessage, *tags: str) -> list[str]:
    found = [row.strip() for row in file.content.decode().split("~")]
    return [row for row in found if row.partition("*")[0] in tags]


def test_an_order_is_answered_shipped_and_billed_once(seller: Seller) -> None:
    first = seller.read(paper(*ORDER), NINE)
    again = seller.read(paper(*ORDER), NINE)

    assert (kinds(first), kinds(again)) == (["997", "855"], ["997"])
    assert seller.work(NINE + SHIPS_AFTER - timedelta(seconds=1)) == ()
    (notice,) = seller.work(NINE + SHIPS_AFTER)
    assert segments(notice, "SN1") == ["SN1*1*40*EA"]
    assert seller.work(NINE + SHIPS_AFTER + BILLS_AFTER - timedelta(seconds=1)) == ()
    (bill,) = seller.work(NINE + SHIPS_AFTER + BILLS_AFTER)
    assert segments(bill, "IT1", "TDS") == ["IT1*1*40*EA*8.90**VP*GEAR-100", "TDS*35600"]
    assert seller.work(NINE + timedelta(days=30)) == ()
    order = seller.book.order("PO-1")
    assert order is not None
    assert (order.copies, order.state) == (2, "billed")


def test_a_change_before_the_goods_have_left_is_taken(seller: Seller) -> None:
    seller.read(paper(*ORDER), NINE)

    _, answer = seller.read(change("04", "POC*1*QD*30**EA*8.90**VP*GEAR-100"), NINE)

    assert segments(answer, "BCA")[0].startswith("BCA*00*AC*PO-1**1*20260302***S-PO-1*20260302*")
    assert segments(answer, "POC", "ACK") == [
        "POC*1*QD*30**EA*8.90**VP*GEAR-100", "ACK*IA*30*EA*067*20260305",
    ]  # fmt: skip
    (notice,) = seller.work(NINE + SHIPS_AFTER)
    assert segments(notice, "SN1") == ["SN1*1*30*EA"]


def test_a_cancellation_before_the_goods_have_left_is_taken(seller: Seller) -> None:
    seller.read(paper(*ORDER), NINE)

    _, answer = seller.read(change("01"), NINE)

    assert segments(answer, "BCA")[0].startswith("BCA*00*AC*")
    assert segments(answer, "POC") == ["POC*1*DI*0**EA*8.90**VP*GEAR-100"]
    assert seller.work(NINE + timedelta(days=30)) == ()


@pytest.mark.parametrize(
    "wanted", [change("01"), change("04", "POC*1*QD*30**EA*8.90**VP*GEAR-100")]
)
def test_what_comes_after_the_goods_have_left_is_refused(seller: Seller, wanted: bytes) -> None:
    seller.read(paper(*ORDER), NINE)
    seller.work(NINE + SHIPS_AFTER)

    _, answer = seller.read(wanted, NINE + SHIPS_AFTER)

    assert segments(answer, "BCA")[0].startswith("BCA*00*RD*PO-1*")
    assert segments(answer, "POC", "ACK") == [
        "POC*1*NC*40**EA*8.90**VP*GEAR-100", "ACK*IA*40*EA*067*20260305",
    ]  # fmt: skip
    order = seller.book.order("PO-1")
    assert order is not None
    assert [(line.wanted, line.shipped) for line in order.lines] == [(Decimal(40), Decimal(40))]


def test_what_nobody_can_use_is_noted(seller: Seller) -> None:
    seller.read(change("01"), NINE)
    seller.read(paper("997", "FA", ("AK1*PR*7", "AK9*R*1*1*0")), NINE)
    seller.read(paper("856", "SH", ("BSN*00*S-1*20260302*0900",)), NINE)

    assert seller.book.refused() == (
        "860 for PO-1, which nobody ordered",
        "group 7: R",
        "a 856 is nothing that a buyer sends",
    )
