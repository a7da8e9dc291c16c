"""mock-edi does what the table says, asked with hand-written interchanges and no code of ours."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from manciple.adapters.partners.expected import ThereEnd, expected_end
from manciple.adapters.partners.mock_edi import MockEdi, PartnerError
from manciple.adapters.transports.folder import FolderTransport
from manciple.processes.ports import OutboundMessage

ISA = (
    *("ISA", "00", " " * 10, "00", " " * 10, "ZZ", "{sender:<15}", "ZZ", f"{'MOCKEDI':<15}"),
    *("261102", "0900", "U", "00401", "{control:09d}", "0", "T", ">"),
)
NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def partner() -> Iterator[MockEdi]:
    with MockEdi.start(at=NINE) as started:
        started.add_customer("MANCIPLE-A", behaviour="accept")
        started.add_customer("MANCIPLE-S", behaviour="short-ship")
        yield started


def po850(sender: str, control: int, number: str, lines: Sequence[tuple[str, ...]]) -> bytes:
    """Write an 850 by hand: line, item, quantity, price."""
    body = [
        "ST*850*0001",
        f"BEG*00*SA*{number}**20261102",
        "CUR*BY*USD",
        "N1*ST*Atlanta*92*ATL",
        *(f"PO1*{line}*{quantity}*EA*{price}**VP*{item}" for line, item, quantity, price in lines),
        f"CTT*{len(lines)}",
    ]
    segments = [
        "*".join(ISA).format(sender=sender, control=control),
        f"GS*PO*{sender}*MOCKEDI*20261102*0900*{control}*X*004010",
        *body,
        f"SE*{len(body) + 1}*0001",
        f"GE*1*{control}",
        f"IEA*1*{control:09d}",
    ]
    return ("~\n".join(segments) + "~\n").encode("ascii")


def sets(files: tuple[bytes, ...]) -> Counter[str]:
    return Counter(
        segment.split("*")[1]
        for file in files
        for segment in file.decode().replace("\n", "").split("~")
        if segment.startswith("ST*")
    )


def segment(files: tuple[bytes, ...], code: str, tag: str) -> list[str]:
    (text,) = [file.decode() for file in files if f"ST*{code}*" in file.decode()]
    return next(s for s in text.replace("\n", "").split("~") if s.startswith(f"{tag}*")).split("*")


def test_an_accepted_order_is_answered_shipped_and_billed_in_full(partner: MockEdi) -> None:
    order = po850("MANCIPLE-A", 1, "PO-1", [("1", "WIDGET-001", "240", "12.50")])

    summary = partner.send(order)
    files = partner.collect("MANCIPLE-A")

    assert summary["accepted"]
    assert sets(files) == Counter({"997": 1, "855": 1, "856": 1, "810": 1})
    assert segment(files, "855", "ACK")[1:3] == ["IA", "240"]
    assert segment(files, "856", "SN1")[2] == "240"
    assert segment(files, "810", "TDS")[1] == "300000"
    assert partner.collect("MANCIPLE-A") == ()


def test_a_short_shipped_order_is_confirmed_at_four_fifths(partner: MockEdi) -> None:
    order = po850("MANCIPLE-S", 1, "PO-1", [("1", "WIDGET-001", "240", "12.50")])

    partner.send(order)
    files = partner.collect("MANCIPLE-S")

    assert segment(files, "855", "ACK")[1:3] == ["IQ", "192"]
    assert segment(files, "856", "SN1")[2] == "192"
    assert segment(files, "810", "TDS")[1] == "240000"
    stands = partner.order("PO-1", "MANCIPLE-S")
    assert stands is not None
    assert [(line.ordered, line.shipped) for line in stands.lines] == [
        (Decimal(240), Decimal(192))
    ]


def test_what_was_collected_can_be_had_again_byte_for_byte(partner: MockEdi) -> None:
    partner.send(po850("MANCIPLE-A", 1, "PO-1", [("1", "WIDGET-001", "2", "12.50")]))
    first = partner.collect("MANCIPLE-A")

    assert partner.resend() == 4
    assert sorted(partner.collect("MANCIPLE-A")) == sorted(first)


def test_a_repeated_interchange_is_refused_and_makes_no_second_order(partner: MockEdi) -> None:
    order = po850("MANCIPLE-A", 1, "PO-1", [("1", "WIDGET-001", "2", "12.50")])
    partner.send(order)

    assert not partner.send(order)["accepted"]
    assert len(partner.orders("MANCIPLE-A")) == 1


def test_nothing_is_acknowledged_until_we_send_a_997(partner: MockEdi) -> None:
    partner.send(po850("MANCIPLE-A", 1, "PO-1", [("1", "WIDGET-001", "2", "12.50")]))

    owed = sorted(name.split()[0] for name in partner.unacknowledged("MANCIPLE-A"))

    assert owed == ["810", "855", "856"]


def test_a_delayed_document_waits_for_its_clock() -> None:
    with MockEdi.start(at=NINE, despatch_after_s=3600, invoice_after_s=7200) as partner:
        partner.add_customer("MANCIPLE-A")
        partner.send(po850("MANCIPLE-A", 1, "PO-1", [("1", "WIDGET-001", "2", "12.50")]))
        at_once = sets(partner.collect())
        partner.advance_to(NINE + timedelta(hours=1))
        after_one = sets(partner.collect())
        partner.advance_to(NINE + timedelta(hours=2))

        assert at_once == Counter({"997": 1, "855": 1})
        assert after_one == Counter({"856": 1})
        assert sets(partner.collect()) == Counter({"810": 1})
        assert partner.now == NINE + timedelta(hours=2)


def test_it_trades_over_our_folders(tmp_path: Path) -> None:
    folder = FolderTransport(tmp_path, partner="MOCKEDI", settle_seconds=0)
    content = po850("MANCIPLE-A", 1, "PO-1", [("1", "WIDGET-001", "2", "12.50")])
    message = OutboundMessage(
        partner="MOCKEDI",
        interchange="000000001",
        file_name="850-000000001.edi",
        digest=sha256(content).hexdigest(),
        content=content,
    )
    with MockEdi.start(at=NINE, drop=folder.outbound, pickup=folder.inbound) as partner:
        partner.add_customer("MANCIPLE-A")
        folder.deliver(message)
        partner.scan()
        files = folder.collect()
        for file in files:
            folder.archive(file)
        folder.deliver(message)  # a resend after the partner took the file
        partner.scan()

        assert sets(tuple(file.content for file in files)) == Counter(
            {"997": 1, "855": 1, "856": 1, "810": 1}
        )
        assert folder.collect() == ()
        assert len(partner.orders("MANCIPLE-A")) == 1


def test_a_partner_with_a_database_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    database = tmp_path / "partner.sqlite"
    with MockEdi.start(at=NINE, database=database) as partner:
        partner.add_customer("MANCIPLE-A")
        partner.advance_to(NINE + timedelta(days=2))
        partner.send(po850("MANCIPLE-A", 1, "PO-1", [("1", "WIDGET-001", "2", "12.50")]))

    with MockEdi.start(at=NINE, database=database) as again:
        assert again.now == NINE + timedelta(days=2)
        assert again.order("PO-1", "MANCIPLE-A") is not None
        assert len(again.collect("MANCIPLE-A")) == 4


def test_an_unknown_behaviour_is_refused_with_its_words(partner: MockEdi) -> None:
    with pytest.raises(PartnerError, match="cheerful"):
        partner.behave("MANCIPLE-A", "cheerful")


def test_the_partner_says_and_ends_as_the_table_says_for_every_order(partner: MockEdi) -> None:
    end = expected_end()
    for control, order in enumerate(end.orders, start=1):
        sender = end.partners[order.behaviour]
        lines = [(x.line, x.item, f"{x.ordered}", f"{x.price}") for x in order.lines]
        assert partner.send(po850(sender, control, order.reference, lines))["accepted"]
    for day in range(1, 11):  # in one jump all balances would leave as one consignment
        partner.advance_to(NINE + timedelta(days=day))
    said = said_in_855s(partner.collect())

    for order in end.orders:
        record = partner.order(order.reference, end.partners[order.behaviour])
        assert record is not None
        assert record.status == order.status, order.reference
        assert tuple(total for _, total in record.invoices) == order.invoices, order.reference
        for line, kept in zip(order.lines, record.lines, strict=True):
            where = f"{order.reference}/{line.line}"
            assert said[where] == line.answer, where
            found = ThereEnd(
                ordered=kept.ordered,
                status=kept.status,
                confirmed=kept.confirmed,
                shipped=kept.shipped,
                billed=kept.billed,
            )
            assert found == line.there, where


def said_in_855s(files: tuple[bytes, ...]) -> dict[str, tuple[str, Decimal]]:
    said, order, line = {}, "", ""
    for each in "".join(file.decode() for file in files).replace("\n", "").split("~"):
        match each.split("*"):
            case ["BAK", _, _, number, *_]:
                order = number
            case ["PO1", number, *_]:
                line = number
            case ["ACK", status, quantity, *_]:
                assert f"{order}/{line}" not in said
                said[f"{order}/{line}"] = (status, Decimal(quantity))
            case _:
                pass
    return said


def test_the_table_is_whole() -> None:
    end = expected_end()

    assert Counter(order.behaviour for order in end.orders) == {"accept": 50, "short-ship": 50}
    assert len({order.reference for order in end.orders}) == 100
    assert {line.item for order in end.orders for line in order.lines} <= {
        item.item for item in end.catalog
    }
