"""Handlers of the exchange: keep, read, take, quarantine, compose, send."""

from hashlib import sha256

from manciple.catalog.site import Site
from manciple.catalog.warehouse import SiteWarehouse, SiteWarehouseNamed
from manciple.exchange import by_mail, changing, counting, mending
from manciple.exchange import interchange as ix
from manciple.exchange.changing import Letter
from manciple.exchange.interchange import (
    Direction,
    Interchange,
    Quarantined,
    Taken,
    Waiting,
)
from manciple.exchange.mapping.maps import overlays
from manciple.exchange.mending import quarantine_id
from manciple.exchange.papers import SendPaper
from manciple.exchange.partner import (
    Partner,
    PartnerRegistered,
    RegisterPartner,
    SenderIndex,
    SenderIndexed,
    check,
    check_sender,
)
from manciple.exchange.ports import Composer
from manciple.formats.x12.write import write_interchange
from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.effects import Lane
from manciple.runtime.work import Work

_SYSTEM = frozenset({Role.SYSTEM})
_DOORS = frozenset({Role.SUPPLIER, Role.BUYER, Role.AP_CLERK, Role.INTEGRATION, Role.ADMIN,
                    Role.SYSTEM})  # fmt: skip
_STEWARDS = frozenset({Role.ADMIN, Role.STEWARD, Role.INTEGRATION, Role.SYSTEM})
_MENDERS = frozenset({Role.INTEGRATION, Role.ADMIN, Role.BUYER, Role.SYSTEM})


def register_partner(work: Work, act: RegisterPartner) -> Ref:
    """Keep a partner's profile and its envelope address."""
    partner = act.partner
    check(partner, overlays=overlays())
    row = check_sender(work.find(SenderIndex, partner.theirs.key), partner)
    known = work.find(Partner, partner.id)
    work.save(partner, PartnerRegistered(partner=partner))
    if row is not None:
        work.save(row, SenderIndexed(address=row.id, partner=row.partner))
    _name_sites(work, known, partner)
    return ref(partner)


def _name_sites(work: Work, known: Partner | None, partner: Partner) -> None:
    """Keep beside each site which partner keeps its goods."""
    left = (site for site in (known.sites if known else ()) if site not in partner.sites)
    for site, name in (*((s, None) for s in left), *((s, partner.id) for s in partner.sites)):
        row = work.find(SiteWarehouse, site)
        if row is not None and row.partner not in {None, partner.id}:
            raise refuse(
                "SITE_TAKEN",
                f"{row.partner} keeps the goods of {site}",
                field="partner.sites",
                fix=f"Take {site} from the profile of {row.partner} first.",
            )
        if row is None or row.partner != name:
            event = SiteWarehouseNamed(site=site, partner=name)
            work.save(SiteWarehouse(id=site, partner=name), event)


def receive(work: Work, act: ix.ReceiveInterchange) -> Ref:
    """Keep the bytes; what they say is found out after the commit."""
    ix.check_size(act.data)
    supplier = work.actor.supplier
    if supplier is not None and act.partner != supplier:
        raise refuse(
            "FORBIDDEN",
            f"{work.actor.id} sends for {supplier}, not for {act.partner}",
            field="partner",
        )
    kept = Interchange(
        id=number("IN", work.key),
        direction=Direction.IN,
        state="received",
        digest=work.keep_bytes(act.data),
        size=len(act.data),
        channel=act.channel,
        at=work.at,
        partner=act.partner,
        name=act.name,
        attempts=1,
    )
    event = ix.InterchangeReceived(
        interchange=kept.id,
        digest=kept.digest,
        size=kept.size,
        channel=kept.channel,
        partner=kept.partner,
    )
    work.save(kept, event)
    return ref(kept)


def record_reading(work: Work, act: ix.RecordReading) -> Ref:
    """Keep what was found, and write the technical answers that are due."""
    kept = work.get(Interchange, act.interchange)
    is_first = kept.mends is None
    counted = act.numbers if is_first else ()
    repeats = counting.count(work, kept, act.partner, counted) if act.partner else ()
    read = replace(
        kept,
        state="read" if act.is_readable else "unreadable",
        partner=act.partner or kept.partner,
        control=act.control,
        messages=act.messages,
        findings=(*act.findings, *repeats),
    )
    if act.is_readable:
        event: object = ix.InterchangeRead(
            interchange=read.id,
            partner=read.partner,
            control=read.control,
            messages=read.messages,
            findings=read.findings,
        )
    else:
        event = ix.InterchangeUnreadable(interchange=read.id, findings=read.findings)
    work.save(read, event)
    if read.partner is not None:
        for answer in act.answers if is_first else ():
            _answer(work, read.partner, answer)
    return ref(read)


def _answer(work: Work, partner: str, answer: ix.Answer) -> None:
    control = work.next_number(control_counter(partner))
    plain = answer.unnumbered
    groups = tuple(replace(group, control_number=control) for group in plain.groups)
    written = write_interchange(replace(plain, control_number=control, groups=groups, at=work.at))
    if written.content is None:
        texts = "; ".join(finding.text for finding in written.findings)
        raise refuse("UNWRITABLE", f"the {answer.kind} can't be written: {texts}")
    _compose(work, partner, control, written.content, answer.kind)


def control_counter(partner: str) -> str:
    """Name the counter of our control numbers to a partner: one for all that we send it.

    A number is taken in the transaction that writes the file, so none is skipped or used twice:
    what is refused or rolled back has taken none.
    """
    return f"control:{partner}"


def _compose(
    work: Work,
    partner: str,
    control: int,
    content: bytes,
    kind: str,
    order: PurchaseOrder | None = None,
    revision: int | None = None,
) -> Interchange:
    composed = Interchange(
        id=ix.outbound_id(partner, control),
        direction=Direction.OUT,
        state="composed",
        digest=work.keep_bytes(content),
        size=len(content),
        channel="edi",
        at=work.at,
        partner=partner,
        name=f"{kind}-{control:09d}.edi",
        control=f"{control:09d}",
        order=order.id if order else None,
        revision=(revision or order.revision) if order else None,
    )
    event = ix.InterchangeComposed(
        interchange=composed.id,
        partner=partner,
        control=f"{control:09d}",
        digest=composed.digest,
        name=composed.name or "",
        order=composed.order,
        revision=composed.revision,
        lane=order.lane if order else Lane.STANDARD,
    )
    work.save(composed, event, touches=(Ref(PurchaseOrder.KIND, order.id),) if order else ())
    if order is not None:
        work.link(order.thread, ref(composed), f"{control:09d}", composed.id, order.id)
    return composed


def take(work: Work, act: ix.TakeMessage) -> Ref:
    """Let a message's statement go on, once."""
    first = work.find(Taken, act.fingerprint)
    if first is not None:
        repeated = work.get(Interchange, act.interchange)
        again = ix.MessageRepeated(
            interchange=act.interchange, index=act.index, first=first.interchange
        )
        work.save(repeated, again)
        return ref(repeated)
    taken = Taken(id=act.fingerprint, interchange=act.interchange, index=act.index)
    event = ix.MessageTaken(
        interchange=act.interchange,
        index=act.index,
        statement_name=type(act.statement).__name__,
        statement=act.statement,
    )
    source = Ref(Interchange.KIND, act.interchange)
    work.save(taken, event, touches=(source,))
    for key in act.keys:
        for thread in work.threads(key):
            work.link(thread, source, act.interchange, act.control)
    waiting = work.find(Quarantined, quarantine_id(act.interchange, act.index))
    if waiting is not None and waiting.state == "waiting":
        ended = replace(waiting, state="ended", ended="matched")
        work.save(ended, ix.QuarantineEnded(quarantined=ended.id, how="matched"))
    return ref(taken)


def quarantine(work: Work, act: ix.QuarantineMessage) -> Ref:
    """Put a message aside; it stays with its position, its reasons and its age."""
    kept = work.get(Interchange, act.interchange)
    name = quarantine_id(act.interchange, act.index)
    known = work.find(Quarantined, name)
    aside = Quarantined(
        id=name,
        interchange=act.interchange,
        index=act.index,
        code=act.code,
        reasons=act.reasons,
        partner=kept.partner,
        waits_for=act.waits_for,
        state="waiting",
        since=known.since if known else work.at,
        attempts=known.attempts + 1 if known else 1,
    )
    event = ix.MessageQuarantined(
        quarantined=name,
        interchange=act.interchange,
        index=act.index,
        code=act.code,
        reasons=act.reasons,
        partner=kept.partner,
        waits_for=act.waits_for,
    )
    work.save(aside, event, touches=(ref(kept),))
    if act.waits_for is not None:
        row = work.find(Waiting, act.waits_for) or Waiting(id=act.waits_for, interchanges=())
        if act.interchange not in row.interchanges:
            row = replace(row, interchanges=(*row.interchanges, act.interchange))
            work.save(row, ix.WaitNoted(order=row.id, interchanges=row.interchanges))
    return ref(aside)


def reread(work: Work, act: ix.RereadInterchange) -> Ref:
    """Have a kept file read again; messages already taken stay taken."""
    kept = work.get(Interchange, act.interchange)
    if kept.direction is not Direction.IN:
        raise refuse("WRONG_STATE", f"{kept.id} is ours; there is nothing to read in it")
    again = replace(kept, attempts=kept.attempts + 1)
    event = ix.RereadingAsked(interchange=kept.id, why=act.why, attempt=again.attempts)
    work.save(again, event)
    return ref(kept)


def discard(work: Work, act: ix.DiscardQuarantined) -> Ref:
    """Decide that a quarantined message will never be applied."""
    aside = work.get(Quarantined, act.quarantined)
    if aside.state != "waiting":
        raise refuse("WRONG_STATE", f"{aside.id} is no longer waiting: {aside.ended}")
    ended = replace(aside, state="ended", ended=f"discarded: {act.reason}")
    work.save(ended, ix.QuarantineEnded(quarantined=ended.id, how=ended.ended or ""))
    return ref(ended)


def send_order(composer: Composer, work: Work, act: ix.SendOrder) -> Ref:
    """Write the order's present revision for its supplier."""
    order = work.get(PurchaseOrder, act.order)
    if by_mail.reads_mail(work, order.supplier):
        return by_mail.compose(work, order, 1)
    partner = work.peek(Partner, order.supplier)
    if partner is None:
        raise refuse(
            "NO_CHANNEL",
            f"{order.supplier} has no partner profile, so {order.id} can't be sent",
            field="supplier",
            rule="SC-5",
            fix=f"Register the partner {order.supplier}, then send the order again.",
        )
    site = work.peek(Site, order.site) or Site(id=order.site, name=order.site, company="")
    control = work.next_number(control_counter(partner.id))
    composed = composer(order, partner, site, control=control, at=work.at)
    if composed.content is None:
        raise refuse(
            "UNWRITABLE",
            f"{order.id} can't be written for {partner.id}: {'; '.join(composed.reasons)}",
            fix="Correct the item's or the partner's record, then send the order again.",
        )
    return ref(_compose(work, partner.id, control, composed.content, "850", order, 1))


def write_change(composer: Composer, work: Work, letter: Letter) -> Ref:
    """Write one revision of an order for its supplier, in the way that its profile names."""
    order, partner, revision = letter.order, letter.partner, letter.revision
    control = work.next_number(control_counter(partner.id))
    composed = composer(
        order, partner, letter.site, control=control, at=work.at, revision=revision
    )
    if composed.content is None:
        raise refuse(
            "UNWRITABLE",
            f"revision {revision.number} of {order.id} can't be written for {partner.id}:"
            f" {'; '.join(composed.reasons)}",
            fix="Correct the item's or the partner's record, then change the order again.",
        )
    kind = partner.changes.value
    kept = _compose(work, partner.id, control, composed.content, kind, order, revision.number)
    return ref(kept)


def send_paper(composer: Composer, work: Work, act: SendPaper) -> Ref:
    """Write a paper that is no order, under the partner's next control number."""
    partner = work.peek(Partner, act.partner)
    if partner is None:
        raise refuse("NO_CHANNEL", f"{act.partner} has no partner profile", field="partner")
    control = work.next_number(control_counter(partner.id))
    written = composer.paper(act.paper, act.message, partner, control=control, at=work.at)
    if written.content is None:
        raise refuse(
            "UNWRITABLE",
            f"the {act.message} about {act.about} can't be written for {partner.id}: "
            f"{'; '.join(written.reasons)}",
            fix="Correct the partner's or the item's record.",
        )
    composed = _compose(work, partner.id, control, written.content, act.message)
    if act.thread:
        work.link(act.thread, ref(composed), f"{control:09d}", composed.id)
    return ref(composed)


def record_sent(work: Work, act: ix.RecordInterchangeSent) -> Ref:
    """Note that the partner's endpoint took a file."""
    kept = work.get(Interchange, act.interchange)
    if kept.state == "composed":
        event = ix.InterchangeSent(
            interchange=kept.id,
            partner=kept.partner or "",
            order=kept.order,
            revision=kept.revision,
        )
        work.save(replace(kept, state="sent"), event)
    return ref(kept)


def record_undeliverable(work: Work, act: ix.RecordUndeliverable) -> Ref:
    """Note that nobody took a file."""
    kept = work.get(Interchange, act.interchange)
    event = ix.InterchangeUndeliverable(
        interchange=kept.id, partner=kept.partner or "", reason=act.reason
    )
    work.save(replace(kept, state="undeliverable"), event)
    return ref(kept)


def record_functional_answer(work: Work, act: ix.RecordFunctionalAnswer) -> Ref | None:
    """Note the partner's 997 on the file that it speaks of."""
    if not act.group.isdigit():
        raise refuse("UNKNOWN_GROUP", f"group {act.group} is none of ours", field="AK102")
    kept = work.find(Interchange, ix.outbound_id(act.partner, int(act.group)))
    if kept is None:
        raise refuse(
            "UNKNOWN_GROUP",
            f"we never sent group {act.group} to {act.partner}",
            field="AK102",
            rule="X12 004010, AK1",
        )
    answered = ix.answered(kept, act.code)
    event = ix.InterchangeAnswered(
        interchange=kept.id, partner=act.partner, code=act.code, notes=act.notes
    )
    work.save(answered, event)
    return ref(answered)


def fingerprint(*parts: bytes) -> str:
    """Give the mark by which the same message sent again is known."""
    return sha256(b"\x1f".join(parts)).hexdigest()


def handles(composer: Composer) -> tuple[Handles, ...]:
    """Give the rows of the command registry that this room answers for."""

    def send(work: Work, act: ix.SendOrder) -> Ref:
        return send_order(composer, work, act)

    def write(work: Work, act: SendPaper) -> Ref:
        return send_paper(composer, work, act)

    def write_letter(work: Work, letter: Letter) -> Ref:
        return write_change(composer, work, letter)

    return (
        Handles(act=SendPaper, handle=write, by=_SYSTEM),
        Handles(act=RegisterPartner, handle=register_partner, by=_STEWARDS),
        Handles(act=ix.ReceiveInterchange, handle=receive, by=_DOORS),
        Handles(act=ix.RecordReading, handle=record_reading, by=_SYSTEM),
        Handles(act=ix.TakeMessage, handle=take, by=_SYSTEM),
        Handles(act=ix.QuarantineMessage, handle=quarantine, by=_SYSTEM),
        Handles(act=ix.RereadInterchange, handle=reread, by=_MENDERS),
        Handles(act=ix.DiscardQuarantined, handle=discard, by=_MENDERS),
        Handles(act=ix.SendOrder, handle=send, by=_SYSTEM),
        Handles(act=ix.RecordInterchangeSent, handle=record_sent, by=_SYSTEM),
        Handles(act=ix.RecordUndeliverable, handle=record_undeliverable, by=_SYSTEM),
        Handles(act=ix.RecordFunctionalAnswer, handle=record_functional_answer, by=_SYSTEM),
        *counting.handles(),
        *mending.handles(),
        *changing.handles(write_letter),
        *by_mail.handles(),
    )
