"""Remedies of messages put aside: read them again, or never apply them."""

from collections.abc import Iterable

from manciple.cases.case import CaseResolved
from manciple.exchange.interchange import DiscardQuarantined, Quarantined, RereadInterchange
from manciple.processes.exceptions.remedy import Remedy
from manciple.runtime.work import Work

_ASIDE = (Quarantined.KIND,)


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
            act=read_again,
        ),
        Remedy(
            name="discard",
            on=_ASIDE,
            effect="The message is never applied; its bytes stay.",
            act=throw_out,
        ),
    )
