"""The few things done to files, each of which may be the last one before a crash."""

import os
from io import FileIO
from pathlib import Path


class Disk:
    """Writes and moves files so that a crash leaves the old state or the new one.

    Places are plain texts: a trading day reads and moves thousands of small files, and to take a
    ``Path`` apart and put it together costs more than what is done to the file.

    With ``flush=False`` only a crash of the program is survived, not one of the machine: for
    simulated worlds.
    """

    def __init__(self, *, flush: bool = True) -> None:
        """Flush to the disk, or leave that to the operating system."""
        self._flushes = flush

    @staticmethod
    def read(path: str) -> bytes | None:
        """Give a file's bytes; None when there is no file."""
        try:
            with FileIO(path) as file:
                return file.readall()
        except FileNotFoundError:
            return None

    def write(self, path: str, data: bytes) -> None:
        """Write a file and flush it to the disk."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if self._flushes:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def publish(self, source: str, target: str) -> None:
        """Rename a written file to where others see it, for good."""
        self.move(source, target)
        if self._flushes:
            self._flush(str(Path(target).parent))

    def move(self, source: str, target: str) -> None:
        """Rename within one file system, at once or not at all.

        It may be undone by a crash of the machine: for moves that are simply made again.
        """
        os.replace(source, target)  # noqa: PTH105  texts

    @staticmethod
    def _flush(folder: str) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
