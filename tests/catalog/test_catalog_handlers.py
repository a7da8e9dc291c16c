"""Registered records are checked as a whole, kept once, and found without scanning."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count

import pytest

from manciple.adapters.memory import MemoryBus
from manciple.catalog.agreement import (
    Agreement,
    AgreementRegistered,
    RegisterAgreement,
    SourceAdded,
    Sources,
)
from manciple.catalog.calendars import (
    OFFICE,
    Calendar,
    RegisterCalendar,
    calendar_of_site,
    calendar_of_supplier,
)
from manciple.catalog.handlers import handles
from manciple.catalog.item import Item, ItemRegistered, Pack, RegisterItem
from manciple.catalog.site import RegisterSite, Site, require_site
from manciple.catalog.supplier import RegisterSupplier, Supplier
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import Refused
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.runtime.bus import Handles, Registry, Reply
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work

KEYS = count()
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
BOLT = Item(
    id="BOLT-8",
    description="bolt M8",
    category="fasteners",
    base_unit=Unit.EACH,
    packs=(Pack(unit=Unit.CASE, base=Decimal(12)),),
)
ACME = Supplier(id="ACME", name="Acme", currency=Currency.USD, channel="edi", calendar="NY")
AGREEMENT = Agreement(
    id="ACME/BOLT-8",
    supplier="ACME",
    item="BOLT-8",
    supplier_item="A-8",
    price=Price(Money(Decimal("30.00"), Currency.USD), Quantity(Decimal(1), Unit.CASE)),
    order_unit=Unit.CASE,
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    minimum=Quantity(Decimal(5), Unit.CASE),
)
NEW_YORK = BusinessCalendar(
    zone="America/New_York", hours=(*((time(8), time(17)),) * 5, None, None)
)


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus(Registry.of(handles()))


def tell(bus: MemoryBus, *acts: object, actor: Actor = SYSTEM) -> list[Reply]:
    commands = [Command(key=f"k{next(KEYS)}", act=act, actor=actor, at=NOW) for act in acts]
    return list(bus.apply(commands).replies)


def codes(reply: Reply) -> set[tuple[str, str]]:
    return {(reason.code, reason.field) for reason in reply.refusals}


def test_an_agreement_makes_its_supplier_a_source_of_the_item(bus: MemoryBus) -> None:
    other = replace(AGREEMENT, id="ZETA/BOLT-8", supplier="ZETA")
    zeta = replace(ACME, id="ZETA")

    acts = (RegisterAgreement(agreement=other), RegisterAgreement(agreement=AGREEMENT))
    tell(
        bus, *(RegisterSupplier(supplier=s) for s in (ACME, zeta)), RegisterItem(item=BOLT), *acts
    )

    assert bus.get(Sources, "BOLT-8").suppliers == ("ACME", "ZETA")
    assert bus.get(Agreement, "ACME/BOLT-8") == AGREEMENT


def test_the_same_record_again_is_quiet_and_a_changed_one_is_told(bus: MemoryBus) -> None:
    tell(bus, RegisterItem(item=BOLT))
    tell(bus, RegisterItem(item=BOLT))
    tell(bus, RegisterItem(item=replace(BOLT, description="bolt, M8")))

    assert [event.is_new for event in bus.happened(ItemRegistered)] == [True, False]
    assert bus.get(Item, "BOLT-8").description == "bolt, M8"


def test_a_repeated_agreement_adds_no_second_source(bus: MemoryBus) -> None:
    cheaper = replace(
        AGREEMENT, price=Price(Money(Decimal(29), Currency.USD), AGREEMENT.price.per)
    )
    tell(bus, RegisterSupplier(supplier=ACME), RegisterItem(item=BOLT))

    for agreement in (AGREEMENT, AGREEMENT, cheaper):
        tell(bus, RegisterAgreement(agreement=agreement))

    assert len(bus.happened(SourceAdded)) == 1
    assert len(bus.happened(AgreementRegistered)) == 2
    assert bus.get(Agreement, "ACME/BOLT-8").price == cheaper.price


def test_every_fault_of_an_agreement_is_told_at_once(bus: MemoryBus) -> None:
    bad = replace(
        AGREEMENT,
        id="ACME-BOLT",
        price=Price(Money(Decimal(-1), Currency.EUR), Quantity(Decimal(1), Unit.KILOGRAM)),
        order_unit=Unit.KILOGRAM,
        valid_to=date(2025, 12, 31),
        lead_days=-1,
        minimum=Quantity(Decimal("0.5"), Unit.EACH),
    )
    tell(bus, RegisterSupplier(supplier=ACME), RegisterItem(item=BOLT))

    [reply] = tell(bus, RegisterAgreement(agreement=bad))

    fields = ("id", "price", "price.money.currency", "order_unit", "price.per.unit", "minimum")
    wanted = {("BAD_AGREEMENT", f"agreement.{f}") for f in (*fields, "valid_to", "lead_days")}
    assert codes(reply) == wanted
    assert bus.documents(Agreement) == ()


def test_an_agreement_needs_its_supplier_and_its_item(bus: MemoryBus) -> None:
    [reply] = tell(bus, RegisterAgreement(agreement=AGREEMENT))

    assert codes(reply) == {
        ("BAD_AGREEMENT", "agreement.supplier"),
        ("BAD_AGREEMENT", "agreement.item"),
    }


def test_an_item_with_doubtful_packs_is_refused(bus: MemoryBus) -> None:
    case = Pack(unit=Unit.CASE, base=Decimal(12))
    each = Pack(unit=Unit.EACH, base=Decimal(1))
    bad = replace(BOLT, id=" ", category="", packs=(case, case, each), gtin="12a")

    [reply] = tell(bus, RegisterItem(item=bad))

    assert {field for _, field in codes(reply)} == {
        "item.id",
        "item.category",
        "item.packs.1.unit",
        "item.packs.2.unit",
        "item.gtin",
    }


@pytest.mark.parametrize(
    "act",
    [
        RegisterSupplier(supplier=replace(ACME, id="A/B")),
        RegisterSite(site=Site(id=" ", name="x", company="x")),
    ],
)
def test_records_without_a_usable_number_are_refused(bus: MemoryBus, act: object) -> None:
    [reply] = tell(bus, act)

    assert not reply.is_done


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN, Role.STEWARD, Role.SYSTEM}))
def test_only_the_keepers_of_master_data_register(bus: MemoryBus, role: Role) -> None:
    somebody = Actor(id="somebody", roles=(role,))

    [reply] = tell(bus, RegisterItem(item=BOLT), actor=somebody)

    assert [reason.code for reason in reply.refusals] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("day", "is_valid"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_an_agreement_holds_on_its_first_and_last_day(day: date, *, is_valid: bool) -> None:
    assert AGREEMENT.covers(day) is is_valid
    assert replace(AGREEMENT, valid_to=None).covers(date(2099, 1, 1))


def test_a_place_without_a_registered_calendar_works_office_hours() -> None:
    found: list[BusinessCalendar] = []

    def look(work: Work, act: Site) -> Ref | None:
        found.append(calendar_of_site(work, act.id))
        found.append(calendar_of_supplier(work, "ACME"))
        return None

    looking = Handles(act=Site, handle=look, by=frozenset({Role.SYSTEM}))
    bus = MemoryBus(Registry.of((*handles(), looking)))
    hub = Site(id="HUB", name="Hub", company="D", calendar="NY", zone="America/New_York")

    tell(bus, hub)
    tell(bus, RegisterCalendar(calendar=Calendar(id="NY", calendar=NEW_YORK)))
    tell(bus, RegisterSite(site=hub), RegisterSupplier(supplier=ACME))
    tell(bus, replace(hub, name="again"))

    assert found == [OFFICE, OFFICE, NEW_YORK, NEW_YORK]


def test_people_of_one_site_do_not_act_for_another() -> None:
    lead = Actor(id="lee", roles=(Role.WAREHOUSE_LEAD,), sites=("HUB",))

    require_site(lead, "HUB")
    require_site(replace(lead, sites=()), "ANY")
    with pytest.raises(Refused, match="works for HUB, not for WEST"):
        require_site(lead, "WEST")
