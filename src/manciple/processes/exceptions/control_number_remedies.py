"""Remedies of missing control numbers: wait no longer for files that were never sent."""

from collections.abc import Iterable

from manciple.cases.case import CaseResolved
from manciple.exchange.control_numbers import AcceptControlGap, ControlSequence
from manciple.processes.exceptions.remedy import Remedy
from manciple.runtime.work import Work


def give_up(work: Work, event: CaseResolved) -> Iterable[object]:
    """The partner says that the missing numbers will never come."""
    sequence = work.get(ControlSequence, event.subject.id)
    if sequence.told:
        yield AcceptControlGap(sequence=sequence.id, reason=event.note or "settled case")


def remedies() -> tuple[Remedy, ...]:
    """Give the remedies of missing control numbers."""
    return (
        Remedy(
            name="accept",
            on=(ControlSequence.KIND,),
            effect="Nobody waits for the missing files any more.",
            act=give_up,
        ),
    )
