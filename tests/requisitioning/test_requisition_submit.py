from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.approvals.directory import Directory
from manciple.approvals.request import Approval, ApprovalState, Approve, CategoryAmount, Reject
from manciple.approvals.routing import Ask, preview
from manciple.approvals.settings import ApprovalSettings
from manciple.catalog.item import Item, Pack
from manciple.catalog.site import Site
from manciple.kernel.days import FURTHEST
from manciple.kernel.errors import Refused
from manciple.kernel.messages import SYSTEM, Actor, Role
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.requisitioning.drafting import Drafter, approval_request, local_day
from manciple.requisitioning.requisition import (
    ApproveRequisition,
    RecordOrdered,
    RejectRequisition,
    Requisition,
    RequisitionOrdered,
    RequisitionState,
    RequisitionSubmitted,
    WithdrawRequisition,
)
from manciple.runtime.documents import ref
from manciple.runtime.effects import Lane
from tests.requisitioning.requisition_world import (
    AGREEMENTS,
    ANA,
    BOLT,
    ITEMS,
    NOW,
    REGISTER,
    REX,
    TODAY,
    World,
    a_glove_agreement,
    a_line,
    a_submission,
    an_agreement,
    cases,
    each,
    usd,
)


def test_a_line_is_priced_from_the_agreement_and_counted_in_base_units() -> None:
    (line,) = World().submit(a_line(quantity=cases(9))).lines

    assert (line.stated, line.base) == (cases(9), each(108))
    assert line.extended == usd("270.00")
    assert (line.supplier, line.supplier_item) == ("ACME", "AC-BOLT-8")


def test_a_need_between_packs_commits_the_whole_packs_that_will_be_ordered() -> None:
    (line,) = World().submit(a_line(quantity=each(100))).lines

    assert (line.stated, line.base, line.committed) == (each(100), each(100), each(108))
    assert line.extended == usd("270.00")


def test_a_need_below_the_minimum_commits_the_minimum() -> None:
    world = World(agreements=(an_agreement("ACME", minimum=cases(5)),))

    (line,) = world.submit(a_line(quantity=each(12))).lines

    assert (line.base, line.committed, line.extended) == (each(12), each(60), usd("150.00"))


def test_a_small_requisition_is_approved_at_once_by_an_explicit_row() -> None:
    world = World()

    need = world.submit(a_line(quantity=cases(8)))

    assert need.state is RequisitionState.APPROVED
    approval = world.bus.get(Approval, need.approval or "")
    assert (approval.state, approval.steps) == (ApprovalState.GRANTED, ())
    assert "r01" in approval.ruling


def test_from_need_to_approval_by_the_branch_manager() -> None:
    world = World()
    need = world.submit(a_line(quantity=cases(9)))
    assert need.state is RequisitionState.SUBMITTED
    assert need.approval is not None

    world.must(Approve(approval=need.approval), ANA)

    assert world.bus.get(Requisition, need.id).state is RequisitionState.APPROVED
    assert world.bus.refs(need.id) == (ref(need),)
    assert world.bus.threads(need.approval) == (need.thread,)


def test_a_rejection_ends_the_requisition_with_its_reason() -> None:
    world = World()
    need = world.submit(a_line(quantity=cases(9)))

    world.must(Reject(approval=need.approval or "", reason="over_budget"), ANA)

    found = world.bus.get(Requisition, need.id)
    assert (found.state, found.reason) == (RequisitionState.REJECTED, "over_budget")


def test_the_preview_is_the_chain_that_is_then_asked() -> None:
    world = World()
    act = a_submission(a_line(quantity=cases(9)), a_line("GLOVE-L", _pairs(10)))
    drafter = Drafter(register=REGISTER)

    draft = drafter.draft(act, number="REQ-PREVIEW", by=REX, at=NOW, peek=world.peek)
    chain = preview(
        Ask.of(approval_request(draft)),
        directory=Directory(world.peek),
        register=REGISTER,
        settings=ApprovalSettings(),
        at=NOW,
    )
    need = world.bus.get(Requisition, world.must(act).id)

    assert replace(draft, id=need.id, approval=need.approval) == need
    approval = world.bus.get(Approval, need.approval or "")
    assert [(s.approver, s.role) for s in chain.steps] == [
        (s.approver, s.role) for s in approval.steps
    ]
    assert chain.cited == approval.ruling


def _pairs(value: int) -> Quantity:
    return Quantity(Decimal(value), Unit.PAIR)


def test_charges_are_part_of_the_amount_that_is_approved() -> None:
    world = World()
    eight = a_line(quantity=cases(8))

    below = world.must(a_submission(eight, charges=usd("9.99")))
    at_band = world.must(a_submission(eight, charges=usd("10.00")))

    assert world.bus.get(Requisition, below.id).state is RequisitionState.APPROVED
    need = world.bus.get(Requisition, at_band.id)
    assert (need.total, need.state) == (usd("250.00"), RequisitionState.SUBMITTED)


def test_the_amounts_by_category_are_told_largest_first() -> None:
    world = World()

    need = world.submit(a_line("GLOVE-L", _pairs(10)), a_line(quantity=cases(2)))

    assert need.shares == (
        CategoryAmount(category="fasteners", amount=usd("60.00")),
        CategoryAmount(category="safety", amount=usd("40.00")),
    )
    (event,) = world.bus.happened(RequisitionSubmitted)
    assert (event.category, event.shares, event.amount) == (
        "fasteners",
        need.shares,
        usd("100.00"),
    )


def test_every_bad_line_is_told_at_once_and_nothing_is_kept() -> None:
    world = World()
    act = a_submission(
        a_line(),
        a_line("NOPE", needed_by=date(2026, 7, 5)),
        a_line("DRILL-1"),
        a_line(quantity=each(0)),
        a_line(quantity=Quantity(Decimal(1), Unit.KILOGRAM), supplier="BOLTCO"),
    )

    assert world.faults(act) == [
        ("NEEDED_IN_THE_PAST", "lines.1.needed_by"),
        ("ITEM_UNKNOWN", "lines.1.item"),
        ("NOT_A_STOCK_ITEM", "lines.2.item"),
        ("NO_AGREEMENT", "lines.2.item"),
        ("QUANTITY", "lines.3.quantity"),
        ("UOM_UNKNOWN", "lines.4.quantity.unit"),
        ("NO_AGREEMENT", "lines.4.supplier"),
    ]
    assert world.bus.documents(Requisition) == ()
    assert world.bus.documents(Approval) == ()


def test_a_need_outside_stock_is_told_its_flow() -> None:
    reply = World().do(a_submission(a_line("DRILL-1")))
    enabled = World(flows=("direct", "indirect")).do(a_submission(a_line("free text: a chair")))

    assert "indirect, which is not enabled here" in reply.refusals[0].fix
    assert "go to the flow indirect" in enabled.refusals[0].fix


def test_a_flow_that_is_not_enabled_is_refused_with_those_that_are() -> None:
    reply = World().do(a_submission(flow="indirect"))

    assert [reason.code for reason in reply.refusals] == ["FLOW_UNKNOWN"]
    assert "direct" in reply.refusals[0].fix


def test_today_is_early_enough_and_yesterday_is_not() -> None:
    world = World()

    assert world.faults(a_submission(a_line(needed_by=TODAY))) == []
    assert world.faults(a_submission(a_line(needed_by=date(2026, 7, 5)))) == [
        ("NEEDED_IN_THE_PAST", "lines.0.needed_by")
    ]


def test_a_day_that_lies_years_off_is_refused_with_the_last_one_that_passes() -> None:
    world = World()
    last = TODAY + FURTHEST

    assert world.faults(a_submission(a_line(needed_by=last))) == []
    for day in (last + timedelta(days=1), date.max):
        (reason,) = world.do(a_submission(a_line(needed_by=day))).refusals
        assert (reason.code, reason.field) == ("TOO_FAR_AHEAD", "lines.0.needed_by")
        assert str(last) in reason.fix


def test_today_is_the_day_at_the_site() -> None:
    world = World()
    night = datetime(2026, 7, 7, 2, tzinfo=UTC)  # still the 6th in Chicago

    assert world.faults(a_submission(a_line(needed_by=TODAY)), at=night) == []


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_valid"),
    [
        (date(2026, 7, 6), None, True),
        (date(2026, 7, 7), None, False),
        (date(2026, 1, 1), date(2026, 7, 6), True),
        (date(2026, 1, 1), date(2026, 7, 5), False),
    ],
)
def test_an_agreement_prices_on_its_days_both_ends_included(
    valid_from: date, valid_to: date | None, is_valid: bool
) -> None:
    agreement = an_agreement("ACME", valid_from=valid_from, valid_to=valid_to)

    faults = World(agreements=(agreement,)).faults(a_submission())

    assert faults == ([] if is_valid else [("NO_AGREEMENT", "lines.0.item")])


def test_the_supplier_is_the_one_named_else_the_preferred_else_the_cheapest() -> None:
    cheap = an_agreement("BOLTCO", price=Price(usd("2.40"), each(1)))
    dear = an_agreement("ACME")
    preferred = replace(dear, preferred=True)

    def chosen(*agreements: object, supplier: str | None = None) -> str:
        world = World(agreements=agreements)  # type: ignore[arg-type]
        return world.submit(a_line(supplier=supplier)).lines[0].supplier

    assert chosen(cheap, dear) == "BOLTCO"
    assert chosen(cheap, preferred) == "ACME"
    assert chosen(cheap, preferred, supplier="BOLTCO") == "BOLTCO"


def test_of_equal_prices_the_first_by_number_is_taken() -> None:
    equal = an_agreement("BOLTCO", price=Price(usd("2.50"), each(1)))

    assert World(agreements=(equal, an_agreement("ACME"))).submit().lines[0].supplier == "ACME"


def test_a_blocked_supplier_is_passed_over_and_refused_when_named() -> None:
    blocked = an_agreement("BLOCKED", price=Price(usd("0.01"), each(1)), preferred=True)
    world = World(agreements=(*AGREEMENTS, blocked))

    assert world.submit().lines[0].supplier == "ACME"
    assert world.faults(a_submission(a_line(supplier="BLOCKED"))) == [
        ("SUPPLIER_BLOCKED", "lines.0.supplier")
    ]


def test_an_unknown_supplier_and_one_without_agreement_are_refused() -> None:
    world = World()

    assert world.faults(a_submission(a_line(supplier="NOBODY"))) == [
        ("SUPPLIER_UNKNOWN", "lines.0.supplier")
    ]
    assert world.faults(a_submission(a_line(supplier="BOLTCO"))) == [
        ("NO_AGREEMENT", "lines.0.supplier")
    ]


def test_a_price_in_another_currency_is_refused_and_never_added() -> None:
    euro = Price(Money(Decimal(1), Currency.EUR), each(1))
    agreement = an_agreement("EUROBOLT", price=euro)

    assert World(agreements=(agreement,)).faults(a_submission()) == [
        ("CURRENCY", "lines.0.supplier")
    ]
    both = World(agreements=(agreement, *AGREEMENTS))
    assert both.submit().lines[0].supplier == "ACME"


def test_somebody_of_another_site_is_refused() -> None:
    world = World()

    assert world.faults(a_submission(site="W2")) == [("NOT_YOUR_SITE", "site")]
    everywhere = Actor(id="pam", roles=(Role.PLANNER,))
    assert world.faults(a_submission(site="W2"), everywhere) == []
    assert world.faults(a_submission(site="W9"), everywhere) == [("SITE_UNKNOWN", "site")]


@pytest.mark.parametrize(
    "role",
    sorted(set(Role) - {Role.REQUESTER, Role.PLANNER, Role.MAINTENANCE, Role.SYSTEM}),
)
def test_only_those_who_need_things_may_ask(role: Role) -> None:
    world = World()

    assert world.faults(a_submission(), Actor(id="x", roles=(role,))) != []
    assert world.bus.documents(Requisition) == ()


def test_a_requisition_has_one_to_five_hundred_lines() -> None:
    world = World()
    line = a_line()

    assert world.faults(replace(a_submission(), lines=())) == [("NO_LINES", "lines")]
    assert world.faults(a_submission(*[line] * 501)) == [("TOO_MANY_LINES", "lines")]
    assert world.faults(a_submission(*[line] * 500)) == []


def test_huge_amounts_are_refused_and_not_rounded() -> None:
    dear = an_agreement("ACME", price=Price(usd("9" * 14), each(1)), unit=Unit.EACH)
    world = World(agreements=(dear,))

    huge = a_submission(a_line(quantity=each("9" * 11)))
    assert world.faults(huge) == [("AMOUNT_TOO_LARGE", "lines.0.quantity")]
    many = a_submission(*[a_line(quantity=each(1))] * 11)
    assert world.faults(many) == [("AMOUNT_TOO_LARGE", "lines")]


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        (a_submission(reference=" "), ("REFERENCE", "reference")),
        (a_submission(reference="x" * 201), ("REFERENCE", "reference")),
        (a_submission(note="x" * 2001), ("NOTE_LENGTH", "note")),
        (a_submission(charges=usd("-0.01")), ("CHARGES", "charges")),
        (a_submission(charges=Money(Decimal(1), Currency.EUR)), ("CURRENCY", "charges")),
    ],
)
def test_a_wrong_head_is_refused(act: object, fault: tuple[str, str]) -> None:
    assert World().faults(act) == [fault]


def test_half_a_counted_unit_is_refused_and_half_a_case_too() -> None:
    world = World()

    assert world.faults(a_submission(a_line(quantity=each("1.5")))) == [
        ("UOM", "lines.0.quantity")
    ]
    assert world.faults(a_submission(a_line(quantity=cases("2.5")))) == [
        ("UOM", "lines.0.quantity")
    ]


def test_a_site_with_an_unknown_time_zone_is_named() -> None:
    with pytest.raises(Refused, match="BAD_SITE: 'Mars/Olympus' is no time zone"):
        World(zone="Mars/Olympus")

    forgotten = Site(id="W1", name="One", company="C", zone="Mars/Olympus")
    with pytest.raises(Refused, match="SITE_ZONE"):  # kept when this machine still knew it
        local_day(NOW, forgotten)


def test_a_waiting_customer_makes_it_critical() -> None:
    world = World()

    usual = world.bus.get(Requisition, world.must(a_submission()).id)
    urgent = world.bus.get(Requisition, world.must(a_submission(customer_waiting=True)).id)

    assert usual.lane is not Lane.CRITICAL
    assert urgent.lane is Lane.CRITICAL
    assert urgent.ruling.startswith("criticality 2026-01/")


def test_the_most_critical_line_decides_the_lane() -> None:
    acid = Item(
        id="ACID", description="Acid", category="chemicals", base_unit=Unit.EACH, regulated=True
    )
    price = Price(usd(1), each(1))
    agreement = an_agreement("ACME", "ACID", price=price, unit=Unit.EACH)
    world = World(items=(*ITEMS, acid), agreements=(*AGREEMENTS, agreement))

    alone = world.submit(a_line("ACID", each(1)))
    mixed = world.submit(a_line(), a_line("ACID", each(1)))

    order = [Lane.CRITICAL, Lane.STANDARD, Lane.BULK]
    assert order.index(mixed.lane) <= order.index(alone.lane)


def test_the_requester_takes_it_back_before_the_decision_and_the_approval_is_void() -> None:
    world = World()
    need = world.submit(a_line(quantity=cases(9)))
    act = WithdrawRequisition(requisition=need.id)
    assert world.faults(act, replace(REX, id="pam")) == [("NOT_YOUR_REQUISITION", "requisition")]

    world.must(act)

    assert world.bus.get(Requisition, need.id).state is RequisitionState.WITHDRAWN
    assert world.bus.get(Approval, need.approval or "").state is ApprovalState.VOID
    assert world.bus.tasks() == ()
    assert world.faults(act) == [("ALREADY_DECIDED", "requisition")]


def test_an_approved_requisition_is_not_taken_back() -> None:
    world = World()
    need = world.submit()

    assert need.state is RequisitionState.APPROVED
    assert world.faults(WithdrawRequisition(requisition=need.id)) == [
        ("ALREADY_DECIDED", "requisition")
    ]


def test_the_requester_with_the_role_approver_cannot_approve_it() -> None:
    world = World()
    need = world.submit(a_line(quantity=cases(9)))
    both = Actor(id="rex", roles=(Role.REQUESTER, Role.APPROVER), sites=("W1",))

    assert world.faults(Approve(approval=need.approval or ""), both) == [
        ("SELF_APPROVAL", "approval")
    ]


def test_orders_are_noted_one_after_the_other_and_each_once() -> None:
    world = World()
    need = world.submit()

    for orders in (("PO-1",), ("PO-2",), ("PO-1",)):
        world.must(RecordOrdered(requisition=need.id, orders=orders), SYSTEM)

    found = world.bus.get(Requisition, need.id)
    assert (found.state, found.orders) == (RequisitionState.ORDERED, ("PO-1", "PO-2"))
    assert len(world.bus.happened(RequisitionOrdered)) == 3


@pytest.mark.parametrize("actor", [REX, ANA, Actor(id="root", roles=(Role.ADMIN,))])
def test_no_door_approves_rejects_or_orders_a_requisition(actor: Actor) -> None:
    world = World()
    need = world.submit(a_line(quantity=cases(9)))

    for act in (
        ApproveRequisition(requisition=need.id, approval="APR-1"),
        RejectRequisition(requisition=need.id, approval="APR-1", reason="duplicate"),
        RecordOrdered(requisition=need.id, orders=("PO-1",)),
    ):
        assert world.faults(act, actor) != []
    assert world.bus.get(Requisition, need.id) == need


def test_what_was_never_approved_is_not_ordered() -> None:
    world = World()
    need = world.submit(a_line(quantity=cases(9)))

    act = RecordOrdered(requisition=need.id, orders=("PO-1",))

    assert world.faults(act, SYSTEM) == [("ALREADY_DECIDED", "requisition")]


def test_the_requesters_own_reference_is_found_on_the_trace() -> None:
    world = World()
    name = world.must(a_submission(reference="B-17")).id

    assert world.bus.threads("B-17") == (f"requisition/{name}",)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 5000),
    st.integers(1, 144),
    st.decimals("0.01", "999", places=2),
    st.integers(1, 100),
)
def test_what_is_committed_covers_the_need_by_less_than_one_pack(
    need: int, pack: int, price: Decimal, per: int
) -> None:
    item = replace(BOLT, packs=(Pack(unit=Unit.CASE, base=Decimal(pack)),))
    agreement = an_agreement("ACME", price=Price(usd(str(price)), each(per)))
    world = World(items=(item,), agreements=(agreement,))

    (line,) = world.submit(a_line(quantity=each(need))).lines

    assert line.base == each(need)
    assert 0 <= line.committed.value - need < pack
    assert line.committed.value % pack == 0
    exact = price * line.committed.value / per
    assert abs(line.extended.amount - exact) <= Decimal("0.005")


def test_the_total_is_the_sum_of_the_rounded_lines() -> None:
    third = an_agreement("ACME", price=Price(usd("1.00"), each(3)), unit=Unit.EACH)
    world = World(agreements=(third, a_glove_agreement("0.335")))

    need = world.submit(a_line(quantity=each(1)), a_line("GLOVE-L", _pairs(1)))

    assert [line.extended for line in need.lines] == [usd("0.33"), usd("0.34")]
    assert need.total == usd("0.67")
