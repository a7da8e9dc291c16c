"""Compose: a partner document of ours to the segments that we send, by a map that is data.

A row of the map is a list of values, each a literal or one of:

    {field: number, default: "00"}     text as it stands; a tuple fills several elements
    {number: price.amount}             a decimal, written out
    {number: amount, implied: 2}       the same with implied decimals: X12 type N2
    {date: issued}                     CCYYMMDD
    {code: role, list: parties}        our word, looked up backwards in a code list; with a
                                       ``default`` for words that have no code
    {unit: quantity}                   the unit's code
    {basis: price}                     the price basis code; empty for one of the line's unit
    {items: items}                     qualifier and number pairs
    {counts: in_question, most: 5}     quantity, unit and condition of each count of this kind
    {count: lines}                     how many there are

What cannot be written is a finding, and then there is no message to send.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from manciple.exchange.mapping.codes import Codes
from manciple.exchange.mapping.document import (
    PartnerDocument,
    PartnerLine,
    StatedPrice,
    StatedQuantity,
)
from manciple.exchange.mapping.maps import Maps
from manciple.formats.x12.findings import Fault, Finding, Severity, Where
from manciple.formats.x12.write import OutgoingMessage
from manciple.kernel.records import dataclass, replace

Spec = str | Mapping[str, Any]

# Our words are lower case; what looks like this is a partner's own code that no list translates.
_SIX_DECIMALS = Decimal("0.000001")
_IS_CODE = re.compile(r"[A-Z0-9]{1,3}")


class MapMissingError(LookupError):
    """No map says how to write this kind of message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A message ready for an envelope, or None with the findings that say what is in the way."""

    message: OutgoingMessage | None
    findings: tuple[Finding, ...] = ()


def compose(
    document: PartnerDocument, *, message: str, control_number: str, maps: Maps
) -> Composed:
    """Write a document as one X12 message, for example an order as an 850.

    Args:
        document: what to say, in our words.
        message: the transaction set, ``850``.
        control_number: ST02, unique in its group.
        maps: those of the partner who will read it.

    Raises:
        MapMissingError: there is no outbound map for this set.
    """
    rules = maps.outbound.get(message)
    if rules is None:
        known = ", ".join(sorted(maps.outbound))
        raise MapMissingError(f"no map writes the set {message!r}; there are maps for {known}")
    writer = _Writer(codes=maps.codes, document=document)
    segments = tuple(writer.rows(rules.rows, document))
    refused = any(finding.severity is Severity.ERROR for finding in writer.findings)
    outgoing = OutgoingMessage(kind=message, control_number=control_number, segments=segments)
    return Composed(message=None if refused else outgoing, findings=tuple(writer.findings))


@dataclass(slots=True)
class _Writer:
    """Walks the rows of a map and collects what cannot be written."""

    codes: Codes
    document: PartnerDocument
    line: PartnerLine | None = None
    findings: list[Finding] = field(default_factory=list)

    def rows(self, rows: Any, subject: Any) -> Iterator[tuple[str, ...]]:
        for row in rows:
            if "each" in row:
                yield from self._each(row, subject)
            elif "needs" not in row or self._holds(subject, row["needs"]):
                yield self._segment(row["row"], subject)

    def _each(self, row: Mapping[str, Any], subject: Any) -> Iterator[tuple[str, ...]]:
        for part in getattr(subject, row["each"]):
            if getattr(part, "kind", None) in row.get("except", ()):
                continue
            item = part
            if isinstance(part, PartnerLine):
                item = self.line = plainly_priced(self.codes, part)
            yield from self.rows(row["rows"], item)

    def _segment(self, row: list[Spec], subject: Any) -> tuple[str, ...]:
        tag = str(row[0])
        values: list[str] = [tag]
        for spec in row[1:]:
            if isinstance(spec, str):
                values.append(spec)
            else:
                values += self._values(tag, len(values), spec, subject)
        return tuple(values)

    def _holds(self, subject: Any, condition: str) -> bool:
        """A dotted path that is stated; or ``unusual_basis``, a price that no basis code says."""
        if condition != "unusual_basis":
            return _get(subject, condition) not in (None, (), "")
        price, quantity = subject.price, subject.quantity
        if price is None or price.per is None:
            return False
        return basis_code(self.codes, price.per, quantity) is None

    def _values(  # noqa: PLR0911
        self, tag: str, element: int, spec: Mapping[str, Any], subject: Any
    ) -> tuple[str, ...]:
        match spec:
            case {"field": str(name)}:
                return self._field(tag, element, spec, _get(subject, name))
            case {"number": str(name)}:
                unsaid = "unless" in spec and self._holds(subject, spec["unless"])
                places = spec.get("implied", 0)
                value = None if unsaid else _get(subject, name)
                return (self._number(tag, element, value, places),)
            case {"date": str(name)}:
                return (_written(self._day(subject, name)),)
            case {"code": str(name), "list": str(codes)}:
                return (self._code(tag, element, codes, _get(subject, name), spec),)
            case {"unit": str(name)}:
                return (self._unit(tag, element, _get(subject, name)),)
            case {"basis": str(name)}:
                return (self._basis(_get(subject, name)),)
            case {"items": str(name)}:
                return self._items(tag, element, _get(subject, name))
            case {"counts": str(name), "most": int(most)}:
                return self._counts(tag, element, name, most, subject)
            case {"count": str(name)}:
                return (str(len(_get(subject, name))),)
            case _:
                raise ValueError(f"a map's row for {tag} holds {dict(spec)!r}, which is no value")

    def _field(
        self, tag: str, element: int, spec: Mapping[str, Any], value: Any
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return tuple(self._cut(tag, element + n, spec, part) for n, part in enumerate(value))
        text = value if value is not None else spec.get("default", "")
        if not text and spec.get("required"):
            self._find(Fault.MANDATORY, tag, element, f"{tag}{element:02} has no value", "")
        return (self._cut(tag, element, spec, str(text)),)

    def _cut(self, tag: str, element: int, spec: Mapping[str, Any], text: str) -> str:
        longest = spec.get("max")
        if longest is None or len(text) <= longest:
            return text
        place = f"{tag}{element:02}"
        if not spec.get("cut"):
            said = f"{place} {text!r} is {len(text)} characters, {place} holds {longest}"
            self._find(Fault.MANDATORY, tag, element, said, text)
            return text
        said = f"{place} was cut to {longest} characters: {text!r}"
        self._find(Fault.MANDATORY, tag, element, said, text, severity=Severity.WARNING)
        return text[:longest]

    def _number(self, tag: str, element: int, value: Decimal | None, implied: int = 0) -> str:
        """Write a number out, or as a whole one with implied decimals: 12.50 is 1250.

        Source: X12 004010, data element types R and N2.
        """
        if value is None:
            return ""
        if not value.is_finite():
            said = f"{tag}{element:02} {value} is no number"
            self._find(Fault.NUMBER, tag, element, said, str(value))
            return str(value)
        if not implied:
            return f"{value:f}"
        whole = value.scaleb(implied)
        if whole != whole.to_integral_value():
            said = f"{tag}{element:02} {value} has more than {implied} decimals"
            self._find(Fault.NUMBER, tag, element, said, str(value))
        return f"{whole.to_integral_value():f}"

    def _day(self, subject: Any, name: str) -> date | None:
        if isinstance(subject, PartnerDocument):
            return subject.day(name)
        day = getattr(subject, name)
        return day if isinstance(day, date) else None

    def _code(
        self,
        tag: str,
        element: int,
        codes: str,
        word: str | None,
        spec: Mapping[str, Any] = MappingProxyType({}),
    ) -> str:
        if not word:
            return ""
        code = self.codes.backwards[codes].get(word, spec.get("default"))
        if code is not None:
            return code
        if word in self.codes.lists[codes] or _IS_CODE.fullmatch(word):
            return word
        said = f"{tag}{element:02}: no code of the list {codes} means {word!r}"
        self._find(Fault.CODE, tag, element, said, word)
        return word

    def _unit(self, tag: str, element: int, quantity: StatedQuantity | None) -> str:
        code = unit_code(self.codes, quantity)
        if code is None and quantity is not None:
            said = f"{tag}{element:02}: the unit {quantity.canonical} has no X12 code"
            self._find(Fault.UNIT, tag, element, said, str(quantity.canonical))
        return code or ""

    def _basis(self, price: StatedPrice | None) -> str:
        """The code that says what the price is for; empty for one of the line's unit."""
        if price is None or price.per is None or self.line is None:
            return ""
        return basis_code(self.codes, price.per, self.line.quantity) or ""

    def _counts(
        self, tag: str, element: int, kind: str, most: int, subject: PartnerLine
    ) -> tuple[str, ...]:
        found = [each for each in subject.counts if each.kind == kind]
        if len(found) > most:
            said = f"{tag}{element:02}: {len(found)} quantities {kind}, {tag} holds {most}"
            self._find(Fault.MANDATORY, tag, element, said, str(len(found)))
        values: list[str] = []
        for each in found:
            at = element + len(values)
            values += (
                self._number(tag, at, each.quantity.value),
                self._unit(tag, at + 1, each.quantity),
                self._code(tag, at + 2, "conditions", each.condition),
            )
        return tuple(values)

    def _items(self, tag: str, element: int, items: Any) -> tuple[str, ...]:
        pairs: list[str] = []
        for item in items:
            pairs += (self._code(tag, element + len(pairs), "items", item.scheme), item.id)
        return tuple(pairs)

    def _find(
        self,
        code: Fault,
        tag: str,
        element: int,
        text: str,
        value: str,
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        line = f" (line {self.line.line})" if self.line is not None else ""
        where = Where(message=self.document.number, segment=tag, element=element)
        self.findings.append(
            Finding(severity=severity, code=code, where=where, text=text + line, bad_value=value)
        )


def basis_code(codes: Codes, per: StatedQuantity, quantity: StatedQuantity | None) -> str | None:
    """The price basis code for a quantity: "" for one of the line's unit, None if none fits."""
    priced, ordered = unit_code(codes, per), unit_code(codes, quantity)
    for code, basis in codes.lists["price_bases"].items():
        if Decimal(str(basis["value"])) != per.value:
            continue
        unit = basis.get("unit")
        if unit is not None and unit == priced:
            return str(code)
        if unit is None and priced == ordered:
            return "" if per.value == 1 else str(code)
    return "" if priced == ordered and per.value == 1 else None


def plainly_priced(codes: Codes, line: PartnerLine) -> PartnerLine:
    """Say 30.00 per 12 EA as 2.5 per EA: no code means twelve, and few partners read CTP.

    Only where the price of one is exact in six decimals; 10.00 per 3 EA stays as it is.
    """
    price = line.price
    if (
        price is None
        or price.per is None
        or basis_code(codes, price.per, line.quantity) is not None
    ):
        return line
    if unit_code(codes, price.per) != unit_code(codes, line.quantity) or price.per.value <= 0:
        return line
    one = (price.amount / price.per.value).quantize(_SIX_DECIMALS)
    if one * price.per.value != price.amount:
        return line
    per = replace(price.per, value=Decimal(1))
    return replace(line, price=StatedPrice(amount=_shortest(one), per=per))


def _shortest(number: Decimal) -> Decimal:
    """Without the zeros that nobody stated: 2.500000 is 2.5, and 100 stays 100."""
    whole = number.to_integral_value()
    return whole if whole == number else number.normalize()


def unit_code(codes: Codes, quantity: StatedQuantity | None) -> str | None:
    """The unit to write: the known unit's code, else the unit as somebody wrote it."""
    if quantity is None or quantity.canonical is None:
        return quantity.unit if quantity else None
    try:
        return codes.unit_code(quantity.canonical)
    except LookupError:
        return quantity.unit


def _get(subject: Any, path: str) -> Any:
    """Follow a dotted path; None where a part is not stated."""
    for name in path.split("."):
        if subject is None:
            return None
        subject = getattr(subject, name)
    return subject


def _written(day: date | None) -> str:
    return "" if day is None else f"{day:%Y%m%d}"
