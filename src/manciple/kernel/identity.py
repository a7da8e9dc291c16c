"""Ids and numbers that follow from a command's key, so that a repeat makes the same document.

No counter is asked, so two workers never wait for one another, and a simulated run gives the same
numbers on any database.
"""

from hashlib import sha1
from uuid import UUID, uuid5

NAMESPACE = UUID("6f2b2a5e-93a1-5d0c-9d0b-8f1c5a0f7d11")
"""Names every uuid5 of this program. Never change it: ids would move."""
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits that people don't mix up. Source: D. Crockford, Base 32 (no I, L, O, U)."""
_DIGITS = 12
_PAIRS = tuple(one + other for one in _CROCKFORD for other in _CROCKFORD)
_SHIFTS = tuple(range(5 * _DIGITS - 10, -1, -10))


def identity(*parts: str) -> UUID:
    """Give the id that belongs to these words, the same on every machine."""
    return uuid5(NAMESPACE, "\x1f".join(parts))


def number(prefix: str, *parts: str) -> str:
    """Give a business number such as ``PO-4T0C9M2K7QWE``: 60 bits of the id, readable aloud."""
    named = "\x1f".join((prefix, *parts)).encode()
    digest = bytearray(sha1(NAMESPACE.bytes + named, usedforsecurity=False).digest()[:8])
    digest[6] = digest[6] & 0x0F | 0x50  # the version, as uuid5 sets it
    bits = int.from_bytes(digest, "big") >> (64 - 5 * _DIGITS)
    digits = [_PAIRS[bits >> shift & 1023] for shift in _SHIFTS]
    return f"{prefix}-{''.join(digits)}"
