"""What pages read about approvals: which steps lay before somebody."""

from typing import Protocol


class Assignments(Protocol):
    """Reads which steps of approvals lay before somebody."""

    def newest(self, person: str, *, most: int) -> tuple[tuple[str, int], ...]:
        """Give approval and step number, the last asked first, each once for each asking."""
        ...
