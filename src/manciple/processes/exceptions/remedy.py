"""A remedy is what a resolution does: one row of the table that every resolution acts by.

    (resolution, kind of subject) -> Remedy: its effect in words, what hinders it, what it does

A module that ends exceptions in a way of its own gives rows, and ``table.remedies`` takes them in:

    Remedy(
        name="expedite",
        on=(PurchaseOrder.KIND,),
        effect="Pays for faster freight.",
        terms=(Term(name="cost", text="What it costs, as 12.50 USD", required=True),),
        hinders=nothing_is_open,
        act=expedite,
    )

Policy (``exception_routing``) says which resolutions a code may end by; ``hinders`` takes away
those that can't be done as things stand; what is left is what an owner may choose.
"""

from collections.abc import Callable, Iterable, Mapping

from manciple.cases.case import Case, CaseResolved
from manciple.cases.ports import Standing
from manciple.kernel.errors import MancipleError, refuse
from manciple.kernel.records import dataclass
from manciple.runtime.bus import Reacts
from manciple.runtime.work import Work

Act = Callable[[Work, CaseResolved], Iterable[object]]
"""Do what was decided: the acts that follow, applied in the transaction of the decision."""

Hinders = Callable[[Standing, Case], str]
"""Say why it can't be done as things stand; empty when it can."""


def nothing(work: Work, event: CaseResolved) -> Iterable[object]:
    """Leave everything as it is: the decision itself is all there is to do."""
    del work, event
    return ()


def nothing_hinders(standing: Standing, case: Case) -> str:
    """Allow it always."""
    del standing, case
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Something that whoever decides says with a resolution.

    Attributes:
        name: the key in ``terms`` of the decision.
        text: what is to be said, for the reader.
        offers: what may be said as things stand, in words; None where anything may.
    """

    name: str
    text: str
    required: bool = False
    offers: Callable[[Standing, Case], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What one resolution does about one kind of document.

    Attributes:
        name: the resolution, as policy and people call it.
        on: the kinds of subject that it can act on.
        effect: one sentence on what it does, for whoever chooses.
        terms: what may, or must, be said with it; nothing else is taken.
    """

    name: str
    on: tuple[str, ...]
    effect: str
    act: Act = nothing
    hinders: Hinders = nothing_hinders
    terms: tuple[Term, ...] = ()


class Remedies:
    """The table of remedies, checked for doubles when it is built."""

    def __init__(self, rows: Iterable[Remedy]) -> None:
        """Build the table; two rows for one resolution and kind are a programming error."""
        self._rows = tuple(rows)
        self._by_key: dict[tuple[str, str], Remedy] = {}
        for row in self._rows:
            for kind in row.on:
                if (row.name, kind) in self._by_key:
                    raise MancipleError(f"two remedies for {row.name} of a {kind}")
                self._by_key[row.name, kind] = row

    @property
    def rows(self) -> tuple[Remedy, ...]:
        """Give every row, in the order of the table."""
        return self._rows

    def find(self, resolution: str, kind: str) -> Remedy | None:
        """Give what a resolution does about a kind of document; None when it does nothing."""
        return self._by_key.get((resolution, kind))

    def hindered(self, standing: Standing, case: Case) -> Mapping[str, str]:
        """Say which of the resolutions that policy allows can't be done now, and why."""
        found: dict[str, str] = {}
        for name in case.resolutions:
            remedy = self.find(name, case.subject.kind)
            if remedy is None:
                found[name] = f"it does nothing about a {case.subject.kind}"
            elif why := remedy.hinders(standing, case):
                found[name] = why
        return found

    def check(self, case: Case, resolution: str, terms: Mapping[str, str]) -> None:
        """See that a decision says what its resolution needs, and nothing else.

        Raises:
            Refused: UNKNOWN_TERM, MISSING_TERM.
        """
        remedy = self.find(resolution, case.subject.kind)
        known = {term.name: term for term in remedy.terms} if remedy else {}
        for name in sorted(terms):
            if name not in known:
                listed = ", ".join(known) or "none"
                raise refuse(
                    "UNKNOWN_TERM",
                    f"{resolution} does not ask for {name!r}; it asks for: {listed}",
                    field=f"terms.{name}",
                    fix="leave it out",
                )
        for term in known.values():
            if term.required and not terms.get(term.name, "").strip():
                raise refuse(
                    "MISSING_TERM",
                    f"{resolution} needs {term.name!r}: {term.text}",
                    field=f"terms.{term.name}",
                    fix=f"say {term.name}",
                )

    def act(self, work: Work, event: CaseResolved) -> Iterable[object]:
        """Do what was decided; what facts have overtaken needs nothing."""
        remedy = self.find(event.resolution, event.subject.kind)
        return () if remedy is None else remedy.act(work, event)

    def reacts(self) -> Reacts:
        """Give the row of the reaction table by which resolutions act."""
        return Reacts(event=CaseResolved, react=self.act)
