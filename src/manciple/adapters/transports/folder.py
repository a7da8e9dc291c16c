"""Trading over folders: we put files where the partner takes them, and take what it put.

outbound/             finished files for the partner, never half of one
inbound/              what the partner put; a file is taken when it has stopped growing
home/aside/           being written
home/sent/            one note for each file that was handed over: its digest
home/processing/      taken, not settled yet: given again after a crash
home/archive/         settled: the bytes are kept by us
home/quarantine/      nobody could read it: the file, whole, and a note with the reason
"""

import hashlib
import os
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path

from manciple.adapters.transports.disk import Disk
from manciple.processes.ports import (
    Delivered,
    DeliveryRefusedError,
    InboundFile,
    OutboundMessage,
)

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,119}")
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".processing")
SIZE_LIMIT = 100_000_000
"""Bytes that a file may have; a larger one is put in quarantine unread."""


class FolderTransport:
    """Files over folders; all of ``home`` must be on one file system with the other two."""

    def __init__(
        self,
        home: Path,
        *,
        partner: str | None = None,
        outbound: Path | None = None,
        inbound: Path | None = None,
        settle_seconds: float = 1.0,
        size_limit: int = SIZE_LIMIT,
        disk: Disk | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Trade below ``home``; make the folders that are missing.

        ``partner`` is whom the folders belong to; None: the files must say it. A file is taken
        when two looks ``settle_seconds`` apart find it unchanged; 0 takes it at once, for
        partners that rename finished files into place.
        """
        self._partner, self._disk = partner, disk or Disk()
        self._settle, self._limit, self._monotonic = settle_seconds, size_limit, monotonic
        self.outbound, self.inbound = outbound or home / "out", inbound or home / "in"
        self._out, self._in = str(self.outbound), str(self.inbound)
        self._aside, self._sent = f"{home}/aside", f"{home}/sent"
        self._processing, self._archive = f"{home}/processing", f"{home}/archive"
        self._quarantine = f"{home}/quarantine"
        self._seen: dict[str, tuple[int, int, float]] = {}
        for folder in (self._out, self._in, self._aside, self._sent):
            Path(folder).mkdir(parents=True, exist_ok=True)
        for folder in (self._processing, self._archive, self._quarantine):
            Path(folder).mkdir(parents=True, exist_ok=True)

    # --- out

    def find(self, message: OutboundMessage) -> Delivered | None:
        """Say whether the file was handed over, by the note about it or because it lies there."""
        name = _plain(message.file_name)
        place = f"{self._out}/{name}"
        noted = self._disk.read(f"{self._sent}/{name}")
        if noted is not None and len(noted) == len(message.digest):
            _same(noted.decode("ascii"), message)
            return Delivered(place=place)
        lying = self._disk.read(place)
        if lying is None:
            return None
        _same(hashlib.sha256(lying).hexdigest(), message)
        self._note(name, message)
        return Delivered(place=place)

    def deliver(self, message: OutboundMessage) -> Delivered:
        """Write aside, flush, rename into place, then note it; again does nothing twice.

        Raises:
            DeliveryRefusedError: the name is not plain, the bytes are not those of the digest, or
                other bytes were handed over under this name.
        """
        name = _plain(message.file_name)
        if hashlib.sha256(message.content).hexdigest() != message.digest:
            raise DeliveryRefusedError(f"{name}: the bytes are not those of the digest")
        known = self.find(message)
        if known is not None:
            return known
        aside, place = f"{self._aside}/{name}", f"{self._out}/{name}"
        self._disk.write(aside, message.content)
        self._disk.publish(aside, place)
        self._note(name, message)
        return Delivered(place=place)

    def _note(self, name: str, message: OutboundMessage) -> None:
        """Note the digest in place: half a note, after a crash, is read as none."""
        self._disk.write(f"{self._sent}/{name}", message.digest.encode("ascii"))

    # --- in

    def collect(self) -> tuple[InboundFile, ...]:
        """Give what was taken and not settled, then take what has stopped growing, by name."""
        for name in sorted(os.listdir(self._in)):  # noqa: PTH208  texts, as `Disk` says
            if self._is_whole(name):
                self._claim(name)
        taken = sorted(os.listdir(self._processing))  # noqa: PTH208  as above
        files = (self._read(name) for name in taken)
        return tuple(file for file in files if file is not None)

    def archive(self, file: InboundFile) -> None:
        """Settle a file; settling it again does nothing."""
        self._settle_into(self._archive, file)

    def quarantine(self, file: InboundFile, reason: str) -> None:
        """Put a file aside, whole, with a note of the reason beside it."""
        target = f"{self._quarantine}/{file.digest[:16]}-{file.place}"
        self._disk.write(f"{target}.reason.txt", reason.encode("utf-8"))
        self._settle_into(self._quarantine, file)

    def _settle_into(self, folder: str, file: InboundFile) -> None:
        source = f"{self._processing}/{_plain(file.place)}"
        try:
            self._disk.move(source, f"{folder}/{file.digest[:16]}-{file.place}")
        except FileNotFoundError:
            return  # it was settled before

    def _is_whole(self, name: str) -> bool:
        if name.startswith(".") or name.lower().endswith(_UNFINISHED):
            return False
        try:
            found = os.lstat(f"{self._in}/{name}")
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(found.st_mode):
            return False
        if not self._settle:
            return True
        now = self._monotonic()
        size, changed, since = self._seen.get(name, (-1, -1, now))
        if (size, changed) != (found.st_size, found.st_mtime_ns):
            self._seen[name] = (found.st_size, found.st_mtime_ns, now)
            return False
        return now - since >= self._settle

    def _claim(self, name: str) -> None:
        tamed = _tamed(name)
        target, again = f"{self._processing}/{tamed}", 1
        while os.path.exists(target):  # noqa: PTH110  as above
            again += 1
            target = f"{self._processing}/{tamed}.{again}"
        try:
            self._disk.move(f"{self._in}/{name}", target)
        except FileNotFoundError:
            return  # another worker took it
        self._seen.pop(name, None)

    def _read(self, name: str) -> InboundFile | None:
        path = f"{self._processing}/{name}"
        try:
            size = os.stat(path).st_size  # noqa: PTH116  as above
        except FileNotFoundError:
            return None  # another worker settled it
        content = b"" if size > self._limit else self._disk.read(path)
        if content is None:
            return None
        file = InboundFile(
            partner=self._partner,
            place=name,
            file_name=name,
            digest=hashlib.sha256(content).hexdigest(),
            content=content,
        )
        if size > self._limit:
            self.quarantine(file, f"{size} bytes are more than {self._limit}")
            return None
        return file


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise DeliveryRefusedError(
            f"{name[:80]!r} is no plain file name: letters, digits, '.', '_' and '-' are wanted"
        )
    return name


def _tamed(name: str) -> str:
    """Make a foreign name plain; its bytes matter, not what it was called."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)[:100].lstrip(".-")
    return plain or "unnamed"


def _same(digest: str, message: OutboundMessage) -> None:
    if digest.strip() != message.digest:
        raise DeliveryRefusedError(
            f"{message.file_name} was handed over with other bytes (interchange"
            f" {message.interchange}): give the new one a number of its own"
        )
