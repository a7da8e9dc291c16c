"""Ids and numbers that follow from a command's key, so that a repeat makes the same document.

No counter is asked, so two workers never wait for one another, and a simulated run gives the same
numbers on any database.
"""

from uuid import UUID, uuid5

NAMESPACE = UUID("6f2b2a5e-93a1-5d0c-9d0b-8f1c5a0f7d11")
"""Names every uuid5 of this program. Never change it: ids would move."""
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits that people don't mix up. Source: D. Crockford, Base 32 (no I, L, O, U)."""
_DIGITS = 12


def identity(*parts: str) -> UUID:
    """Give the id that belongs to these words, the same on every machine."""
    return uuid5(NAMESPACE, "\x1f".join(parts))


def number(prefix: str, *parts: str) -> str:
    """Give a business number such as ``PO-4T0C9M2K7QWE``: 60 bits of the id, readable aloud."""
    bits = identity(prefix, *parts).int >> (128 - 5 * _DIGITS)
    digits = (_CROCKFORD[bits >> 5 * place & 31] for place in reversed(range(_DIGITS)))
    return f"{prefix}-{''.join(digits)}"
