"""Remedies of messages put aside: read them again, or never apply them."""

from collections.abc import Iterable

from manciple.cases.case import Case, CaseResolved
from manciple.cases.ports import Standing
from manciple.exchange.interchange import DiscardQuarantined, Quarantined, RereadInterchange
from manciple.processes.exceptions.remedy import Remedy
from manciple.runtime.work import Work

_ASIDE = (Quarantined.KIND,)


def not_waiting(standing: Standing, case: Case) -> str:
    """A message that was applied or thrown out waits for nobody."""
    aside = standing.peek(Quarantined, case.subject.id)
    return "" if aside is None or aside.state == "waiting" else f"the message is {aside.state}"


def read_again(work: Work, event: CaseResolved) -> Iterable[object]:
    """Read the whole file again; what was applied already is not applied twice."""
    aside = work.get(Quarantined, event.subject.id)
    yield RereadInterchange(interchange=aside.interchange, why=event.note or "case")


def throw_out(work: Work, event: CaseResolved) -> Iterable[object]:
    """Never apply the message; its bytes are kept."""
    aside = work.get(Quarantined, event.subject.id)
    if aside.state == "waiting":
        yield DiscardQuarantined(quarantined=aside.id, reason=event.note or "case")


def remedies() -> tuple[Remedy, ...]:
    """Give the remedies of messages put aside."""
    return (
        Remedy(
            name="reread",
            on=_ASIDE,
            effect="The file is read again with today's maps, orders and packs.",
            hinders=not_waiting,
            act=read_again,
        ),
        Remedy(
            name="discard",
            on=_ASIDE,
            effect="The message is never applied; its bytes stay.",
            hinders=not_waiting,
            act=throw_out,
        ),
    )
