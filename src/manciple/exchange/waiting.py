"""Waiting: which files wait for an order that we do not know yet, and what ends that."""

from manciple.exchange.interchange import Waiting, WaitNoted
from manciple.kernel.records import replace
from manciple.runtime.work import Work


def meet(work: Work, order: str) -> tuple[str, ...]:
    """Give the interchanges that waited for an order, and note that they no longer do."""
    row = work.find(Waiting, order)
    if row is None or not row.interchanges:
        return ()
    met = replace(row, interchanges=())
    work.save(met, WaitNoted(order=order, interchanges=()))
    return row.interchanges
