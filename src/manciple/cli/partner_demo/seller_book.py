"""The harness's book as a seller: orders under their buyer's numbers, each taken once.

    taken -> answered -> shipped -> billed
          -> cancelled, before it is shipped

A file of SQLite of its own, so that it can be held against what the buyer's record says.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

_SCHEMA = """
CREATE TABLE customer_order (
  number TEXT PRIMARY KEY, ordered_on TEXT NOT NULL, state TEXT NOT NULL,
  moved_at TEXT NOT NULL, copies INTEGER NOT NULL DEFAULT 1);
CREATE TABLE customer_line (
  number TEXT NOT NULL, line TEXT NOT NULL, item TEXT NOT NULL, price TEXT NOT NULL,
  wanted TEXT NOT NULL, shipped TEXT NOT NULL DEFAULT '0', billed TEXT NOT NULL DEFAULT '0',
  PRIMARY KEY (number, line));
CREATE TABLE control (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE refused (paper TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """One line as the seller has it (EA, USD per EA)."""

    line: str
    item: str
    price: Decimal
    wanted: Decimal
    shipped: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldOrder:
    """One order as the seller has it.

    Attributes:
        moved_at: when it came to its state.
        copies: how often an 850 under its number came.
    """

    number: str
    ordered_on: date
    state: str
    moved_at: datetime
    copies: int
    lines: tuple[SoldLine, ...]


class SellerBook:
    """What the harness knows."""

    def __init__(self, file: Path) -> None:
        """Open a new book."""
        self._book = sqlite3.connect(file, isolation_level=None)
        self._book.executescript(_SCHEMA)

    def close(self) -> None:
        """Shut the book."""
        self._book.close()

    def take(
        self, number: str, ordered_on: date, lines: Iterable[SoldLine], *, at: datetime
    ) -> bool:
        """Keep an order; False if one stands under the number: then only the copy is counted."""
        known = self._book.execute(
            "UPDATE customer_order SET copies = copies + 1 WHERE number = ?", (number,)
        ).rowcount
        if known:
            return False
        self._book.execute(
            "INSERT INTO customer_order (number, ordered_on, state, moved_at)"
            " VALUES (?, ?, 'taken', ?)",
            (number, ordered_on.isoformat(), at.isoformat()),
        )
        self._book.executemany(
            "INSERT INTO customer_line (number, line, item, price, wanted) VALUES (?, ?, ?, ?, ?)",
            [(number, x.line, x.item, f"{x.price:f}", f"{x.wanted:f}") for x in lines],
        )
        return True

    def order(self, number: str) -> SoldOrder | None:
        """Give an order; None if there is none."""
        found = self._orders(number=number, state=None)
        return found[0] if found else None

    def orders(self, state: str | None = None) -> tuple[SoldOrder, ...]:
        """Give all orders, or those in a state, by number."""
        return self._orders(number=None, state=state)

    def _orders(self, *, number: str | None, state: str | None) -> tuple[SoldOrder, ...]:
        rows = self._book.execute(
            "SELECT number, ordered_on, state, moved_at, copies FROM customer_order"
            " WHERE (?1 IS NULL OR number = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY number",
            (number, state),
        ).fetchall()
        return tuple(
            SoldOrder(
                number=name,
                ordered_on=date.fromisoformat(ordered),
                state=now,
                moved_at=datetime.fromisoformat(moved),
                copies=copies,
                lines=self._lines(name),
            )
            for name, ordered, now, moved, copies in rows
        )

    def move(self, number: str, state: str, *, at: datetime) -> None:
        """Take an order to a state."""
        self._book.execute(
            "UPDATE customer_order SET state = ?, moved_at = ? WHERE number = ?",
            (state, at.isoformat(), number),
        )

    def want(self, number: str, line: str, wanted: Decimal) -> None:
        """Change how much of a line is wanted."""
        self._set(number, line, "wanted", wanted)

    def ship(self, number: str, line: str, shipped: Decimal) -> None:
        """Note how much of a line has left."""
        self._set(number, line, "shipped", shipped)

    def bill(self, number: str, line: str, billed: Decimal) -> None:
        """Note how much of a line was billed."""
        self._set(number, line, "billed", billed)

    def next_number(self, name: str) -> int:
        """Count up: control numbers, shipments, invoices."""
        self._book.execute(
            "INSERT INTO control (name, last) VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET last = last + 1",
            (name,),
        )
        row = self._book.execute("SELECT last FROM control WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def note_refused(self, paper: str) -> None:
        """Note a paper of ours that the buyer could not use, or one of its that we could not."""
        self._book.execute("INSERT INTO refused (paper) VALUES (?)", (paper,))

    def refused(self) -> tuple[str, ...]:
        """Give the papers that somebody could not use."""
        return tuple(row[0] for row in self._book.execute("SELECT paper FROM refused"))

    def _set(self, number: str, line: str, column: str, value: Decimal) -> None:
        self._book.execute(
            f"UPDATE customer_line SET {column} = ? WHERE number = ? AND line = ?",  # noqa: S608  ours
            (f"{value:f}", number, line),
        )

    def _lines(self, number: str) -> tuple[SoldLine, ...]:
        rows = self._book.execute(
            "SELECT line, item, price, wanted, shipped, billed FROM customer_line"
            " WHERE number = ? ORDER BY CAST(line AS INTEGER)",
            (number,),
        )
        return tuple(
            SoldLine(
                line=line,
                item=item,
                price=Decimal(price),
                wanted=Decimal(wanted),
                shipped=Decimal(shipped),
                billed=Decimal(billed),
            )
            for line, item, price, wanted, shipped, billed in rows
        )
