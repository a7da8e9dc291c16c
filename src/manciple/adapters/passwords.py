"""Passwords: hashed and checked by argon2id, a few at a time.

Source of the parameters: RFC 9106, 4, the second recommended option (64 MiB, three passes).
"""

import threading
from functools import cache
from hashlib import sha256
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE: Final = 4
"""Checks that run together; each takes 64 MiB while it runs."""


class Passwords:
    """Hashes passwords and checks them."""

    def __init__(self) -> None:
        """Use the recommended parameters."""
        self._hasher = PasswordHasher()
        self._room = threading.Semaphore(_AT_ONCE)
        _nobodys()

    def digest(self, password: str, *, seed: str = "") -> str:
        """Give what may be kept in a password's place.

        Args:
            password: as typed.
            seed: where given, the salt follows from it, so that a request that is sent again
                gives the same digest; it must be used for one password once.
        """
        salt = sha256(seed.encode()).digest()[:16] if seed else None
        with self._room:
            return self._hasher.hash(password, salt=salt)

    def is_right(self, password: str, digest: str | None) -> bool:
        """Say whether this is the password; without a digest it takes as long, and is not."""
        with self._room:
            try:
                self._hasher.verify(digest or _nobodys(), password)
            except (VerificationError, InvalidHashError):
                return False
        return digest is not None


@cache
def _nobodys() -> str:
    """Give a digest to check against where somebody has none; made once in a process."""
    return PasswordHasher().hash("the password of nobody at all")
