"""Understanding: what follows from a file that came, as acts to be applied one by one.

    bytes -> tokens, findings, documents -> who sent it -> RecordReading, with the 997 that is due
                                         -> TakeMessage per document, or QuarantineMessage

A message that the 997 rejects is not applied; it waits in quarantine, whole, with its position.
Reading is pure: the same bytes, profile and maps give the same acts.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import assert_never

from manciple.exchange import interchange as ix
from manciple.exchange.answering import answers_to
from manciple.exchange.control_numbers import ControlNote, Counted
from manciple.exchange.inbound import Sender
from manciple.exchange.interchange import FindingNote, Interchange, MessageNote, MessageState
from manciple.exchange.mapping.document import DocumentKind
from manciple.exchange.mapping.maps import Maps
from manciple.exchange.partner import Partner
from manciple.exchange.reading import DocumentReading, InterchangeReading, Reading, read
from manciple.exchange.statements import statements
from manciple.formats.x12.acknowledge import message_code, read_functional_acknowledgment
from manciple.formats.x12.findings import Finding, Severity
from manciple.formats.x12.messages import GroupResult, MessageResult
from manciple.kernel.errors import Refused
from manciple.kernel.money import Currency
from manciple.kernel.records import dataclass
from manciple.runtime.documents import Ref
from manciple.runtime.effects import KeyedAct

_FOR_OTHERS = frozenset(
    {
        DocumentKind.ORDER,
        DocumentKind.OTHER,
        DocumentKind.WAREHOUSE_ORDER,
        DocumentKind.TRANSFER_NOTICE,
    }
)
"""Papers that we write and never act on."""
_TEST_FILE = (
    "ISA15 is T: a test file, and {} trades for real. "
    "Fix: have it sent with P, or let its profile say test while it tests"
)
_DAY_AND_TIME = re.compile(r"[0-9]{8} [0-9]{4}")
MOST_NOTES = 200
"""So many findings of a file are kept beside it; the file itself holds them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of partners when a file is read.

    Attributes:
        signed: the partner who signs with an envelope address, by ``qualifier:id``.
        profile: a partner's profile by the supplier's id.
        currency: the currency in which a supplier trades.
        maps: the maps for a partner's overlay; None for the plain ones.
    """

    signed: Callable[[str], Partner | None]
    profile: Callable[[str], Partner | None]
    currency: Callable[[str], Currency]
    maps: Callable[[str | None], Maps]


def understand(kept: Interchange, data: bytes, known: Known) -> tuple[KeyedAct, ...]:
    """Give the acts that follow from a kept file, each with a key of its own."""
    proven = known.profile(kept.partner) if kept.partner else None
    reading = read(data, maps=known.maps(proven.overlay if proven else None))
    claimed = _claimed(reading, proven, known)
    partner = proven or claimed
    if proven is None and claimed is not None and claimed.overlay is not None:
        reading = read(data, maps=known.maps(claimed.overlay))
    acts = list(_acts(kept, reading, partner, claimed, known))
    return tuple(
        KeyedAct(key=f"{kept.id}:{kept.attempts}:{n}:{type(act).__name__}", act=act)
        for n, act in enumerate(acts)
    )


def _claimed(reading: Reading, proven: Partner | None, known: Known) -> Partner | None:
    """Give whose address the file is signed with; an address is one partner's."""
    for each in reading.interchanges:
        isa = each.result.interchange
        if isa is not None:
            address = f"{isa.sender_qualifier.strip()}:{isa.sender.strip()}"
            if proven is not None and address == proven.theirs.key:
                return proven
            return known.signed(address)
    return None


def _acts(
    kept: Interchange,
    reading: Reading,
    partner: Partner | None,
    claimed: Partner | None,
    known: Known,
) -> Iterator[object]:
    first = next(
        (i.result.interchange for i in reading.interchanges if i.result.interchange), None
    )
    problem = _whole_problem(kept, reading, partner, claimed)
    notes = [] if problem else [_note(d) for d in reading.documents]
    yield ix.RecordReading(
        interchange=kept.id,
        partner=partner.id if partner else None,
        control=first.control_number.strip() if first else None,
        messages=tuple(notes),
        findings=tuple(_finding(each) for each in reading.findings[:MOST_NOTES]),
        answers=(
            tuple(a for each in reading.interchanges for a in answers_to(each, partner))
            if partner and not _is_foreign(problem)
            else ()
        ),
        is_readable=problem is None,
        numbers=() if partner is None or _is_foreign(problem) else numbers_in(reading, partner),
    )
    if problem is not None:
        code, texts = problem
        yield ix.QuarantineMessage(
            interchange=kept.id, index=None, code=code, reasons=tuple(texts)
        )
        return
    if partner is None:
        return
    for each in reading.documents:
        yield from _message(kept, each, partner, known)


def numbers_in(reading: Reading, partner: Partner) -> tuple[ControlNote, ...]:
    """Give the control numbers of a file that its sender counts without a gap.

    A number that is none is a finding of the envelope already, and counts nothing.
    """
    match partner.counts:
        case Counted.NOTHING:
            return ()
        case Counted.FILES:
            found = [_file_number(each) for each in reading.interchanges]
        case Counted.GROUPS:
            found = [_group_number(g) for each in reading.interchanges for g in each.groups]
        case _:
            assert_never(partner.counts)
    return tuple(each for each in found if each is not None)


def _file_number(each: InterchangeReading) -> ControlNote | None:
    isa = each.result.interchange
    if isa is None or not _is_number(isa.control_number):
        return None
    scope = f"ISA {isa.sender_qualifier.strip()}:{isa.sender.strip()}"
    return ControlNote(scope=scope, number=int(isa.control_number), element="ISA13")


def _group_number(result: GroupResult) -> ControlNote | None:
    group = result.group
    if not _is_number(group.control_number):
        return None
    scope = f"GS {group.sender.strip()} {group.kind.strip()}"
    return ControlNote(scope=scope, number=int(group.control_number), element="GS06")


def _is_number(text: str) -> bool:
    """Say whether a control number can be counted: nine digits at most."""
    plain = text.strip()
    return plain.isascii() and plain.isdigit() and len(plain) <= 9  # noqa: PLR2004


def _is_foreign(problem: tuple[str, list[str]] | None) -> bool:
    return problem is not None and problem[0] in {"UNKNOWN_SENDER", "SENDER_MISMATCH"}


def _whole_problem(
    kept: Interchange, reading: Reading, partner: Partner | None, claimed: Partner | None
) -> tuple[str, list[str]] | None:
    """Say why nothing of a file can be applied; None when it can."""
    if not (reading.is_readable and _says_anything(reading)):
        texts = [_told(each) for each in reading.findings if each.severity is Severity.ERROR]
        return "UNREADABLE", texts[:20] or ["no X12 interchange was found in the file"]
    if partner is None:
        return "UNKNOWN_SENDER", ["no partner signs with the address in the file's ISA"]
    if claimed is not None and claimed.id != partner.id:
        return "SENDER_MISMATCH", [f"{kept.partner} sent a file that {claimed.id} signs"]
    if claimed is None:
        return "SENDER_MISMATCH", [f"{kept.partner} sent a file that it does not sign"]
    if not partner.test and any(_is_test(each) for each in reading.interchanges):
        return "TEST_FILE", [_TEST_FILE.format(partner.id)]
    return None


def _says_anything(reading: Reading) -> bool:
    """Say whether a file holds a message or a TA1, or is empty without a fault."""
    held = reading.documents or any(each.result.answers for each in reading.interchanges)
    return bool(held) or all(each.severity is not Severity.ERROR for each in reading.findings)


def _is_test(each: InterchangeReading) -> bool:
    """Say whether an interchange says of itself that it is a test. Source: X12, element I14."""
    isa = each.result.interchange
    return isa is not None and isa.usage.strip() == "T"


def _note(each: DocumentReading) -> MessageNote:
    rejected = _is_rejected(each)
    if rejected:
        state = MessageState.UNREADABLE
    elif each.document.kind in _FOR_OTHERS:
        state = MessageState.IGNORED
    else:
        state = MessageState.OFFERED
    return MessageNote(
        index=each.index,
        code=each.message.kind,
        control=each.message.control_number,
        kind=each.document.kind.value,
        number=each.document.number,
        orders=each.document.orders,
        state=state,
        findings=len(each.findings),
    )


def _is_rejected(each: DocumentReading) -> bool:
    result = MessageResult(
        kind=each.message.kind,
        control_number=each.message.control_number,
        findings=each.findings,
    )
    return message_code(result) == "R"


def _told(finding: Finding) -> str:
    """Say what is wrong and in which segment of the file, counted from the first."""
    index = finding.where.index
    return finding.text if index is None else f"{finding.text} (segment {index + 1} of the file)"


def _finding(finding: Finding) -> FindingNote:
    where = finding.where
    return FindingNote(
        severity=finding.severity.value,
        code=finding.code.value,
        text=finding.text,
        segment=where.index,
        offset=where.offset,
        element=where.element,
    )


def _message(
    kept: Interchange, each: DocumentReading, partner: Partner, known: Known
) -> Iterator[object]:
    if _is_rejected(each):
        texts = [_told(f) for f in each.findings if f.severity is Severity.ERROR]
        yield ix.QuarantineMessage(
            interchange=kept.id, index=each.index, code="UNREADABLE", reasons=tuple(texts[:20])
        )
        return
    message = each.message
    place = f"{message.kind}/{message.control_number}"
    sender = Sender(
        supplier=partner.id,
        currency=known.currency(partner.id),
        source=str(Ref(Interchange.KIND, kept.id)),
        place=place,
        sent_at=_sent_at(each),
        sites=partner.sites,
    )
    try:
        acts: tuple[object, ...] = (
            _functional(each, sender)
            if each.document.kind is DocumentKind.FUNCTIONAL_ACKNOWLEDGMENT
            else statements(each.document, sender)
        )
    except Refused as no:
        yield ix.QuarantineMessage(
            interchange=kept.id,
            index=each.index,
            code=no.reasons[0].code,
            reasons=tuple(reason.told for reason in no.reasons),
        )
        return
    for part, act in enumerate(acts):
        yield ix.TakeMessage(
            interchange=kept.id,
            index=each.index,
            fingerprint=_fingerprint(partner, each, part),
            keys=each.document.orders,
            control=message.interchange.control_number.strip(),
            statement=act,
        )


def _functional(each: DocumentReading, sender: Sender) -> tuple[object, ...]:
    return tuple(
        ix.RecordFunctionalAnswer(
            partner=sender.supplier,
            group=answer.group_control_number.strip(),
            code=answer.code,
            notes=tuple(f"{m.control_number}: {m.code}" for m in answer.messages),
            source=sender.source,
        )
        for answer in read_functional_acknowledgment(each.message)
    )


def _sent_at(each: DocumentReading) -> datetime | None:
    """The instant that the envelope states; X12 states no zone, so it is taken as UTC."""
    isa, group = each.message.interchange, each.message.group
    day, clock = (group.date, group.time) if group else (isa.date, isa.time)
    if _DAY_AND_TIME.fullmatch(f"{day} {clock[:4]}"):  # as nearly everybody writes it
        with suppress(ValueError):
            year, month, date = int(day[:4]), int(day[4:6]), int(day[6:])
            return datetime(year, month, date, int(clock[:2]), int(clock[2:4]), tzinfo=UTC)
    for text, form in ((f"{day}{clock[:4]}", "%Y%m%d%H%M"), (f"{day}{clock[:4]}", "%y%m%d%H%M")):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _fingerprint(partner: Partner, each: DocumentReading, part: int) -> str:
    """Mark a message: the same one sent again, whole or in another file, has the same mark."""
    digest = sha256(f"{partner.id}\x1f{part}\x1f".encode())
    group = each.message.group
    digest.update(f"{group.control_number if group else ''}\x1f".encode())
    for segment in each.message.segments:
        digest.update("\x1e".join(segment.elements).encode("utf-8", "surrogateescape") + b"\x1f")
    return digest.hexdigest()
