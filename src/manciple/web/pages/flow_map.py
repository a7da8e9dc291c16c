"""A flow drawn from its definition: layers from top to bottom, each step a link.

        [need stated]            the way that everything goes: one layer a step
              |         |
         [agreed] ------- (case)    what goes wrong, on a line of its own
        |     |         |
  (refused) [placed] ---           ends stand on the left

A step stands one layer below the deepest step that leads to it; a way back is broken and runs on
the left of what it passes. Source of the layering: longest path, as in Sugiyama, Tagawa and Toda,
"Methods for visual understanding of hierarchical system structures", 1981.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from manciple.processes.flow import Flow, StepKind
from manciple.processes.flow.definition import Step
from manciple.web.language import gettext

_W, _H, _GAP = 268, 58, 28
_END_W, _CASE_W = 176, 176
_LEFT: Final = 8
_SPINE: Final = _LEFT + _END_W + 48
_BUS: Final = _SPINE + _W + 28
_CASE: Final = _BUS + 36
_WIDE: Final = _CASE + _CASE_W + 8
_LETTERS: Final = 36
"""Letters in one line of a step in the middle; a title may have two lines."""
_FEW: Final = 22
"""The same of a step beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is at one step now.

    Attributes:
        count: open lines, or open cases.
        late: how many of them are beyond the step's service level; None when nobody can say.
    """

    count: int
    late: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One step with its place in the drawing."""

    step: Step
    x: int
    y: int
    width: int

    @property
    def middle(self) -> int:
        """Give the middle of its height."""
        return self.y + _H // 2


def layers(flow: Flow) -> Mapping[str, int]:
    """Give each step's layer, from 0: one below the deepest step before it that leads to it."""
    order = {step.id: place for place, step in enumerate(flow.steps)}
    aside = {step.id for step in flow.steps if step.kind is StepKind.CASE}
    found: dict[str, int] = {}
    for step in flow.steps:
        before = [
            found[each.id]
            for each in flow.steps[: order[step.id]]
            if step.id in each.next and each.id in found and each.id not in aside
        ]
        found[step.id] = max(before, default=-1) + 1
    return found


def placed(flow: Flow) -> tuple[Placed, ...]:
    """Give every step its place: the way down in the middle, ends left, what went wrong right."""
    layer = layers(flow)
    taken: set[tuple[str, int]] = set()
    rows: list[Placed] = []
    for step in flow.steps:
        is_side_end = step.kind is StepKind.END and not _is_last(flow, step)
        column = "end" if is_side_end else "case" if step.kind is StepKind.CASE else "spine"
        row = layer[step.id]
        if step.kind is StepKind.CASE:
            row = max(layer.values()) // 2
        while (column, row) in taken:
            row += 1
        taken.add((column, row))
        x = {"end": _LEFT, "case": _CASE, "spine": _SPINE}[column]
        width = {"end": _END_W, "case": _CASE_W, "spine": _W}[column]
        rows.append(Placed(step=step, x=x, y=8 + row * (_H + _GAP), width=width))
    return tuple(rows)


def _is_last(flow: Flow, step: Step) -> bool:
    """Say whether the way that everything goes ends here: the deepest of the ends."""
    ends = [each for each in flow.steps if each.kind is StepKind.END]
    depth = layers(flow)
    return max(ends, key=lambda each: depth[each.id]).id == step.id


def drawing(flow: Flow, loads: Mapping[str, Load], *, chosen: str = "") -> Markup:
    """Draw a flow with what is at each step now; every step is a link to what is in it."""
    places = placed(flow)
    high = max(each.y for each in places) + _H + 8
    known = {each.step.id: each for each in places}
    parts = [*_links(flow, known), *(_node(flow, each, loads, chosen) for each in places)]
    return Markup(
        '<svg class="flow-map" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="group" '
        'aria-label="{label}"><defs><marker id="flow-tip" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto"><path class="flow-tip" d="M0 0 8 4 0 8z"/>'
        "</marker></defs>{parts}</svg>"
    ).format(w=_WIDE, h=high, label=flow.title, parts=Markup("").join(parts))


def _links(flow: Flow, known: Mapping[str, Placed]) -> Sequence[Markup]:
    """Draw the ways between steps; ways out of a case are told in the table alone."""
    found: list[Markup] = []
    case = next((p for p in known.values() if p.step.kind is StepKind.CASE), None)
    to_case = [known[s.id] for s in flow.steps if case and case.step.id in s.next]
    for step in flow.steps:
        if step.kind is StepKind.CASE:
            continue
        here = known[step.id]
        for name in step.next:
            there = known.get(name)
            if there is not None and there is not case:
                found.append(_link(here, there))
    if case is not None and to_case:
        top, low = min(p.middle for p in to_case), max(p.middle for p in to_case)
        top, low = min(top, case.middle), max(low, case.middle)
        line = f"M{_BUS} {top} V{low}"
        found.append(Markup('<path class="flow-link flow-link-case" d="{}"/>').format(line))
        found += [
            Markup('<path class="flow-link flow-link-case" d="M{} {} H{}"/>').format(
                each.x + each.width, each.middle, _BUS
            )
            for each in to_case
        ]
        found.append(
            Markup(
                '<path class="flow-link flow-link-case" d="M{} {} H{}" '
                'marker-end="url(#flow-tip)"/>'
            ).format(_BUS, case.middle, case.x)
        )
    return found


def _link(here: Placed, there: Placed) -> Markup:
    """Draw one way: straight down, to an end on the left, past a step, or back up."""
    if there.x < here.x:
        turn = there.x + there.width + 24
        line = f"M{here.x} {here.middle} H{turn} V{there.middle} H{there.x + there.width}"
        kind = "flow-link"
    elif there.y > here.y + _H + _GAP or there.y < here.y:
        side = here.x - 14
        line = f"M{here.x} {here.middle + 8} H{side} V{there.middle - 8} H{there.x}"
        kind = "flow-link flow-link-back" if there.y < here.y else "flow-link"
    else:
        x = here.x + here.width // 2
        line, kind = f"M{x} {here.y + _H} V{there.y}", "flow-link"
    return Markup('<path class="{}" d="{}" marker-end="url(#flow-tip)"/>').format(kind, line)


def _node(flow: Flow, each: Placed, loads: Mapping[str, Load], chosen: str) -> Markup:
    step, load = each.step, loads.get(each.step.id)
    words = said_of(load)
    kind = f"flow-node flow-node-{step.kind.value}"
    if load is not None and load.late:
        kind += " flow-node-late"
    if step.id == chosen:
        kind += " flow-node-chosen"
    lines = _lines(step.title, _LETTERS if each.width == _W else _FEW)
    shape = Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}"/>').format(
        each.x, each.y, each.width, _H, _H // 2 if step.kind is StepKind.END else 8
    )
    top = each.y + (24 if len(lines) == 1 else 17)
    name = Markup("").join(
        Markup('<text class="flow-node-name" x="{}" y="{}">{}</text>').format(
            each.x + 14, top + 15 * place, line
        )
        for place, line in enumerate(lines)
    )
    under = Markup('<text class="flow-node-load" x="{}" y="{}">{}</text>').format(
        each.x + 14,
        each.y + (44 if len(lines) == 1 else 49),
        words or step.owner.replace("_", " "),
    )
    is_whole = " ".join(lines) == step.title
    whole = Markup("") if is_whole else Markup("<title>{}</title>").format(step.title)
    return Markup('<a href="/flows/{}?step={}#lines" class="{}"{}>{}{}{} {}</a>').format(
        flow.id,
        step.id,
        kind,
        Markup(' aria-current="true"') if step.id == chosen else "",
        whole,
        shape,
        name,
        under,
    )


def _lines(title: str, letters: int) -> Sequence[str]:
    """Break a title into two lines at most; what does not fit is left to its tooltip."""
    return textwrap.wrap(title, letters, max_lines=2, placeholder=" …")


def said_of(load: Load | None) -> str:
    """Say what is at a step: how many, and whether they are in time."""
    if load is None or not load.count:
        return ""
    if load.late is None:
        return gettext("%(count)s here") % {"count": load.count}
    if not load.late:
        return gettext("%(count)s here, all in time") % {"count": load.count}
    return gettext("%(count)s here, %(late)s late") % {"count": load.count, "late": load.late}
