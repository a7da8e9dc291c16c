"""Which credit note settles which return: all credits of an order over all of its returns.

    returned 5 on the 3rd and 2 on the 8th; credited 6  ->  5 of the first, 1 of the second

A function of the facts alone, asked again at every one of them: whatever comes first, goods or
paper, the end is the same. Returns in the order in which they were shipped, then by number;
credits as given. Never more than was returned on either side. Sources: domain rules D-15, D-16.
"""

from collections.abc import Sequence

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.receiving.supplier_return import (
    CreditedLine,
    ReturnState,
    SupplierReturn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """So much of one order line, in the base unit, given back by one payable credit note."""

    credit: str
    line: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Crediting:
    """What credits make of one return: per line of it, in its order, and by which notes."""

    rtv: str
    lines: tuple[CreditedLine, ...]
    credits: tuple[str, ...]


_EXPECTING = frozenset({ReturnState.SHIPPED, ReturnState.SETTLED})


def crediting(returns: Sequence[SupplierReturn], given: Sequence[Credit]) -> tuple[Crediting, ...]:
    """Spread credits over the returns that expect one; those written off take their part."""
    left = [credit.quantity for credit in given]
    expecting = [each for each in returns if each.state in _EXPECTING and each.is_refund]
    found = []
    for each in sorted(expecting, key=lambda r: (str(r.shipped), r.id)):
        lines: list[CreditedLine] = []
        notes: dict[str, None] = {}
        for line in each.lines:
            wanted = Quantity.zero(line.quantity.unit) if line.aside else line.quantity
            for at, credit in enumerate(given):
                if credit.line != line.line or not wanted or not left[at]:
                    continue
                taken = min(wanted, left[at])
                wanted, left[at] = wanted - taken, left[at] - taken
                notes[credit.credit] = None
            credited = Quantity.zero(wanted.unit) if line.aside else line.quantity - wanted
            lines.append(CreditedLine(line=line.line, quantity=credited))
        found.append(Crediting(rtv=each.id, lines=tuple(lines), credits=tuple(notes)))
    return tuple(found)
