from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.approvals.authority import Authority, Limit, RegisterAuthority
from manciple.approvals.request import (
    Approval,
    ApprovalState,
    ApproverGapFound,
    CategoryAmount,
    RerouteApproval,
    StepKind,
)
from manciple.approvals.routing import Ask, Chain, covers, preview
from manciple.approvals.settings import ApprovalSettings
from manciple.kernel.errors import Refused
from manciple.kernel.messages import SYSTEM
from manciple.kernel.money import Currency
from manciple.policy.register import load_tables
from tests.approvals.approvals_world import (
    ADMIN,
    AUTHORITIES,
    MONDAY,
    PEOPLE,
    REGISTER,
    World,
    a_person,
    a_request,
    an_authority,
    chain,
    usd,
)


def test_below_the_lowest_band_nobody_is_asked_and_the_row_is_named() -> None:
    approval = World().ask("249.99")

    assert approval.state is ApprovalState.GRANTED
    assert approval.steps == ()
    assert approval.ruling == "approval_routing 2026-01/r02"


def test_the_lowest_band_itself_needs_the_branch_manager() -> None:
    approval = World().ask("250")

    assert approval.state is ApprovalState.PENDING
    assert chain(approval) == [("ana", "final")]


def test_a_limit_itself_is_inside_and_a_cent_above_needs_the_next() -> None:
    world = World()

    assert chain(world.ask("5000")) == [("ana", "final")]
    assert chain(world.ask("5000.01")) == [("ana", "concur"), ("fay", "final")]


def test_the_chain_is_extended_upward_until_a_limit_is_sufficient() -> None:
    world = World()

    inside = world.ask("25000")
    above = world.ask("25000.01")

    assert chain(inside) == [("ana", "concur"), ("fay", "final")]
    assert chain(above) == [("ana", "concur"), ("fay", "concur"), ("cho", "final")]
    assert "A-02" in above.steps[2].why


def test_a_limit_for_the_category_counts_and_not_the_general_one() -> None:
    world = World()

    assert chain(world.ask("2000", category="chemicals"))[-1] == ("ben", "final")
    assert chain(world.ask("2000.01", category="chemicals")) == [
        ("ana", "concur"),
        ("ben", "concur"),
        ("fay", "final"),
    ]


def test_nobody_with_a_sufficient_limit_is_a_gap_at_once_and_never_a_grant() -> None:
    world = World()

    approval = world.ask("1000000.01")

    assert approval.state is ApprovalState.PENDING
    assert approval.steps == ()
    (gap,) = world.bus.happened(ApproverGapFound)
    assert (gap.approval, gap.site, gap.amount) == (approval.id, "W1", usd("1000000.01"))
    assert "cfo" in approval.gap


def test_no_policy_row_is_a_gap_and_never_a_grant() -> None:
    world = World()

    approval = world.ask("10", category="art")

    assert approval.state is ApprovalState.PENDING
    assert "no row of approval_routing" in approval.gap
    assert len(world.bus.happened(ApproverGapFound)) == 1


def test_a_category_that_the_policy_does_not_know_is_a_gap() -> None:
    approval = World().ask("10", category="moonrock")

    assert approval.state is ApprovalState.PENDING
    assert "cannot be asked" in approval.gap


def test_a_gap_is_closed_by_rerouting_when_somebody_got_the_limit() -> None:
    world = World()
    approval = world.ask("2000000")
    world.must(ADMIN, RegisterAuthority(authority=an_authority("cho", "cfo", limit="3000000")))

    world.must(SYSTEM, RerouteApproval(approval=approval.id))

    found = world.approval(approval)
    assert found.gap == ""
    assert chain(found) == [("ana", "concur"), ("fay", "concur"), ("cho", "final")]


def test_several_categories_get_the_union_of_the_control_steps() -> None:
    shares = (
        CategoryAmount(category="mro", amount=usd("900")),
        CategoryAmount(category="chemicals", amount=usd("150")),
    )

    approval = World().ask("1050", shares=shares)

    assert chain(approval) == [("ben", "concur"), ("ana", "final")]
    assert approval.ruling == "approval_routing 2026-01/r03; approval_routing 2026-01/r01"
    assert approval.sla_hours == Decimal(4)


def test_a_small_share_below_its_band_adds_no_step() -> None:
    shares = (
        CategoryAmount(category="mro", amount=usd("900")),
        CategoryAmount(category="chemicals", amount=usd("99.99")),
    )

    assert chain(World().ask("999.99", shares=shares)) == [("ana", "final")]


def test_one_unknown_category_holds_the_whole() -> None:
    shares = (
        CategoryAmount(category="mro", amount=usd("100")),
        CategoryAmount(category="art", amount=usd("1")),
    )

    approval = World().ask("101", shares=shares)

    assert approval.state is ApprovalState.PENDING
    assert "art" in approval.gap


def test_the_final_limit_must_cover_each_category() -> None:
    ana = an_authority("ana", "branch_manager", limit="5000", manager="fay", safety="100")
    shares = (
        CategoryAmount(category="mro", amount=usd("400")),
        CategoryAmount(category="safety", amount=usd("100.01")),
    )
    world = World(authorities=(*AUTHORITIES[1:], ana))

    approval = world.ask("500.01", shares=shares)

    assert chain(approval) == [("ana", "concur"), ("fay", "final")]


def test_the_requester_is_never_in_the_chain_even_as_the_only_one_of_a_role() -> None:
    world = World()

    approval = world.ask("400", requester="ana")

    assert chain(approval) == [("fay", "final")]
    assert "A-05" in approval.steps[0].why


def test_the_requester_is_passed_over_among_the_people_above() -> None:
    approval = World().ask("25000.01", requester="fay")

    assert chain(approval) == [("ana", "concur"), ("cho", "final")]


def test_a_second_entry_of_the_requester_under_the_same_mail_is_not_asked() -> None:
    twin = replace(a_person("rex2", "W1"), email="REX@example.com")
    authority = an_authority("rex2", "branch_manager", limit="5000")
    world = World(people=(*PEOPLE, twin), authorities=(authority, *AUTHORITIES[1:]))

    approval = world.ask("400")

    assert "rex2" not in [step.approver for step in approval.steps]
    assert approval.gap


def test_a_group_acts_without_the_requester() -> None:
    eve = an_authority("eve", "branch_manager", limit="5000", manager="fay")
    world = World(people=(*PEOPLE, a_person("eve", "W1")), authorities=(*AUTHORITIES, eve))

    assert chain(world.ask("400", requester="ana")) == [("eve", "final")]


def test_an_approver_of_another_site_is_not_asked() -> None:
    world = World()

    assert chain(world.ask("400", site="W2")) == [("fay", "final")]


def test_an_approver_of_this_site_goes_before_one_of_all_sites() -> None:
    all_sites = an_authority("abe", "branch_manager", limit="5000", manager="fay")
    world = World(people=(*PEOPLE, a_person("abe")), authorities=(*AUTHORITIES, all_sites))

    assert chain(world.ask("6000"))[0] == ("ana", "concur")


def test_the_nearest_sufficient_limit_of_a_role_has_the_final_say() -> None:
    more = (
        an_authority("eve", "branch_manager", limit="700"),
        an_authority("gil", "branch_manager", limit="399.99"),
    )
    people = (*PEOPLE, a_person("eve", "W1"), a_person("gil", "W1"))
    world = World(people=people, authorities=(*AUTHORITIES, *more))

    assert chain(world.ask("400")) == [("eve", "final")]


def test_neighbouring_steps_of_one_person_merge_only_when_the_company_says_so() -> None:
    both = an_authority("ana", "branch_manager", "category_manager", limit="5000")
    authorities = (both, *AUTHORITIES[2:])

    apart = World(authorities=authorities).ask("400", category="chemicals")
    merged = World(authorities=authorities, settings=ApprovalSettings(merge_adjacent=True)).ask(
        "400", category="chemicals"
    )

    assert chain(apart) == [("ana", "concur"), ("ana", "final")]
    assert chain(merged) == [("ana", "final")]
    assert "merged with branch_manager" in merged.steps[0].why


def test_steps_of_one_person_with_another_between_never_merge() -> None:
    ana = an_authority("ana", "branch_manager", "cfo", limit="1000000")
    world = World(
        authorities=(ana, *AUTHORITIES[1:3]), settings=ApprovalSettings(merge_adjacent=True)
    )

    approval = world.ask("60000")

    assert [step.approver for step in approval.steps] == ["ana", "fay", "ana"]


def test_going_upward_asks_nobody_twice_who_only_agrees() -> None:
    hal = an_authority("hal", "cfo", limit="1", manager="fay")
    cho = an_authority("cho", limit="1000000")
    world = World(people=(*PEOPLE, a_person("hal")), authorities=(*AUTHORITIES[:3], hal, cho))

    assert chain(world.ask("60000")) == [
        ("ana", "concur"),
        ("fay", "concur"),
        ("hal", "concur"),
        ("cho", "final"),
    ]


def test_a_chain_longer_than_allowed_is_a_gap() -> None:
    world = World(settings=ApprovalSettings(longest_chain=2))

    assert "3 steps" in world.ask("30000").gap


def test_managers_in_a_circle_end_the_walk() -> None:
    circle = (
        an_authority("ana", "branch_manager", limit="100", manager="ben"),
        an_authority("ben", "category_manager", limit="100", manager="ana"),
    )

    assert World(authorities=circle).ask("400").gap


def test_amounts_in_another_currency_are_refused() -> None:
    act = a_request("400", currency=Currency.EUR)

    assert World().codes(SYSTEM, act) == ("CURRENCY",)


def test_a_negative_amount_is_refused() -> None:
    assert World().codes(SYSTEM, a_request("-0.01")) == ("AMOUNT_NEGATIVE",)


def test_the_same_revision_is_asked_for_once() -> None:
    world = World()

    first = world.must(SYSTEM, a_request("400"))
    second = world.must(SYSTEM, a_request("400"))

    assert first == second
    assert len(world.bus.tasks()) == 1


def test_a_new_revision_voids_the_pending_approval_of_the_old() -> None:
    world = World()
    old = world.must(SYSTEM, a_request("400"))

    new = world.must(SYSTEM, a_request("450", revision=2))

    assert world.bus.get(Approval, old.id).state is ApprovalState.VOID
    assert [task.subject for task in world.bus.tasks()] == [new]


ROLES = ("branch_manager", "category_manager", "finance_controller", "cfo")
AMOUNTS = ("0", "500", "9000", "80000")
NAMES = ("ana", "ben", "cho", "fay", "rex")


@st.composite
def authorities(draw: st.DrawFn) -> tuple[Authority, ...]:
    return tuple(
        Authority(
            id=name,
            roles=tuple(draw(st.sets(st.sampled_from(ROLES)))),
            limits=tuple(
                Limit(amount=usd(each))
                for each in draw(
                    st.lists(st.sampled_from(["0", "500", "9000", "80000"]), max_size=1)
                )
            ),
            manager=draw(st.sampled_from([None, *(n for n in NAMES if n != name)])),
        )
        for name in NAMES
    )


@settings(max_examples=150, deadline=None)
@given(
    authorities(),
    st.sampled_from(NAMES),
    st.sampled_from(["0", "249.99", "250", "5000", "5000.01", "50000", "50000.01", "90000"]),
    st.sampled_from(["mro", "chemicals", "art"]),
    st.booleans(),
)
def test_every_chain_ends_with_a_sufficient_limit_or_is_a_gap(
    powers: tuple[Authority, ...], requester: str, amount: str, category: str, merge: bool
) -> None:
    company = ApprovalSettings(merge_adjacent=merge)
    world = World(authorities=powers, settings=company)
    ask = Ask.of(a_request(amount, category=category, requester=requester))

    before = preview(
        ask, directory=world.directory(), register=REGISTER, settings=company, at=MONDAY
    )
    approval = world.ask(amount, category=category, requester=requester)

    assert [(s.number, s.approver, s.role, s.kind) for s in before.steps] == [
        (s.number, s.approver, s.role, s.kind) for s in approval.steps
    ]
    assert before.gap == approval.gap
    assert before.cited == approval.ruling
    assert requester not in [step.approver for step in approval.steps]
    if approval.steps:
        kinds = [step.kind for step in approval.steps]
        assert kinds == [StepKind.CONCUR] * (len(kinds) - 1) + [StepKind.FINAL]
        last = world.bus.get(Authority, approval.steps[-1].approver)
        assert covers(last, ask)
    granted = approval.state is ApprovalState.GRANTED
    assert granted == before.is_touchless
    assert granted or approval.gap or [task.owner for task in world.bus.tasks()]


def test_the_preview_refuses_what_the_request_refuses() -> None:
    world = World()
    ask = Ask.of(a_request("400", currency=Currency.EUR))

    with pytest.raises(Refused, match="CURRENCY"):
        preview(
            ask,
            directory=world.directory(),
            register=REGISTER,
            settings=ApprovalSettings(),
            at=MONDAY,
        )


def test_the_stored_rulings_say_why_the_other_rows_were_silent() -> None:
    approval = World().ask("400")

    (ruling,) = approval.rulings
    assert ruling.row == "r03"
    assert {missed.columns: missed.rows for missed in ruling.missed}["amount"] == "r02 r04 r05"


def test_the_shipped_table_asks_nobody_below_its_lowest_band_and_somebody_from_it_on() -> None:
    shipped = Path(__file__).parents[2] / "policies" / "approval_routing.yaml"
    register = load_tables({shipped.name: shipped.read_bytes()})
    world = World()

    def chain_for(amount: str, category: str) -> Chain:
        ask = Ask.of(a_request(amount, category=category))
        directory, company = world.directory(), world.settings
        return preview(ask, directory=directory, register=register, settings=company, at=MONDAY)

    assert chain_for("249.99", "fasteners").is_touchless
    assert [step.approver for step in chain_for("250", "fasteners").steps] == ["ana"]
    assert [step.role for step in chain_for("1", "chemicals").steps] == [
        "branch_manager",
        "category_manager",
    ]
