"""The timeline's swim-lanes: one column per system, and the thread that runs from one to the next.

    requester  o
    order       `-o
    erp            `-o      each row of the list carries its own piece of the drawing

Pieces are drawn in pixels from the row's top; what runs down runs to 100 % of the row's height,
so a row may grow when its reasons are unfolded.
"""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from manciple.intelligence.tracing import Health, System, TraceStep
from manciple.web.language import gettext, said

LANE: Final = 24
_MIDDLE: Final = 17  # of the first text line
_DOT: Final = 9
_FAR: Final = 9999  # cut off at the end of the row
_NAMES: Final = {System.ERP: "ERP", System.CASE: said("Exception")}


def name(system: System) -> str:
    """Name a system as people do; what the code calls a case is an exception to them."""
    return gettext(_NAMES.get(system, system.capitalize()))


def used(steps: Sequence[TraceStep]) -> tuple[System, ...]:
    """Give the systems that took part, in their fixed order."""
    present = {step.system for step in steps}
    return tuple(system for system in System if system in present)


def pieces(steps: Sequence[TraceStep], icons: str) -> tuple[Markup, ...]:
    """Draw one piece per step; ``icons`` is the address of the icon sprite."""
    systems = used(steps)
    place = {system: LANE // 2 + n * LANE for n, system in enumerate(systems)}
    drawn = []
    for n, step in enumerate(steps):
        before = place[steps[n - 1].system] if n else None
        is_last = n == len(steps) - 1
        drawn.append(_piece(step, place, before=before, is_last=is_last, icons=icons))
    return tuple(drawn)


def _piece(
    step: TraceStep, place: dict[System, int], *, before: int | None, is_last: bool, icons: str
) -> Markup:
    x = place[step.system]
    width = LANE * len(place)
    lines = Markup('<path class="lane" d="{}"/>').format(
        "".join(f"M{at} 0V{_FAR}" for at in place.values())
    )
    if before is None:
        arriving = Markup("")
    elif before == x:
        arriving = Markup('<path class="lane-thread" d="M{0} 0V{1}"/>').format(x, _MIDDLE)
    else:
        corner = 8 if x > before else -8
        arriving = Markup(
            '<path class="lane-thread" d="M{before} 0V{up}Q{before} {y} {turn} {y}H{x}"/>'
        ).format(before=before, up=_MIDDLE - 8, y=_MIDDLE, turn=before + corner, x=x)
    leaving = (
        Markup("")
        if is_last
        else Markup('<line class="lane-thread" x1="{0}" x2="{0}" y1="{1}" y2="100%"/>').format(
            x, _MIDDLE
        )
    )
    return Markup(
        '<svg width="{width}" height="1" aria-hidden="true"></svg>'
        '<svg class="event-lanes" width="{width}" height="100%" aria-hidden="true">'
        "{lines}{arriving}{leaving}"
        '<circle class="lane-dot{kind}" cx="{x}" cy="{y}" r="{dot}"/>'
        '<svg class="lane-icon" x="{ix}" y="{iy}" width="11" height="11">'
        '<use href="{icons}#{system}"/></svg></svg>'
    ).format(
        width=width,
        lines=lines,
        arriving=arriving,
        leaving=leaving,
        kind=_kind(step.health),
        x=x,
        y=_MIDDLE,
        dot=_DOT,
        ix=x - 5.5,
        iy=_MIDDLE - 5.5,
        icons=icons,
        system=step.system,
    )


def _kind(health: Health) -> str:
    return f" lane-dot-{health}" if health in {Health.TROUBLE, Health.WAITING} else ""
