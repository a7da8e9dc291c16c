"""Answering: the 997 or 999, and the TA1, that a file is due; numbered when they are written.

    group of an 850, version 004010   ->  997 in a group of that version
    group of an 850, version 005010   ->  999, or 997 where the partner's profile says so

All answers to one application of the sender and of one version go in one group, each a message of
its own. What is addressed otherwise goes in a file of its own, so that every file of ours has one
group with the file's own number, and the partner's answer to it finds it.

Source: X12 004010, transaction set 997; X12 005010, transaction set 999.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from manciple.exchange import interchange as ix
from manciple.exchange.partner import AnswerSet, Partner
from manciple.exchange.reading import InterchangeReading
from manciple.formats.x12.acknowledge import (
    functional_acknowledgment,
    interchange_acknowledgment,
    wants_interchange_acknowledgment,
)
from manciple.formats.x12.messages import Group, GroupResult, Interchange
from manciple.formats.x12.write import Address, OutgoingGroup, OutgoingInterchange

_FIRST_WITH_999 = "005010"
"""The first version in which a 999 is sent unless the partner's profile says otherwise."""


def answer_set(partner: Partner, version: str) -> str:
    """Say which set answers a group of this version (GS08): ``997`` or ``999``."""
    if partner.answers is AnswerSet.BY_VERSION:
        return "999" if version[:6] >= _FIRST_WITH_999 else "997"
    return partner.answers.value


def answers_to(each: InterchangeReading, partner: Partner) -> Iterator[ix.Answer]:
    """Give the technical answers that one interchange is due, without our control numbers.

    Groups that are themselves 997 or 999 are never answered.
    """
    isa = each.result.interchange
    if isa is None:
        return
    wants = wants_interchange_acknowledgment(each.result)
    ta1 = interchange_acknowledgment(each.result, each.groups) if wants else None
    bundles: dict[tuple[str, ...], list[GroupResult]] = {}
    for result in each.groups:
        group = result.group
        if group.kind != "FA":
            key = (group.sender, group.receiver, _version(group))
            bundles.setdefault(key, []).append(result)
    if ta1 and not bundles:
        yield ix.Answer(kind="TA1", unnumbered=_outgoing(isa, (), (ta1,)))
    for place, results in enumerate(bundles.values()):
        kind = answer_set(partner, _version(results[0].group))
        tops = (ta1,) if ta1 and place == 0 else ()
        yield ix.Answer(kind=kind, unnumbered=_outgoing(isa, (_group(results, kind),), tops))


def _version(group: Group) -> str:
    """Give the version of a group without the industry's suffix."""
    return group.version[:6] or "004010"


def _group(results: list[GroupResult], kind: str) -> OutgoingGroup:
    first = results[0].group
    return OutgoingGroup(
        sender=first.receiver,
        receiver=first.sender,
        control_number=0,
        version=_version(first),
        messages=tuple(
            functional_acknowledgment(result, control_number=f"{n:04}", kind=kind)
            for n, result in enumerate(results, 1)
        ),
    )


def _outgoing(
    isa: Interchange, groups: tuple[OutgoingGroup, ...], tops: tuple[tuple[str, ...], ...]
) -> OutgoingInterchange:
    five = len(isa.version) == 5  # noqa: PLR2004
    return OutgoingInterchange(
        sender=Address(qualifier=isa.receiver_qualifier, identifier=isa.receiver.strip()),
        receiver=Address(qualifier=isa.sender_qualifier, identifier=isa.sender.strip()),
        control_number=0,
        at=datetime(2000, 1, 1, tzinfo=UTC),
        groups=groups,
        answers=tops,
        version=isa.version if five else "00401",
        usage=isa.usage if len(isa.usage) == 1 else "P",
        separators=isa.separators,
    )
