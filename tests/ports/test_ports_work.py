"""What `Work` and `Bus` promise, on memory, SQLite and PostgreSQL alike."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from manciple.runtime.documents import Ref
from manciple.runtime.draft import MOST_BYTES, DoubleEffectError
from manciple.runtime.firing import fire
from tests.runtime.toy import (
    ANA,
    EVE,
    START,
    BreakToy,
    ChaseToy,
    ExpectToy,
    KeepToy,
    Movement,
    NumberToy,
    Order,
    PlaceToy,
    ReceiveToy,
    SendToy,
    Shelf,
    ToyPlaced,
    ask,
    ask_ourselves,
    order_id,
)
from tests.runtime.toy_stores import KINDS, Store, opened


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(request.param, tmp_path) as made:
        yield made


def place(item: str = "bolt", ordered: int = 5) -> PlaceToy:
    return PlaceToy(item=item, ordered=Decimal(ordered))


def test_an_act_changes_everything_it_asked_for_in_one_commit(store: Store) -> None:
    applied = store.apply([ask("k1", place())])

    (reply,) = applied.replies
    name = order_id("k1")
    assert reply.is_done
    assert (reply.subject, reply.version) == (Ref("toy-order", name), 1)
    assert store.get(Order, name).ordered == Decimal(5)
    assert [each.type for each in store.events()] == ["ToyPlaced", "ToyExpected"]
    assert [each.key for each in store.effects()] == [f"{name}:1:create"]
    assert [each.key for each in store.timers()] == [f"toy-order/{name}:chase"]
    assert [each.stage for each in store.records(Movement, name)] == ["ordered"]
    assert store.threads(f"NR-{name}") == (f"toy/{name}",)
    assert store.refs(f"NR-{name}") == (Ref("toy-order", name),)
    assert {(endpoint, lane.value) for endpoint, lane in applied.lanes} == {("erp", "standard")}


def test_a_follow_up_acts_as_the_program_under_a_key_of_its_own(store: Store) -> None:
    store.apply([ask("k1", place(), correlation="c7")])

    placed, expected = store.events()
    assert (placed.actor, placed.key, placed.door) == (ANA.id, "k1", "api")
    assert (expected.actor, expected.key, expected.door) == (
        "manciple",
        "k1>1:ExpectToy",
        "process",
    )
    assert placed.correlation == expected.correlation == "c7"
    assert placed.touches == ("toy-shelf/bolt",)
    assert store.effects()[0].correlation == "c7"


def test_a_repeat_of_a_key_gives_the_first_answer_and_changes_nothing(store: Store) -> None:
    first = store.apply([ask("k1", place()), ask("k1", place())]).replies
    later = store.apply([ask("k1", place())]).replies[0]

    assert [reply.repeated for reply in (*first, later)] == [False, True, True]
    assert first[0].subject == first[1].subject == later.subject
    assert first[0].version == first[1].version == later.version == 1
    assert len(store.events()) == 2


def test_a_refusal_is_answered_alike_when_its_key_comes_again(store: Store) -> None:
    first = store.apply([ask("k1", place(ordered=0))]).replies[0]
    again = store.apply([ask("k1", place(ordered=0))]).replies[0]

    assert first.refusals[0].code == "NOTHING"
    assert again.refusals == first.refusals
    assert again.repeated


def test_a_key_with_another_act_is_refused(store: Store) -> None:
    replies = store.apply([ask("k1", place(), at=START), ask("k1", place("nut"))]).replies
    later = store.apply([ask("k1", place("nut"))]).replies[0]

    assert replies[0].is_done
    assert [reply.refusals[0].code for reply in (replies[1], later)] == ["KEY_REUSED"] * 2
    assert store.apply([ask("k1", place())]).replies[0].is_done


def test_a_key_of_another_actor_gives_nothing_away(store: Store) -> None:
    store.apply([ask("k1", place())])

    reply = store.apply([ask("k1", place(), actor=EVE)]).replies[0]

    assert [reason.code for reason in reply.refusals] == ["KEY_REUSED"]
    assert reply.subject is None


def test_who_lacks_the_role_is_refused_and_uses_up_no_key(store: Store) -> None:
    refused = store.apply([ask("k1", place(), actor=EVE)]).replies[0]
    only_us = store.apply([ask("k2", ExpectToy(item="bolt", ordered=Decimal(1)))]).replies[0]
    done = store.apply([ask("k1", place())]).replies[0]

    assert [reply.refusals[0].code for reply in (refused, only_us)] == ["FORBIDDEN"] * 2
    assert done.is_done


def test_a_refused_neighbour_leaves_nothing_and_harms_nobody(store: Store) -> None:
    replies = store.apply(
        [ask("k1", place()), ask("k2", place(ordered=0)), ask("k3", place("nut"))]
    ).replies

    assert [reply.is_done for reply in replies] == [True, False, True]
    assert {order.id for order in store.documents(Order)} == {order_id("k1"), order_id("k3")}


def test_a_refused_follow_up_refuses_the_whole_command(store: Store) -> None:
    reply = store.apply([ask("k1", place("forbidden"))]).replies[0]

    assert reply.refusals[0].code == "NO_SHELF"
    assert store.documents(Order) == ()
    assert store.effects() == ()
    assert store.timers() == ()
    assert store.events() == ()


def test_a_batch_over_several_documents_sees_and_keeps_each_of_them(store: Store) -> None:
    names = [order_id(f"k{n}") for n in range(6)]
    store.apply([ask(f"k{n}", place(f"item{n}")) for n in range(6)])

    replies = store.apply([ask(f"r{n}", ReceiveToy(order=names[n])) for n in range(6)]).replies

    assert all(reply.is_done for reply in replies)
    assert {order.state for order in store.documents(Order)} == {"received"}
    assert len(store.documents(Shelf)) == 6


def test_commands_of_a_batch_see_one_another(store: Store) -> None:
    name = order_id("k1")
    replies = store.apply(
        [
            ask("k1", place(ordered=5)),
            ask("k2", place(ordered=7)),
            ask("r1", ReceiveToy(order=name)),
            ask("r2", ReceiveToy(order=name)),
        ]
    ).replies

    assert [reply.is_done for reply in replies] == [True, True, True, False]
    assert store.get(Shelf, "bolt").expected == Decimal(12)
    assert store.version(Ref("toy-order", name)) == 2
    assert replies[2].version == 2


def test_a_missing_document_is_a_refusal_that_names_it(store: Store) -> None:
    reply = store.apply([ask("k1", ReceiveToy(order="TOY-NOWHERE"))]).replies[0]

    assert reply.refusals[0].code == "NOT_FOUND"
    assert "TOY-NOWHERE" in reply.refusals[0].message


def test_a_defect_is_its_callers_alone(store: Store) -> None:
    store.apply([ask("k0", place())])
    batch = [
        ask("k1", place("nut")),
        ask("b1", BreakToy(order=order_id("k0"))),
        ask("k2", place("nut")),
    ]

    replies = store.attempt(batch).replies

    assert [reply.is_done for reply in replies] == [True, False, True]
    assert isinstance(replies[1].defect, ZeroDivisionError)
    assert store.get(Order, order_id("k0")).state == "placed"
    assert store.get(Shelf, "nut").expected == Decimal(10)
    with pytest.raises(ZeroDivisionError, match="a handler's defect"):
        store.apply([batch[1]])


def test_a_defect_uses_up_no_key(store: Store) -> None:
    store.apply([ask("k0", place())])
    broken = ask("b1", BreakToy(order=order_id("k0")))

    first = store.attempt([broken]).replies[0]
    second = store.attempt([broken]).replies[0]

    assert first.defect is not None
    assert second.defect is not None
    assert not second.repeated


def test_a_timer_set_and_cancelled_in_one_batch_is_not_there(store: Store) -> None:
    store.apply([ask("k1", place()), ask("r1", ReceiveToy(order=order_id("k1")))])

    assert store.timers() == ()


def test_a_cancelled_timer_of_an_earlier_commit_goes(store: Store) -> None:
    store.apply([ask("k1", place()), ask("k2", place())])
    store.apply([ask("r1", ReceiveToy(order=order_id("k1")))])

    assert [timer.document.id for timer in store.timers()] == [order_id("k2")]


def test_a_task_is_put_and_taken_off_with_the_state_change(store: Store) -> None:
    name = order_id("k1")
    store.apply([ask("k1", place())])
    store.apply([ask_ourselves("c1", ChaseToy(order=name))])

    assert [task.id for task in store.tasks("chase")] == [f"chase:{name}"]
    assert store.tasks("case") == ()
    store.apply([ask("r1", ReceiveToy(order=name))])
    assert store.tasks() == ()


def test_counters_have_no_gap_where_a_command_was_refused(store: Store) -> None:
    asked = [ask(f"n{n}", NumberToy(counter="isa", fails=n in (1, 3))) for n in range(5)]

    store.apply(asked[:2])
    store.apply(asked[2:])

    assert sorted(order.serial for order in store.documents(Order)) == [1, 2, 3]


def test_bytes_are_kept_only_with_the_commit(store: Store) -> None:
    kept, lost = (hashlib.sha256(text).hexdigest() for text in (b"a/1", b"b/1"))
    store.apply([ask("a", NumberToy(counter="a")), ask("b", NumberToy(counter="b", fails=True))])

    assert store.bytes_of(kept) == b"a/1"
    with pytest.raises(KeyError):
        store.bytes_of(lost)


def test_bytes_of_several_chunks_come_back_whole_and_too_many_are_refused(store: Store) -> None:
    data = bytes(range(256)) * 10_000
    reply = store.apply([ask("k", KeepToy(data=data))]).replies[0]
    huge = store.apply([ask("h", KeepToy(data=b"", times=MOST_BYTES + 1))]).replies[0]

    assert reply.is_done
    assert store.bytes_of(hashlib.sha256(data).hexdigest()) == data
    assert huge.refusals[0].code == "TOO_LARGE"


def test_events_are_given_back_as_the_records_they_were(store: Store) -> None:
    store.apply([ask("k1", place())])

    (placed,) = store.happened(ToyPlaced)

    assert (placed.order, placed.ordered) == (order_id("k1"), Decimal(5))


def test_an_effect_key_is_unique_for_ever(store: Store) -> None:
    store.apply([ask("k1", place())])
    name = order_id("k1")
    twice = SendToy(order=name, key=store.effects()[0].key)

    replies = store.attempt(
        [ask("s1", SendToy(order=name, key="other")), ask("s2", twice)]
    ).replies

    assert [reply.is_done for reply in replies] == [True, False]
    assert isinstance(replies[1].defect, DoubleEffectError)
    assert len(store.effects()) == 2


def test_a_timer_of_the_same_name_is_moved(store: Store) -> None:
    store.apply([ask("k1", place())])
    later = START + timedelta(days=9)

    store.apply([ask("s1", SendToy(order=order_id("k1"), key="e", chase_at=later))])

    assert [timer.due_at for timer in store.timers()] == [later]


def test_a_due_timer_acts_once_as_the_program(store: Store) -> None:
    store.apply([ask("k1", place(), correlation="c7"), ask("k2", place())])
    now = START + timedelta(days=1)

    assert fire(store, now - timedelta(seconds=1)).replies == ()
    fired = fire(store, now)

    assert [reply.is_done for reply in fired.replies] == [True, True]
    assert {order.state for order in store.documents(Order)} == {"chased"}
    assert fire(store, now).replies == ()
    assert store.timers() == ()
    by_timer = [each for each in store.events() if each.door == "timer"]
    assert {each.actor for each in by_timer} == {"manciple"}
    assert "c7" in {each.correlation for each in by_timer}
