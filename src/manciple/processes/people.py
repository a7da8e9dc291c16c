"""People come and go: what waits for somebody who left is given to others at once."""

from collections.abc import Iterable

from manciple.approvals.request import RerouteTasksOf
from manciple.governance.people import PersonDeactivated
from manciple.runtime.bus import Reacts
from manciple.runtime.work import Work


def reroute(work: Work, event: PersonDeactivated) -> Iterable[object]:
    """Somebody left: their open approvals go to others. Source: AP-4."""
    del work
    yield RerouteTasksOf(person=event.person)


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table."""
    return (Reacts(event=PersonDeactivated, react=reroute),)
