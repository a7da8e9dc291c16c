"""How a run ended, in everybody's own books: what two runs of the same needs must agree on.

Numbers that others give in the order in which things come (an ERP's, an invoice's, a control
number) are left out, and so are times.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from manciple.ordering.line_ledger import Posting, Stage, ledgers
from manciple.ordering.purchase_order import PurchaseOrder
from tests.soak.storm import Storm

_BOOKS: tuple[tuple[str, str, str], ...] = (
    (
        "erp",
        "line",
        (
            "select o.external, l.line, l.item, l.unit, l.ordered, l.price, l.confirmed, "
            "(select group_concat(q, '+') from (select quantity q from cancellation c "
            "where c.po = l.po and c.line = l.line order by q)), "
            "(select group_concat(q, '+') from (select received || '/' || accepted q "
            "from receipt_line r where r.po = l.po and r.line = l.line order by q)), "
            "(select group_concat(q, '+') from (select quantity || '=' || amount q "
            "from invoice_line i where i.po = l.po and i.line = l.line order by q)) "
            "from order_line l join purchase_order o on o.number = l.po"
        ),
    ),
    (
        "erp",
        "invoice",
        "select supplier, total, tax, credit, count(*) from invoice group by 1, 2, 3, 4",
    ),
    ("finance", "payable", "select orders, supplier, amount, currency from payable"),
    (
        "finance",
        "cash",
        "select external, line, committed, forecast from cash_line",
    ),
    ("wms", "receipt", 'select "order", site, count(*) from receipt group by 1, 2'),
    (
        "wms",
        "expected",
        (
            "select external, line, (select group_concat(quantity, '+') from expectation e "
            "where e.external = l.external and e.line = l.line) from inbound_line l"
        ),
    ),
)


def ending(storm: Storm) -> dict[str, list[tuple[object, ...]]]:
    """Give what stands in the books of the ERP, finance, the warehouse and our own, sorted."""
    found = {
        f"{system} {name}": sorted(_rows(storm.around.books(system), sql), key=repr)
        for system, name, sql in _BOOKS
    }
    found["our ledger"] = sorted(_ours(storm), key=repr)
    return found


def _rows(book: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{book}?mode=ro", uri=True) as db:
        return list(db.execute(sql))


def _ours(storm: Storm) -> Iterator[tuple[object, ...]]:
    app = storm.open()
    for order in app.store.documents(PurchaseOrder):
        yield ("order", order.id, order.state.value, str(order.total), order.revision)
        books = ledgers(app.store.records(Posting, order.id))
        for line, ledger in sorted(books.items()):
            yield (order.id, line, *(str(ledger.total(stage)) for stage in Stage))
    app.store.engine.dispose()


def differences(
    one: dict[str, list[tuple[object, ...]]], other: dict[str, list[tuple[object, ...]]]
) -> list[str]:
    """Name what stands in one ending and not in the other."""
    told: list[str] = []
    for name, rows in one.items():
        here, there = set(rows), set(other[name])
        told += [f"{name}: only undisturbed {row}" for row in sorted(here - there, key=repr)]
        told += [f"{name}: only in the storm {row}" for row in sorted(there - here, key=repr)]
    return told
