"""Which lists follow what changes, and what a changed row means for one reader's list.

approvals, exceptions, lines, held invoices    rows of worklists: in the list, or not any more
inbound                                        orders: something about them was told
one approval, one exception                    that somebody else did something with it
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from manciple.app import hold_queue
from manciple.app.hold_queue import Wanted
from manciple.cases.case import Case
from manciple.intelligence.lines import narrow_of
from manciple.invoicing.invoice import Invoice
from manciple.invoicing.rematching import LIST as HOLDS
from manciple.kernel.messages import Role
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.processes.line_board import LINES
from manciple.runtime.narrowing import ANY, Narrow
from manciple.runtime.queries import scope_of
from manciple.runtime.work import Task
from manciple.web.pages.approving import Approving, within
from manciple.web.pages.buying import Buying
from manciple.web.pages.desk import Desk, Reader
from manciple.web.pages.excepting import narrowed
from manciple.web.pages.excepting import tally as exception_tally
from manciple.web.pages.layout import BUYING, DOCKING
from manciple.web.pages.paying import READERS as HOLDERS
from manciple.web.pages.tabs import Counted

_PAPERS: Final = frozenset(
    {"purchase-order", "acknowledgment", "ship-notice", "receipt", "case", "order-change"}
)
"""Documents that say something about an order's lines."""
_ORDERS: Final = f"{PurchaseOrder.KIND}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """A row that is in the list now.

    Attributes:
        key: the row's name on the page; ``subject`` is the document that it is about.
        opened: since when it is there, in microseconds since 1970; 0 where nobody keeps that.
    """

    key: str
    subject: str
    opened: int = 0


Asked = Mapping[str, str]
"""The fields of a list's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A list that follows what changes.

    Attributes:
        kinds: the documents whose changes concern it.
        roles: whose list it is; empty for everybody inside.
        here: those rows of the list that are about some documents.
        count_of: what the tabs of its views count, if they do.
        by_thread: its rows are about the orders on the threads of what changed.
    """

    kinds: frozenset[str]
    roles: frozenset[Role] = frozenset()
    here: Callable[[Reader, Asked, Sequence[str]], Sequence[Here]]
    count_of: Callable[[Reader, Asked], Counted] | None = None
    by_thread: bool = False


class Lists:
    """The lists that follow, by the address of their page."""

    def __init__(self, desk: Desk, approving: Approving, buying: Buying) -> None:
        """Stand on a desk, beside the pages themselves."""
        self._desk, self._app = desk, desk.app
        self._approving, self._buying = approving, buying
        self.by_address: Mapping[str, Followed] = {
            "/approvals": Followed(
                kinds=frozenset({"approval"}), here=self._approvals, count_of=approving.count
            ),
            "/exceptions": Followed(
                kinds=frozenset({"case"}), here=self._cases, count_of=self._count_cases
            ),
            "/lines": Followed(
                kinds=_PAPERS,
                roles=BUYING,
                here=self._lines,
                count_of=buying.count,
                by_thread=True,
            ),
            "/invoices": Followed(
                kinds=frozenset({"invoice"}), roles=frozenset(HOLDERS), here=self._invoices
            ),
            "/inbound": Followed(
                kinds=_PAPERS, roles=frozenset(DOCKING), here=self._orders, by_thread=True
            ),
        }

    def _tasks(
        self,
        name: str,
        reader: Reader,
        subjects: Sequence[str],
        *,
        narrow: Narrow = ANY,
        owner: str | None = None,
        roles: tuple[str, ...] = (),
    ) -> tuple[Task, ...]:
        return self._app.worklists.of(
            subjects,
            name=name,
            scope=scope_of(reader.actor),
            owner=owner,
            roles=roles,
            narrow=narrow,
        )

    def _approvals(self, reader: Reader, asked: Asked, subjects: Sequence[str]) -> Sequence[Here]:
        is_mine = asked.get("whose") != "all"
        found = self._tasks(
            "approval",
            reader,
            subjects,
            owner=reader.actor.id if is_mine else None,
            narrow=within(asked.get("due", ""), self._app.clock.now()),
        )
        if asked.get("risk") == "low":
            found = self._approving.low_risk(found)
        return [_by_subject(each) for each in found]

    def _cases(self, reader: Reader, asked: Asked, subjects: Sequence[str]) -> Sequence[Here]:
        is_mine = asked.get("whose", "mine") == "mine"
        found = self._tasks(
            "case",
            reader,
            subjects,
            owner=reader.actor.id if is_mine else None,
            roles=tuple(reader.actor.roles) if is_mine else (),
            narrow=narrowed(asked.get("due", ""), asked.get("site", ""), self._app.clock.now()),
        )
        code = asked.get("code", "")
        cases = self._app.documents.many(Case, [each.subject.id for each in found]) if code else {}
        return [
            _by_subject(each)
            for each in found
            if not code or cases[each.subject.id].code.value == code
        ]

    def _count_cases(self, reader: Reader, asked: Asked) -> Counted:
        return None if asked.get("code") else exception_tally(reader, asked, self._app.clock.now())

    def _lines(self, reader: Reader, asked: Asked, subjects: Sequence[str]) -> Sequence[Here]:
        narrow = narrow_of(self._buying.query(asked), self._app.clock.now())
        found = self._tasks(LINES, reader, subjects, narrow=narrow)
        return [
            Here(key=each.id, subject=str(each.subject), opened=_opened(each)) for each in found
        ]

    def _invoices(self, reader: Reader, asked: Asked, subjects: Sequence[str]) -> Sequence[Here]:
        wanted = Wanted(
            mine=asked.get("whose") == "mine",
            owner=asked.get("owner", ""),
            code=asked.get("code", ""),
            supplier=asked.get("supplier", ""),
            at_risk=bool(asked.get("discount")),
        )
        holds = {str(each.subject): each for each in self._tasks(HOLDS, reader, subjects)}
        now = self._app.clock.now()
        rows = {
            f"{Invoice.KIND}/{each.id}": each for each in self._app.payables.held_of(list(holds))
        }
        return [
            Here(key=ref, subject=ref, opened=_opened(holds[ref]))
            for ref, held in rows.items()
            if hold_queue.count((held,), wanted, actor=reader.actor, at=now, most=1)
        ]

    def _orders(self, reader: Reader, asked: Asked, subjects: Sequence[str]) -> Sequence[Here]:
        site = asked.get("site", "")
        found = self._tasks(
            LINES, reader, subjects, narrow=Narrow(sites=(site,) if site else None)
        )
        opened: dict[str, int] = {}
        for each in found:
            ref = str(each.subject)
            opened[ref] = max(opened.get(ref, 0), _opened(each))
        return [Here(key=ref, subject=ref, opened=at) for ref, at in opened.items()]


def _by_subject(task: Task) -> Here:
    return Here(key=str(task.subject), subject=str(task.subject), opened=_opened(task))


def _opened(task: Task) -> int:
    return int(task.opened_at.timestamp() * 1_000_000)
