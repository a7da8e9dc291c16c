"""Who asks for what, once: actors, commands and the names of roles.

A command is an *act* (an imperative record such as ``SubmitRequisition``) with the actor, the
instant and the idempotency key. The same key applied twice is one application; the same key with
another act is refused.
"""

from datetime import datetime
from enum import StrEnum

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass


class Role(StrEnum):
    """What a person or a program may be here; permissions hang on roles."""

    REQUESTER = "requester"
    PLANNER = "planner"
    MAINTENANCE = "maintenance"
    APPROVER = "approver"
    BUYER = "buyer"
    AP_CLERK = "ap_clerk"
    AP_LEAD = "ap_lead"
    WAREHOUSE_LEAD = "warehouse_lead"
    QUALITY = "quality"
    INTEGRATION = "integration"
    PROCESS_OWNER = "process_owner"
    STEWARD = "steward"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SUPPLIER = "supplier"
    WAREHOUSE_SYSTEM = "warehouse_system"
    SYSTEM = "system"


class NaiveTimeError(MancipleError):
    """A time without a zone; nobody can know which instant it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever acts: a person, a partner or this program itself.

    Attributes:
        id: the person's or program's name in the register, ``ana.ruiz`` or ``manciple``.
        sites: the sites that the actor works for; none means every site.
        supplier: the supplier that the actor speaks for, and the only one whose papers it sees.
        on_behalf_of: the person whose power is used, when it is a delegate who acts.
    """

    id: str
    roles: tuple[Role, ...]
    sites: tuple[str, ...] = ()
    supplier: str | None = None
    on_behalf_of: str | None = None

    def has(self, *roles: Role) -> bool:
        """Say whether the actor has one of these roles."""
        return any(role in self.roles for role in roles)


SYSTEM = Actor(id="manciple", roles=(Role.SYSTEM,))
"""This program acting by itself: a timer, a process, an outcome. No door may claim it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An act, by somebody, at an instant, under a key that makes it happen once.

    Attributes:
        key: the idempotency key; unique over all doors.
        act: the imperative record, one of the registered acts.
        correlation: joins everything that came of one cause; defaults to the key.
        door: where it came in: ``api``, ``cli``, ``edi``, ``timer``, ``effect``, ``process``, ...
        expects: versions that documents must still have, as (ref, version), by ``If-Match``.
            A document that has moved on is refused with ``STALE`` and nothing changes.
        undo_seconds: for how long the act can be taken back, if it is one of those that can be;
            its effects leave only afterwards. 0: at once, as programs do it.
    """

    key: str
    act: object
    actor: Actor
    at: datetime
    correlation: str = ""
    door: str = "app"
    expects: tuple[tuple[str, int], ...] = ()
    undo_seconds: int = 0

    def __post_init__(self) -> None:
        """Refuse a time without a zone."""
        if self.at.tzinfo is None:
            raise NaiveTimeError(f"command {self.key} has a time without a zone: {self.at}")

    @property
    def cause(self) -> str:
        """The correlation id: given, or the command's own key."""
        return self.correlation or self.key
