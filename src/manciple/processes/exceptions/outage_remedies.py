"""Remedies of a connection through which nothing gets: it is known, and tried again by itself."""

from manciple.processes.exceptions.remedy import Remedy
from manciple.processes.exceptions.subjects import ENDPOINT


def remedies() -> tuple[Remedy, ...]:
    """Give the remedies of an outage."""
    return (
        Remedy(
            name="accept",
            on=(ENDPOINT,),
            effect="It is known; what waits is tried again by itself, and leaves in its order.",
        ),
    )
