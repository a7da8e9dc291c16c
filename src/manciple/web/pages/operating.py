"""The pages of those who run the house: lines, partners' files, definitions, people, the audit."""

from typing import Protocol

from fastapi import APIRouter

from manciple.web.pages.administering import Administering
from manciple.web.pages.auditing import Auditing
from manciple.web.pages.connecting import Connecting
from manciple.web.pages.delegating import Delegating
from manciple.web.pages.desk import Desk
from manciple.web.pages.governing import Governing
from manciple.web.pages.partnering import Partnering


class Workplace(Protocol):
    """Some pages that stand on a desk."""

    def router(self) -> APIRouter:
        """Give the addresses."""
        ...


def workplaces(desk: Desk) -> tuple[Workplace, ...]:
    """Give them all."""
    return (
        Connecting(desk),
        Partnering(desk),
        Administering(desk),
        Delegating(desk),
        Auditing(desk),
        Governing(desk),
    )
