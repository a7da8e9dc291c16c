"""An order of ours to an 850: compared whole, and read back as what was meant."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mockedi import x12 as mockedi_x12
from mockedi.validate import validate as mockedi_validate
from tests.x12.x12_builders import DATA

from manciple.exchange.mapping.compose import Composed, MapMissingError, compose
from manciple.exchange.mapping.document import (
    DocumentKind,
    PartnerDocument,
    PartnerLine,
    Schedule,
    StatedDate,
    StatedItem,
    StatedParty,
    StatedPrice,
    StatedQuantity,
    StatedReference,
    Totals,
)
from manciple.exchange.mapping.maps import load_maps
from manciple.exchange.reading import read
from manciple.formats.x12.findings import Fault
from manciple.formats.x12.write import (
    Address,
    OutgoingGroup,
    OutgoingInterchange,
    write_interchange,
)
from manciple.kernel.units import Unit

AT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
MAPS = load_maps()


def quantity(value: str, unit: Unit = Unit.EACH) -> StatedQuantity:
    return StatedQuantity(value=Decimal(value), unit=MAPS.codes.unit_code(unit), canonical=unit)


def price(amount: str, per: StatedQuantity) -> StatedPrice:
    return StatedPrice(amount=Decimal(amount), per=per)


def a_line(
    number: str = "1", stated: StatedQuantity | None = None, cost: StatedPrice | None = None
) -> PartnerLine:
    return PartnerLine(
        line=number,
        items=(StatedItem(scheme="vendor", id="BOLT-M8"), StatedItem(scheme="buyer", id="10077")),
        description="Bolt M8x40",
        quantity=stated or quantity("250"),
        price=cost or price("24.10", quantity("100")),
        dates=(StatedDate(kind="delivery_requested", day=date(2026, 3, 17)),),
    )


def an_order(*lines: PartnerLine) -> PartnerDocument:
    return PartnerDocument(
        kind=DocumentKind.ORDER,
        number="H-2001",
        dates=(
            StatedDate(kind="issued", day=date(2026, 3, 2)),
            StatedDate(kind="delivery_requested", day=date(2026, 3, 10)),
        ),
        currency="USD",
        parties=(
            StatedParty(role="buyer", id="HS", scheme="buyer", name="Harbour Supply"),
            StatedParty(
                role="ship_to",
                id="HS-N",
                scheme="buyer",
                name="Harbour North",
                street=("7 Pier Road",),
                city="Portland",
                region="ME",
                postal_code="04101",
                country="US",
            ),
        ),
        references=(StatedReference(kind="department", value="014"),),
        lines=lines or (a_line(),),
        totals=Totals(amount=Decimal("60.25")),
    )


def composed(order: PartnerDocument, overlay: str | None = None) -> Composed:
    maps = load_maps(overlay=overlay)
    return compose(order, message="850", control_number="0001", maps=maps)


def written(order: PartnerDocument) -> bytes:
    message = composed(order).message
    assert message is not None
    group = OutgoingGroup(
        sender="HARBOUR", receiver="QUAYSIDE", control_number=101, messages=(message,)
    )
    content = write_interchange(
        OutgoingInterchange(
            sender=Address(qualifier="ZZ", identifier="HARBOUR"),
            receiver=Address(qualifier="ZZ", identifier="QUAYSIDE"),
            control_number=101,
            at=AT,
            groups=(group,),
        )
    ).content
    assert content is not None
    return content


def back(order: PartnerDocument) -> PartnerDocument:
    (found,) = read(written(order)).documents
    assert not found.findings
    return found.document


def test_an_outgoing_order_is_compared_whole() -> None:
    order = an_order(
        a_line(),
        a_line("2", quantity("12", Unit.CASE), price("30.00", quantity("1", Unit.CASE))),
        a_line("3", quantity("36"), price("30.00", quantity("12"))),
        a_line("4", quantity("36"), price("10.00", quantity("3"))),
    )

    assert written(order) == (DATA / "850-outgoing.x12").read_bytes()


def test_an_order_reads_back_as_what_was_meant() -> None:
    order = an_order()

    found = back(order)

    assert (found.number, found.currency, found.totals.amount) == (
        "H-2001", "USD", Decimal("60.25")
    )  # fmt: skip
    assert found.dates == order.dates
    assert found.parties == order.parties
    assert found.references == order.references
    (line,), (meant,) = found.lines, order.lines
    assert replace(line, raw=()) == replace(meant, raw=())


amounts = st.decimals(min_value=0, max_value=10**6, places=4)


@settings(deadline=None)
@given(
    amounts,
    st.decimals(min_value=0, max_value=10**6, places=3),
    st.sampled_from([Unit.EACH, Unit.CASE, Unit.KILOGRAM]),
    st.sampled_from(["1", "7", "12", "100", "1000"]),
)
def test_prices_and_quantities_survive_the_way_there_and_back(
    amount: Decimal, count: Decimal, unit: Unit, per: str
) -> None:
    stated = quantity(f"{count:f}", unit)
    line = a_line("1", stated, price(f"{amount:f}", quantity(per, unit)))

    (found,) = back(an_order(line)).lines

    assert found.quantity == line.quantity
    assert found.price is not None
    assert found.price.per is not None
    assert found.price.per.unit == stated.unit
    assert found.price.amount * Decimal(per) == amount * found.price.per.value


def test_an_independent_dictionary_finds_nothing_wrong_with_our_order() -> None:
    """mock-edi (MIT) carries its own dictionary of 004010."""
    order = an_order(a_line(), a_line("2", quantity("12"), price("30.00", quantity("12"))))
    plain = replace(order, totals=Totals())

    report = mockedi_validate(mockedi_x12.parse(written(plain).decode()))

    (message,) = report.messages
    assert message.accepted
    assert [*message.segments, *message.set_errors] == []
    assert not report.envelope_errors


def test_a_partners_own_codes_are_written() -> None:
    message = composed(an_order(), overlay="example").message

    assert message is not None
    assert ("DTM", "106", "20260310") in message.segments
    assert ("REF", "DP", "014") in message.segments
    pairs = next(row[6:] for row in message.segments if row[0] == "PO1")
    assert pairs == ("VP", "BOLT-M8", "IN", "10077")


def test_a_line_with_a_schedule_says_how_many_and_when() -> None:
    line = replace(
        a_line(),
        schedule=(
            Schedule(quantity=quantity("100"), kind="delivery_requested", day=date(2026, 4, 1)),
            Schedule(quantity=quantity("150"), kind="delivery_requested", day=date(2026, 4, 8)),
        ),
    )

    assert back(an_order(line)).lines[0].schedule == line.schedule


@pytest.mark.parametrize(
    ("order", "text", "code"),
    [
        (replace(an_order(), number=None), "BEG03 has no value", Fault.MANDATORY),
        (
            replace(an_order(), number="N" * 23),
            f"BEG03 {'N' * 23!r} is 23 characters, BEG03 holds 22",
            Fault.MANDATORY,
        ),
        (
            replace(an_order(), references=(StatedReference(kind="horoscope", value="x"),)),
            "REF01: no code of the list references means 'horoscope'",
            Fault.CODE,
        ),
        (
            an_order(replace(a_line(), items=(StatedItem(scheme="rumour", id="x"),))),
            "PO106: no code of the list items means 'rumour' (line 1)",
            Fault.CODE,
        ),
    ],
)
def test_an_order_that_cannot_be_written_is_refused_with_the_place(
    order: PartnerDocument, text: str, code: Fault
) -> None:
    found = composed(order)

    assert found.message is None
    assert [(f.code, f.text) for f in found.findings] == [(code, text)]


def test_a_long_description_is_cut_and_said() -> None:
    found = composed(an_order(replace(a_line(), description="x" * 90)))

    assert found.message is not None
    assert ("PID", "F", "", "", "", "x" * 80) in found.message.segments
    assert found.findings[0].text.startswith("PID05 was cut to 80 characters")


def test_a_set_without_outgoing_map_is_refused() -> None:
    with pytest.raises(
        MapMissingError, match="no map writes the set '855'; there are maps for 850"
    ):
        compose(an_order(), message="855", control_number="1", maps=MAPS)
