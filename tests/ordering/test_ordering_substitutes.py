"""Another item may come on an order line: agreed by a buyer, at a price of its own."""

from dataclasses import replace

import pytest

from manciple.catalog.agreement import Agreement, RegisterAgreement
from manciple.catalog.item import Item, ItemId, ItemScheme, Pack, RegisterItem
from manciple.catalog.supplier import RegisterSupplier, Supplier
from manciple.kernel.money import Currency
from manciple.kernel.price import Price
from manciple.kernel.units import Unit
from manciple.ordering.matching import item_named, match_line
from manciple.ordering.purchase_order import Beyond, CancelRemainder, OrderLine
from manciple.ordering.substituting import AgreeSubstitute, SubstituteAgreed
from tests.ordering.order_world import BUYER, NOW, PLANNER, World, q, usd

AGREE = AgreeSubstitute(order="", line="1", item="BOLT-9", reason="BOLT-8 is out of production")


def per_each(amount: str) -> Price:
    return Price(usd(amount), q(1))


def a_world() -> tuple[World, str]:
    """A world in which bolts of 2.50 are ordered and BOLT-9 is known, in cases of ten."""
    world = World()
    packs = (Pack(unit=Unit.CASE, base=q(10).value),)
    for name, unit in (("BOLT-9", Unit.EACH), ("TAPE", Unit.METRE)):
        item = Item(
            id=name, description=name, category="fasteners", base_unit=unit,
            packs=packs if unit is Unit.EACH else (),
        )  # fmt: skip
        world.does(RegisterItem(item=item))
    world.does(RegisterSupplier(supplier=Supplier(id="ACME", name="Acme", currency=Currency.USD)))
    return world, world.an_order()


def agreement(price: str, *, from_day: int = 0) -> RegisterAgreement:
    day = NOW.date().replace(day=NOW.day + from_day)
    return RegisterAgreement(
        agreement=Agreement(
            id="ACME/BOLT-9", supplier="ACME", item="BOLT-9", supplier_item="A-BOLT-9",
            price=per_each(price), order_unit=Unit.EACH, valid_from=day,
        )
    )  # fmt: skip


def line_of(world: World, order: str) -> OrderLine:
    line = world.order(order).line("1")
    assert line is not None
    return line


def test_without_a_price_stated_the_agreement_of_the_day_of_the_order_tells_it() -> None:
    world, order = a_world()
    world.does(agreement("2.40"))

    world.does(replace(AGREE, order=order), BUYER)

    (agreed,) = line_of(world, order).substitutes
    assert (agreed.item, agreed.price, agreed.basis) == (
        "BOLT-9", per_each("2.40"), "agreement ACME/BOLT-9"
    )  # fmt: skip
    assert (agreed.supplier_item, agreed.agreed_by) == ("A-BOLT-9", "bo")
    assert line_of(world, order).item == "BOLT-8"
    assert line_of(world, order).bought_as("BOLT-9").to_base(q(2, Unit.CASE)) == q(20)
    assert line_of(world, order).to_base(q(2, Unit.CASE)) == q(24)
    (told,) = world.bus.happened(SubstituteAgreed)
    assert (told.item, told.substitute, told.by) == ("BOLT-8", "BOLT-9", "bo")


def test_no_price_is_not_a_price() -> None:
    world, order = a_world()
    world.does(agreement("2.40", from_day=1))

    assert world.refuses(replace(AGREE, order=order), BUYER) == ["NO_AGREED_PRICE"]
    assert line_of(world, order).substitutes == ()


@pytest.mark.parametrize(
    ("price", "refused"),
    [("0.00", []), ("2.55", []), ("2.5501", ["DEARER"]), ("9.00", ["DEARER"])],
)
def test_what_is_dearer_than_policy_lets_pass_needs_the_order_changed_first(
    price: str, refused: list[str]
) -> None:
    world, order = a_world()

    reply = world.tell(replace(AGREE, order=order, price=per_each(price)), BUYER)

    assert [each.code for each in reply.refusals] == refused


def test_agreeing_the_same_again_changes_nothing_and_another_price_replaces_it() -> None:
    world, order = a_world()
    act = replace(AGREE, order=order, price=per_each("2.45"))
    world.does(act, BUYER)
    before = line_of(world, order)

    world.does(act, BUYER)
    assert line_of(world, order) == before
    world.does(replace(act, price=per_each("2.30")), BUYER)

    assert [each.price for each in line_of(world, order).substitutes] == [per_each("2.30")]
    assert len(world.bus.happened(SubstituteAgreed)) == 2


def test_bad_substitutes_are_refused_by_field() -> None:
    world, order = a_world()
    priced = replace(AGREE, order=order, price=per_each("2.40"))
    euros = Price(replace(usd("2.40"), currency=Currency.EUR), q(1))
    barrels = Price(usd("2.40"), q(1, Unit.LITRE))

    for act, code, field in (
        (replace(priced, line="7"), "UNKNOWN_LINE", "line"),
        (replace(priced, item="BOLT-8"), "SAME_ITEM", "item"),
        (replace(priced, item="NOBODY"), "UNKNOWN_ITEM", "item"),
        (replace(priced, item="TAPE"), "UOM", "item"),
        (replace(priced, price=euros), "BAD_PRICE", "price"),
        (replace(priced, price=per_each("-1.00")), "BAD_PRICE", "price"),
        (replace(priced, price=barrels), "UOM_UNKNOWN", "price"),
    ):
        (reason,) = world.tell(act, BUYER).refusals
        assert (reason.code, reason.field) == (code, field)
        assert reason.fix
    assert world.refuses(priced, PLANNER) == ["FORBIDDEN"]
    cut = CancelRemainder(order=order, reason="no need", beyond=Beyond.DELIVERED)
    world.does(cut, BUYER)
    assert world.refuses(priced, BUYER) == ["ORDER_ENDED"]


def test_papers_may_call_the_line_by_either_item() -> None:
    world, order = a_world()
    world.does(agreement("2.40"))
    other = (ItemId(ItemScheme.SUPPLIER, "a-bolt-9"),)
    assert match_line(world.order(order), None, other).line is None

    world.does(replace(AGREE, order=order), BUYER)

    line = line_of(world, order)
    assert match_line(world.order(order), None, other).line == line
    assert item_named(line, other) == "BOLT-9"
    assert item_named(line, (ItemId(ItemScheme.BUYER, "BOLT-8"),)) is None
    assert item_named(line, (ItemId(ItemScheme.BUYER, "X"),)) is None
