"""A spreadsheet as CSV: every bad cell told by row and column, the good rows made into requests.

    reference,site,item,quantity,unit,needed_by,supplier
    B-17,ORD,BOLT-8,100,EA,2026-07-20,
    B-17,ORD,GLOVE-L,12,PR,2026-07-20,ACME

The column ``charges`` plans charges, each as ``freight 120.00 USD on ACME by SWIFT``, several with
a semicolon between them; ``on`` and ``by`` only where they are needed.
UTF-8, separated by commas or semicolons; the first row names the columns. Rows of one reference
(without one: of one site and flow) are one requisition. Nothing in a cell is ever evaluated.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from manciple.kernel.errors import Reason
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.kernel.units import Unit, from_x12
from manciple.requisitioning.batch import Omitted, line_of
from manciple.requisitioning.planned import RequestedCharge, parse
from manciple.requisitioning.requisition import RequestedLine, SubmitRequisition

REQUIRED = ("site", "item", "quantity", "unit", "needed_by")
OPTIONAL = (
    "reference", "flow", "supplier", "note", "customer_waiting", "cost_centre", "account",
    "description", "price", "charges",
)  # fmt: skip
MAX_BYTES = 5_000_000
MAX_ROWS = 5_000
_CELL = 200
_REQUEST = re.compile(r"requests\.(\d+)\.?(.*)")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?\Z")
_PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})? [A-Z]{3}\Z")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a file, a row or a cell.

    Attributes:
        row: as the spreadsheet counts it, the header being 1; 0 when the whole file is meant.
        column: the column's name; empty when the whole row is meant.
    """

    row: int
    column: str
    code: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvIntake:
    """What a file says: the requests that its good rows make, and what is wrong with the others.

    Attributes:
        rows: for each request the file's rows of its lines, in their order.
    """

    requests: tuple[SubmitRequisition, ...] = ()
    rows: tuple[tuple[int, ...], ...] = ()
    problems: tuple[Problem, ...] = ()

    def problem(self, request: int, reason: Reason) -> Problem:
        """Say a refusal of one of the requests in the file's rows and columns.

        ``request`` is the place from 0; the reason's field is ``lines.N.item`` or the head's.
        """
        rows, line = self.rows[request], line_of(reason)
        is_line = line is not None and line < len(rows)
        return Problem(
            row=rows[line] if line is not None and is_line else rows[0],
            column=_column_of(reason.field),
            code=reason.code,
            message=reason.message,
            fix=reason.fix,
        )

    def located(self, reason: Reason) -> Problem:
        """Say a refusal of the whole batch, ``requests.N...``, in the file's rows and columns."""
        found = _REQUEST.match(reason.field)
        if found is None:
            return Problem(
                row=0, column="", code=reason.code, message=reason.message, fix=reason.fix
            )
        return self.problem(int(found[1]), replace(reason, field=found[2]))

    def left_out(self, each: Omitted) -> Problem:
        """Say what was left out of a batch in the file's rows and columns."""
        reason = Reason(code=each.code, message=each.message, field=each.field, fix=each.fix)
        return self.problem(each.request, reason)


def _column_of(field: str) -> str:
    names = [part for part in field.split(".") if not part.isdigit() and part != "lines"]
    known = (*REQUIRED, *OPTIONAL)
    if "planned" in names:
        return "charges"
    return next((name for name in reversed(names) if name in known), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A good row, before rows are grouped."""

    number: int
    reference: str
    site: str
    flow: str
    note: str
    customer_waiting: bool
    line: RequestedLine
    planned: tuple[RequestedCharge, ...] = ()


class _BadFileError(Exception):
    """The file cannot be read at all."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems


def read_csv(data: bytes, *, flow: str = "direct") -> CsvIntake:
    """Read a CSV file into requests; what is wrong is told, never guessed.

    The caller chooses: stop when there are ``problems``, or go on with the good rows.
    """
    try:
        header, records = _table(_text(data))
    except _BadFileError as bad:
        return CsvIntake(problems=bad.problems)
    rows: list[_Row] = []
    problems: list[Problem] = []
    for number, cells in records:
        found = _read_row(number, header, cells, flow)
        if isinstance(found, _Row):
            rows.append(found)
        else:
            problems += found
    rows, clashes = _agreeing(rows)
    groups = _groups(rows)
    return CsvIntake(
        requests=tuple(_request(group) for group in groups),
        rows=tuple(tuple(row.number for row in group) for group in groups),
        problems=tuple(sorted((*problems, *clashes), key=lambda each: each.row)),
    )


def _bad_file(code: str, message: str, fix: str, *, row: int = 0) -> _BadFileError:
    return _BadFileError(Problem(row=row, column="", code=code, message=message, fix=fix))


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data)} bytes, more than {MAX_BYTES}"
        raise _bad_file("FILE_TOO_LARGE", message, "split the file")
    utf8 = "save it as CSV UTF-8"
    if data.startswith(_OTHER_BOMS):
        raise _bad_file("ENCODING", "the file is UTF-16", utf8)
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as problem:
        row = data.count(b"\n", 0, problem.start) + 1
        message = f"byte {problem.start} is not UTF-8 (Windows-1252 or Latin-1 perhaps)"
        raise _bad_file("ENCODING", message, utf8, row=row) from problem
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise _bad_file("NUL", "the file holds a NUL character", utf8, row=row)
    return text


def _table(text: str) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    """Give the column names, and each row that is not blank with its number."""
    first = text.split("\n", 1)[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as problem:
        raise _bad_file("CSV", f"this is not CSV: {problem}", "check the quotes") from problem
    if not table or not any(cell.strip() for cell in table[0]):
        fix = f"name the columns in the first row: {', '.join(REQUIRED)}"
        raise _bad_file("NO_HEADER", "the first row names no columns", fix, row=1)
    rows = [(n, row) for n, row in enumerate(table[1:], start=2) if any(c.strip() for c in row)]
    if not rows:
        raise _bad_file("NO_ROWS", "there are no rows below the header", "add rows")
    if len(rows) > MAX_ROWS:
        message = f"{len(rows)} rows are more than {MAX_ROWS}"
        raise _bad_file("TOO_MANY_ROWS", message, "split the file")
    return _header(table[0]), rows


def _header(cells: list[str]) -> tuple[str, ...]:
    names = tuple(cell.strip().lower().replace(" ", "_") for cell in cells)
    known = (*REQUIRED, *OPTIONAL)
    problems = [
        _column_fault("COLUMN_MISSING", name, f"there is no column {name}", "add it")
        for name in REQUIRED
        if name not in names
    ]
    for place, name in enumerate(names):
        if name not in known:
            fix = f"one of: {', '.join(known)}"
            said = f"column {place + 1} is called {_short(cells[place])!r}"
            problems.append(_column_fault("COLUMN_UNKNOWN", _short(name), said, fix))
        elif name in names[:place]:
            message = f"there are two columns {name}"
            problems.append(_column_fault("COLUMN_TWICE", name, message, "keep one"))
    if problems:
        raise _BadFileError(*problems)
    return names


def _column_fault(code: str, column: str, message: str, fix: str) -> Problem:
    return Problem(row=1, column=column, code=code, message=message, fix=fix)


def _short(text: str) -> str:
    return text if len(text) <= _CELL else f"{text[:_CELL]}..."


def _read_row(
    number: int, header: tuple[str, ...], cells: list[str], flow: str
) -> _Row | list[Problem]:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        message = f"{len(cells)} cells where the header names {len(header)}"
        fix = "put cells with a separator inside into quotes"
        return [Problem(row=number, column="", code="CELLS", message=message, fix=fix)]
    padded = (*cells, *[""] * len(header))
    found = {name: padded[n].strip() for n, name in enumerate(header)}
    problems = [
        Problem(row=number, column=column, code=code, message=message, fix=fix)
        for column, code, message, fix in _faults(found)
    ]
    return problems or _good_row(number, found, flow)


def _faults(found: Mapping[str, str]) -> Iterable[tuple[str, str, str, str]]:
    """Give what is wrong with a row's cells: column, code, message and fix of each."""
    for name in REQUIRED:
        if not found[name]:
            yield name, "EMPTY", f"{name} is empty", "fill it in"
    for name, cell in found.items():
        limit = _CELL * 10 if name == "note" else _CELL
        if len(cell) > limit:
            yield name, "CELL_TOO_LONG", f"{len(cell)} characters, {limit} allowed", "shorten it"
    quantity = found["quantity"]
    if quantity and not _NUMBER.match(quantity):
        fix = "digits and a decimal point, at most six places: 1234.5"
        yield "quantity", "NUMBER", f"{_short(quantity)!r} is not a quantity", fix
    elif quantity and not Decimal(quantity):
        yield "quantity", "QUANTITY", "nothing is asked for", "ask for more than zero"
    yield from _faults_of_price(found.get("price", ""))
    yield from _faults_of_charges(found.get("charges", ""))
    unit = found["unit"]
    if unit and _unit(unit) is None:
        fix = "a code of UN/ECE Rec 20 or X12: EA, CA, BX, KG"
        yield "unit", "UNIT", f"{_short(unit)!r} is not a unit", fix
    day = found["needed_by"]
    if day and _day(day) is None:
        yield "needed_by", "DATE", f"{_short(day)!r} is not a date", "write 2026-07-20"
    waiting = found.get("customer_waiting", "")
    if waiting.lower() not in _YES:
        said = f"{_short(waiting)!r} is neither yes nor no"
        yield "customer_waiting", "YES_NO", said, "write yes or no"


def _faults_of_price(price: str) -> Iterable[tuple[str, str, str, str]]:
    fix = "an amount and a currency for one of the unit: 90.00 USD"
    if price and not _PRICE.match(price):
        yield "price", "PRICE", f"{_short(price)!r} is not a price", fix
    elif price and _currency(price) is None:
        yield "price", "CURRENCY", f"{_short(price)!r} names no currency", fix


def _faults_of_charges(cell: str) -> Iterable[tuple[str, str, str, str]]:
    for text in _charges(cell):
        if parse(text) is None:
            said = f"{_short(text)!r} is not a planned charge"
            yield "charges", "CHARGES", said, "write freight 120.00 USD, or ... by SWIFT"


def _unit(cell: str) -> Unit | None:
    try:
        return Unit(cell.upper())
    except ValueError:
        return from_x12(cell)


def _currency(cell: str) -> Currency | None:
    try:
        return Currency(cell.partition(" ")[2])
    except ValueError:
        return None


def _price(cell: str, unit: Unit) -> Price | None:
    currency = _currency(cell) if cell else None
    if currency is None:
        return None
    return Price(Money(Decimal(cell.partition(" ")[0]), currency), Quantity(Decimal(1), unit))


def _charges(cell: str) -> list[str]:
    return [text.strip() for text in cell.split(";") if text.strip()]


def _day(cell: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        return None
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def _good_row(number: int, found: Mapping[str, str], flow: str) -> _Row:
    unit, day = _unit(found["unit"]), _day(found["needed_by"])
    assert unit is not None
    assert day is not None
    return _Row(
        number=number,
        reference=found.get("reference", ""),
        site=found["site"],
        flow=found.get("flow", "") or flow,
        note=found.get("note", ""),
        customer_waiting=_YES[found.get("customer_waiting", "").lower()],
        line=RequestedLine(
            item=found["item"],
            quantity=Quantity(Decimal(found["quantity"]), unit),
            needed_by=day,
            supplier=found.get("supplier") or None,
            cost_centre=found.get("cost_centre") or None,
            account=found.get("account") or None,
            description=found.get("description") or None,
            price=_price(found.get("price", ""), unit),
        ),
        planned=tuple(
            charge
            for text in _charges(found.get("charges", ""))
            if (charge := parse(text)) is not None
        ),
    )


def _agreeing(rows: list[_Row]) -> tuple[list[_Row], list[Problem]]:
    """Keep the rows that agree with the first of their reference on site and flow."""
    heads: dict[str, _Row] = {}
    kept: list[_Row] = []
    clashes: list[Problem] = []
    for row in rows:
        head = heads.setdefault(row.reference, row) if row.reference else row
        for column, ours, theirs in (
            ("site", row.site, head.site),
            ("flow", row.flow, head.flow),
        ):
            if ours != theirs:
                message = f"{row.reference} is for {theirs} in row {head.number}, here for {ours}"
                fix = "use another reference for it"
                clashes.append(
                    Problem(
                        row=row.number,
                        column=column,
                        code="REFERENCE_CLASH",
                        message=message,
                        fix=fix,
                    )
                )
        if (row.site, row.flow) == (head.site, head.flow):
            kept.append(row)
    return kept, clashes


def _groups(rows: list[_Row]) -> list[list[_Row]]:
    """Group rows of one reference, or without one of one site and flow, in the file's order."""
    groups: dict[tuple[str, str, str], list[_Row]] = {}
    for row in rows:
        groups.setdefault((row.reference, row.site, row.flow), []).append(row)
    return list(groups.values())


def _request(rows: list[_Row]) -> SubmitRequisition:
    first = rows[0]
    note = next((row.note for row in rows if row.note), None)
    request = SubmitRequisition(
        site=first.site,
        flow=first.flow,
        lines=tuple(row.line for row in rows),
        reference=first.reference or None,
        customer_waiting=any(row.customer_waiting for row in rows),
        planned=tuple(each for row in rows for each in row.planned),
    )
    return replace(request, note=note)
