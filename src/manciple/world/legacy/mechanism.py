"""What Manciple does otherwise: one switch for each mechanism, for ablations."""

from enum import StrEnum, auto


class Mechanism(StrEnum):
    """One thing that Manciple does and that was done by hand and mail before."""

    APPROVALS = auto()
    DISPATCH = auto()
    ANSWERS = auto()
    CHASING = auto()
    RECEIPTS = auto()
    MATCHING = auto()


MEANING = {
    Mechanism.APPROVALS: "approvers are told at once, not by mail that they find",
    Mechanism.DISPATCH: "the order goes to ERP and supplier by itself, not by keying and mail",
    Mechanism.ANSWERS: "each answer is compared line by line, not read when there is time",
    Mechanism.CHASING: "silence and lateness become cases by themselves, not by a weekly list",
    Mechanism.RECEIPTS: "counts are booked at once, not keyed on the next working day",
    Mechanism.MATCHING: "bills are matched by rule, only the odd ones reach a clerk",
}
ALL = frozenset(Mechanism)
"""Manciple's way."""
NONE: frozenset[Mechanism] = frozenset()
"""The way before."""
