"""Reading: a partner's file, whatever it is, to documents and findings.

    read(data)                 everything at once: interchanges, groups, documents, findings
    events(source)             the same as it comes, for large files
    json_lines(source, name)   one JSON object per document and per interchange

A file that is no X12 at all is not an error of the program: it gives one finding that says so.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from manciple.exchange.mapping.document import (
    PartnerDocument,
    PartnerLine,
    StatedItem,
    StatedParty,
    StatedPrice,
    StatedQuantity,
    Totals,
)
from manciple.exchange.mapping.maps import Maps, load_maps
from manciple.exchange.mapping.x12 import read_message
from manciple.formats.x12.envelope import read_envelopes
from manciple.formats.x12.findings import Fault, Finding, Where
from manciple.formats.x12.messages import (
    GroupResult,
    InterchangeResult,
    Message,
    MessageResult,
)
from manciple.kernel.records import dataclass, replace

Json = dict[str, Any]

_REFUSED = frozenset({Fault.NOT_X12, Fault.ISA_UNREADABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReading:
    """One transaction set that was read.

    Attributes:
        index: its place among the messages of the file, the first is 0.
        findings: of its envelope and of its mapping.
    """

    index: int
    message: Message
    document: PartnerDocument
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeReading:
    """One interchange that was read to its end.

    Attributes:
        result: its ISA, TA1 answers and findings; without an ISA, what stood outside any.
        groups: what a 997 says about each group, mapping findings included.
    """

    result: InterchangeResult
    groups: tuple[GroupResult, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the interchange and its groups; messages keep their own."""
        return (*self.result.findings, *(f for group in self.groups for f in group.findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A whole file.

    Attributes:
        is_readable: whether any interchange could be read and no ISA had to be given up.
    """

    documents: tuple[DocumentReading, ...]
    interchanges: tuple[InterchangeReading, ...]
    is_readable: bool

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong with the file."""
        of_documents = (f for reading in self.documents for f in reading.findings)
        of_interchanges = (f for reading in self.interchanges for f in reading.findings)
        return (*of_documents, *of_interchanges)


def events(
    source: bytes | BinaryIO, *, maps: Maps | None = None
) -> Iterator[DocumentReading | InterchangeReading]:
    """Read a file as it comes: each document, then the interchange that held it.

    Memory is bounded by the longest message and by the number of messages in one interchange.
    """
    rules = maps or load_maps()
    index = 0
    results: list[MessageResult] = []
    groups: list[GroupResult] = []
    for event in read_envelopes(source):
        match event:
            case Message():
                mapped = read_message(event, rules)
                findings = (*event.findings, *mapped.findings)
                results.append(_result(event, findings))
                yield DocumentReading(
                    index=index, message=event, document=mapped.document, findings=findings
                )
                index += 1
            case GroupResult():
                groups.append(replace(event, messages=tuple(results)))
                results = []
            case InterchangeResult():
                yield InterchangeReading(result=event, groups=tuple(groups))
                groups, results = [], []


def _result(message: Message, findings: tuple[Finding, ...]) -> MessageResult:
    return MessageResult(
        kind=message.kind,
        control_number=message.control_number,
        implementation=message.implementation,
        findings=findings,
    )


def read(source: bytes | BinaryIO, *, maps: Maps | None = None) -> Reading:
    """Read a whole file. Never raises on what a partner wrote."""
    documents: list[DocumentReading] = []
    interchanges: list[InterchangeReading] = []
    for event in events(source, maps=maps):
        if isinstance(event, DocumentReading):
            documents.append(event)
        else:
            interchanges.append(event)
    readable = any(i.result.interchange for i in interchanges)
    refused = any(f.code in _REFUSED for i in interchanges for f in i.result.findings)
    return Reading(
        documents=tuple(documents),
        interchanges=tuple(interchanges),
        is_readable=readable and not refused,
    )


class JsonLines:
    """The JSON objects of one file, one by one.

    Attributes:
        is_readable: after the last object, whether the file could be read.
    """

    def __init__(self, source: bytes | BinaryIO, file: str, *, maps: Maps | None = None) -> None:
        self._events = events(source, maps=maps)
        self._file = file
        self._seen = False
        self._refused = False

    def __iter__(self) -> Iterator[Json]:
        for event in self._events:
            match event:
                case DocumentReading():
                    yield _document_line(self._file, event)
                case InterchangeReading():
                    codes = {finding.code for finding in event.result.findings}
                    self._seen |= event.result.interchange is not None
                    self._refused |= bool(codes & _REFUSED)
                    yield _interchange_line(self._file, event)

    @property
    def is_readable(self) -> bool:
        """Whether an interchange was found and none had to be given up."""
        return self._seen and not self._refused


def json_lines(source: bytes | BinaryIO, file: str, *, maps: Maps | None = None) -> JsonLines:
    """One JSON object per transaction set, and one per interchange with ``document: null``.

    Decimals are strings, days are ISO. Iterate, then ask ``is_readable``.
    """
    return JsonLines(source, file, maps=maps)


def _document_line(file: str, reading: DocumentReading) -> Json:
    message = reading.message
    return {
        "file": file,
        "standard": "X12",
        "version": message.version,
        "message": message.kind,
        "control_number": message.control_number,
        "document": _document(reading.document),
        "findings": [_finding(finding) for finding in reading.findings],
    }


def _interchange_line(file: str, reading: InterchangeReading) -> Json:
    isa = reading.result.interchange
    return {
        "file": file,
        "standard": "X12" if isa else None,
        "version": isa.version if isa else None,
        "message": None,
        "control_number": isa.control_number if isa else None,
        "document": None,
        "findings": [_finding(finding) for finding in reading.findings],
    }


def _document(document: PartnerDocument) -> Json:
    return {
        "kind": document.kind.value,
        "number": document.number,
        "orders": list(document.orders),
        "dates": _days(document.dates),
        "currency": document.currency,
        "parties": [_party(party) for party in document.parties],
        "lines": [_line(line) for line in document.lines],
        "totals": _totals(document.totals),
        "answer": document.answer,
        "purpose": document.purpose,
        "type": document.type,
        "release": document.release,
        "references": [{"kind": r.kind, "value": r.value} for r in document.references],
        "charges": [
            {"kind": c.kind, "code": c.code, "amount": _text(c.amount), "text": c.text}
            for c in document.charges
        ],
    }


def _days(dates: tuple[Any, ...]) -> Json:
    """The first day of each kind."""
    return {stated.kind: stated.day.isoformat() for stated in reversed(dates)}


def _party(party: StatedParty) -> Json:
    return {"role": party.role, "id": party.id, "scheme": party.scheme, "name": party.name}


def _line(line: PartnerLine) -> Json:
    return {
        "line": line.line,
        "items": [_item(item) for item in line.items],
        "description": line.description,
        "quantity": _quantity(line.quantity),
        "price": _price(line.price),
        "status": line.status,
        "dates": _days(line.dates),
        "order": line.order,
        "packages": list(line.packages),
        "answers": [
            {
                "status": answer.status,
                "code": answer.code,
                "quantity": _quantity(answer.quantity),
                "price": _price(answer.price),
                "date": _iso(answer.day),
                "substitute": [_item(item) for item in answer.substitute],
            }
            for answer in line.answers
        ],
        "counts": [
            {
                "kind": count.kind,
                "quantity": _quantity(count.quantity),
                "condition": count.condition,
            }
            for count in line.counts
        ],
        "schedule": [
            {
                "quantity": _quantity(part.quantity),
                "kind": part.kind,
                "date": _iso(part.day),
                "location": part.location,
            }
            for part in line.schedule
        ],
    }


def _item(item: StatedItem) -> Json:
    return {"scheme": item.scheme, "id": item.id}


def _quantity(quantity: StatedQuantity | None) -> Json | None:
    if quantity is None:
        return None
    return {
        "value": _text(quantity.value),
        "unit": quantity.unit,
        "unit_canonical": quantity.canonical,
    }


def _price(price: StatedPrice | None) -> Json | None:
    if price is None:
        return None
    per = price.per
    return {
        "amount": _text(price.amount),
        "per": {"value": _text(per.value), "unit": per.unit} if per else None,
    }


def _totals(totals: Totals) -> Json:
    return {
        "total": _text(totals.amount),
        "lines": _text(totals.lines),
        "hash": _text(totals.hash),
        "shipped": _text(totals.shipped),
        "amounts": [{"kind": a.kind, "amount": _text(a.amount)} for a in totals.others],
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _finding(finding: Finding) -> Json:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "where": _where(finding.where),
        "text": finding.text,
    }


def _where(where: Where) -> Json:
    return {
        "interchange": where.interchange,
        "group": where.group,
        "message": where.message,
        "segment": where.segment,
        "index": where.index,
        "position": where.position,
        "element": where.element,
        "offset": where.offset,
    }
