"""Verbs of the head: document fields, days, parties, references, charges and totals."""

from manciple.exchange.mapping.document import (
    HeaderWord,
    StatedAmount,
    StatedCharge,
    StatedDate,
    StatedParty,
    StatedReference,
)
from manciple.exchange.mapping.draft import Act, Draft, Row
from manciple.formats.x12.findings import Fault, Severity
from manciple.formats.x12.tokens import Segment
from manciple.kernel.records import replace


def set_field(row: Row) -> Act:
    """Take an element as a field of the document, for example its number."""
    name, at, required = row["field"], row["at"], row.get("required", False)

    def act(draft: Draft, segment: Segment) -> None:
        text = segment.at(at)
        if text:
            draft.fields.setdefault(name, text)
        elif required:
            draft.missing(segment, at)

    return act


def date(row: Row) -> Act:
    """Take an element as a day whose meaning is fixed by its place."""
    kind, at = row["kind"], row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        day = draft.day(segment, at)
        if day is not None:
            draft.entry.dates.append(StatedDate(kind=kind, day=day))

    return act


def dated(row: Row) -> Act:
    """Take a day whose meaning a qualifier names."""
    qualifier, at, codes = row["qualifier"], row["at"], row.get("list", "dates")

    def act(draft: Draft, segment: Segment) -> None:
        day = draft.day(segment, at)
        if day is None:
            return
        stated = StatedDate(kind=draft.word(codes, segment.at(qualifier)), day=day)
        if stated not in draft.entry.dates:
            draft.entry.dates.append(stated)

    return act


def order(row: Row) -> Act:
    """Take an element as the buyer's order number."""
    at, required = row["at"], row.get("required", False)

    def act(draft: Draft, segment: Segment) -> None:
        text = segment.at(at)
        if text:
            draft.name_order(text)
        elif required:
            draft.missing(segment, at)

    return act


def reference(row: Row) -> Act:
    """Take another paper's number, and where the map says so, as the order's."""
    qualifier, at, other = row["qualifier"], row["at"], row.get("else")
    orders, lines = frozenset(row.get("order", ())), frozenset(row.get("line", ()))

    def act(draft: Draft, segment: Segment) -> None:
        value = segment.at(at) or (segment.at(other) if other else "")
        code = segment.at(qualifier)
        if not value:
            return
        kind = draft.word("references", code)
        draft.entry.references.append(StatedReference(kind=kind, value=value))
        if code in orders:
            draft.name_order(value)
        if code in lines and draft.line is not None:
            draft.line.line = value

    return act


def names(row: Row) -> Act:
    """Take another paper's number whose meaning is fixed by its place."""
    kind, at = row["kind"], row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        value = segment.at(at)
        if value:
            draft.entry.references.append(StatedReference(kind=kind, value=value))

    return act


def party(row: Row) -> Act:
    """Take a firm or place: its role, name and number."""
    role, name, scheme, at = row["role"], row["name"], row["scheme"], row["id"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.entry.parties.append(
            StatedParty(
                role=draft.word("parties", segment.at(role)),
                id=segment.at(at) or None,
                scheme=draft.word("party_schemes", segment.at(scheme)) or None,
                name=segment.at(name) or None,
            )
        )

    return act


def street(row: Row) -> Act:
    """Take the street of the party named last."""
    first = row["first"]

    def act(draft: Draft, segment: Segment) -> None:
        parties = draft.entry.parties
        if parties:
            streets = filter(None, (segment.at(first), segment.at(first + 1)))
            parties[-1] = replace(parties[-1], street=(*parties[-1].street, *streets))

    return act


def place(row: Row) -> Act:
    """Take town, region, postal code and country of the party named last."""
    city, region, code, country = (
        row[name] for name in ("city", "region", "postal_code", "country")
    )

    def act(draft: Draft, segment: Segment) -> None:
        parties = draft.entry.parties
        if parties:
            parties[-1] = replace(
                parties[-1],
                city=segment.at(city) or None,
                region=segment.at(region) or None,
                postal_code=segment.at(code) or None,
                country=segment.at(country) or None,
            )

    return act


def carrier(row: Row) -> Act:
    """Take who carries the goods."""
    scac, name = row["scac"], row["name"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.carrier = draft.carrier or segment.at(scac) or segment.at(name) or None

    return act


def header_answer(row: Row) -> Act:
    """Take what an acknowledgment's header says."""
    at = row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        code = segment.at(at)
        draft.fields["answer_code"] = code
        word = draft.codes.lists["header_answers"].get(code)
        if word is None:
            text = f"{segment.tag}{at:02} {code!r} is no answer that we know"
            draft.find(Fault.CODE, text, segment, at, severity=Severity.WARNING)
        draft.answer = HeaderWord.UNKNOWN if word is None else HeaderWord(word)

    return act


def charge(row: Row) -> Act:
    """Take an allowance or charge; its amount has two implied decimals."""
    indicator, code, amount = row["indicator"], row["code"], row["amount"]
    rate, text = row["rate"], row["text"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.entry.charges.append(
            StatedCharge(
                kind=draft.word("charge_kinds", segment.at(indicator)),
                code=segment.at(code) or None,
                word=draft.word("charges", segment.at(code)) or None,
                amount=draft.implied(segment, amount, 2),
                rate=draft.number(segment, rate),
                text=segment.at(text) or None,
            )
        )

    return act


def tax(row: Row) -> Act:
    """Take a tax; its amount is written out."""
    code, amount, rate = row["code"], row["amount"], row["rate"]
    exempt, base = row.get("exempt"), row.get("base")

    def act(draft: Draft, segment: Segment) -> None:
        draft.entry.charges.append(
            StatedCharge(
                kind="tax",
                code=segment.at(code) or None,
                amount=draft.number(segment, amount),
                rate=draft.number(segment, rate),
                exemption=_exemption(draft, segment, exempt),
                base=None if base is None else draft.number(segment, base),
            )
        )

    return act


def _exemption(draft: Draft, segment: Segment, at: int | None) -> str | None:
    """Give the code of an exemption as written, if it says that the tax is not due."""
    code = segment.at(at) if at is not None else ""
    return code if code in draft.codes.lists["tax_exemptions"] else None


def amount(row: Row) -> Act:
    """Take a sum of money, and where the map says so, as the total."""
    qualifier, at, totals = row["qualifier"], row["at"], frozenset(row.get("total", ()))

    def act(draft: Draft, segment: Segment) -> None:
        number = draft.number(segment, at)
        if number is None:
            return
        code = segment.at(qualifier)
        draft.amounts.append(StatedAmount(kind=draft.word("amounts", code), amount=number))
        if code in totals and draft.amount is None:
            draft.amount = number

    return act


def total(row: Row) -> Act:
    """Take the total, with implied decimals."""
    at, decimals, kind = row["at"], row["decimals"], row.get("kind")

    def act(draft: Draft, segment: Segment) -> None:
        number = draft.implied(segment, at, decimals)
        if number is None:
            return
        if kind:
            draft.amounts.append(StatedAmount(kind=kind, amount=number))
        else:
            draft.amount = number

    return act


def counted(row: Row) -> Act:
    """Take the check totals."""
    lines, total = row["lines"], row["hash"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.counted_lines = draft.number(segment, lines) if lines else None
        draft.counted_hash = draft.number(segment, total)

    return act
