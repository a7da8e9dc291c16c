"""Where the keys lie that sign links: in the settings, or in a file of the home, for us alone."""

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from manciple.governance.link import SHORTEST_KEY, Keys, LinkKeyError

FILE = "link.keys"
_PRIVATE = 0o600


class KeyRing:
    """Gives the keys that sign and prove links, read again when their file has changed.

    Nodes that don't share a home must share the keys through the settings.
    """

    def __init__(
        self,
        home: Path,
        *,
        told: str | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Read from ``told`` where the settings hold keys, else from the home's own file."""
        self._file, self._random = home / FILE, random
        self._told = Keys.parse(told) if told else None
        self._read: tuple[tuple[int, int], Keys] | None = None

    def keys(self) -> Keys:
        """Give the keys; the first time that a home is asked, one is made for it.

        Raises:
            LinkKeyError: the file can be read by others, or holds no keys.
        """
        if self._told is not None:
            return self._told
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._make()
            found = self._file.stat()
        mark = (found.st_mtime_ns, found.st_ino)
        if self._read is None or self._read[0] != mark:
            if stat.S_IMODE(found.st_mode) & 0o077:
                raise LinkKeyError(f"{self._file} can be read by others: chmod 600 it")
            self._read = mark, Keys.parse(self._file.read_text("ascii"))
        return self._read[1]

    def rotate(self) -> str:
        """Let a new key sign; the earlier ones still prove the links that are out. Gives its id.

        Raises:
            LinkKeyError: the keys stand in the settings, and are changed there.
        """
        if self._told is not None:
            raise LinkKeyError("the keys stand in MANCIPLE_LINK_KEYS: put the new one first there")
        known = self.keys()
        numbers = [int(name[1:]) for name in known.secrets if name[1:].isdecimal()]
        name = f"k{max(numbers, default=0) + 1}"
        changed = known.with_new(name, self._random(SHORTEST_KEY))
        aside = self._file.with_name(f"{FILE}.{os.getpid()}")
        self._write(aside, changed)
        aside.replace(self._file)
        return name

    def _make(self) -> None:
        """Make the first key; whoever of two processes comes second takes the other's."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        aside = self._file.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        self._write(aside, Keys({"k1": self._random(SHORTEST_KEY)}))
        try:
            os.link(aside, self._file)
        except FileExistsError:
            pass
        finally:
            aside.unlink(missing_ok=True)

    @staticmethod
    def _write(path: Path, keys: Keys) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(keys.text())
            file.flush()
            os.fsync(file.fileno())
