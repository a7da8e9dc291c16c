"""The few things done to files, each of which may be the last one before a crash."""

import os
from pathlib import Path


class Disk:
    """Writes and moves files so that a crash leaves the old state or the new one."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a file and flush it to the disk."""
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def move(self, source: Path, target: Path) -> None:
        """Rename within one file system; the target appears at once or not at all."""
        source.replace(target)
        self._flush(target.parent)
        if source.parent != target.parent:
            self._flush(source.parent)

    def remove(self, path: Path) -> None:
        """Remove a file that may be gone already."""
        path.unlink(missing_ok=True)

    @staticmethod
    def _flush(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
