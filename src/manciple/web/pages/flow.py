"""An order line's quantities from ordered to invoiced, drawn as steps of one bar.

    ordered  acknowledged  shipped  received  invoiced
    #######   ~~~~~~~       - - -    - - -     - - -     ~ short of what is still wanted
    #######   #######      #######  #######   #######

Each column is as high as its quantity. A stage that no document has stated yet stays an empty
outline: unknown is not zero. What was cancelled or short-closed stands apart in the first column.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from manciple.intelligence.tracing import TraceLine
from manciple.web.language import gettext, said
from manciple.web.pages.units import unit
from manciple.web.pages.wording import number

COLUMN: Final = 100
GAP: Final = 3
HEIGHT: Final = 40
_ROOM: Final = 38  # the highest column leaves room for a line above it


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stage of one line: what was stated, and how it stands to what is wanted.

    Attributes:
        quantity: None while no document states this stage.
        short: by how much it stays below what is wanted; zero if it does not.
        over: by how much it goes beyond; zero if it does not.
    """

    stage: str
    brief: str
    quantity: Decimal | None
    wanted: Decimal
    unit: str

    @property
    def short(self) -> Decimal:
        """How much is missing."""
        return max(Decimal(0), self.wanted - self._stated)

    @property
    def over(self) -> Decimal:
        """How much is too much."""
        return max(Decimal(0), self._stated - self.wanted)

    @property
    def _stated(self) -> Decimal:
        return self.wanted if self.quantity is None else self.quantity

    @property
    def told(self) -> str:
        """The bar in words, for its title and for who cannot see it."""
        if self.quantity is None:
            return gettext("%(stage)s: not stated yet") % {"stage": gettext(self.stage)}
        words = f"{gettext(self.stage)}: {number(self.quantity)} {unit(self.unit, self.quantity)}"
        of = {"words": words, "wanted": number(self.wanted)}
        if self.short:
            said_short = gettext("%(words)s, %(n)s short of %(wanted)s")
            return said_short % {**of, "n": number(self.short)}
        if self.over:
            said_over = gettext("%(words)s, %(n)s more than %(wanted)s")
            return said_over % {**of, "n": number(self.over)}
        return words


def wanted(line: TraceLine) -> Decimal:
    """Say what is still wanted of a line: ordered less cancelled less short-closed."""
    return max(Decimal(0), line.ordered - given_up(line))


def given_up(line: TraceLine) -> Decimal:
    """Say what of a line will never come: cancelled and short-closed."""
    return (line.cancelled or Decimal(0)) + (line.short_closed or Decimal(0))


def bars(line: TraceLine) -> tuple[Bar, ...]:
    """Give a line's five stages in the order in which goods and papers move."""
    target = wanted(line)
    stated = (
        (said("Ordered"), said("Ord"), line.ordered, line.ordered),
        (said("Acknowledged"), said("Ack"), line.acknowledged, target),
        (said("Shipped"), said("Ship"), line.shipped, target),
        (said("Received"), said("Recv"), line.received, target),
        (said("Invoiced"), said("Inv"), line.invoiced, target),
    )
    return tuple(
        Bar(stage=stage, brief=brief, quantity=quantity, wanted=goal, unit=line.unit)
        for stage, brief, quantity, goal in stated
    )


def drawing(line: TraceLine) -> Markup:
    """Draw a line's quantities as SVG; each mark carries its own title, the whole a label."""
    stages = bars(line)
    highest = max([Decimal(1), line.ordered, *(bar.quantity or Decimal(0) for bar in stages)])
    label = (
        gettext("Line %(line)s") % {"line": line.line}
        + ". "
        + ". ".join(bar.told for bar in stages)
    )
    marks = Markup("").join(
        _marks(column, bar, highest, line.ordered - wanted(line) if column == 0 else Decimal(0))
        for column, bar in enumerate(stages)
    )
    width = COLUMN * len(stages)
    return Markup(
        '<svg class="flow-drawing" viewBox="0 0 {width} {height}" preserveAspectRatio="none" '
        'role="img" aria-label="{label}">{marks}'
        '<line class="flow-base" x1="0" x2="{end}" y1="{height}" y2="{height}"/></svg>'
    ).format(width=width, height=HEIGHT, label=label, marks=marks, end=width - GAP)


def _marks(column: int, bar: Bar, highest: Decimal, lost: Decimal) -> Markup:
    title = Markup("<title>{}</title>").format(bar.told)
    if bar.quantity is None:
        return Markup("<g>{}{}</g>").format(
            title, _rectangle("flow-unstated", column, Decimal(0), bar.wanted, highest)
        )
    kept = min(bar.quantity, bar.wanted) - lost
    pieces = [_rectangle("flow-stated", column, Decimal(0), kept, highest)]
    pieces.append(_edge(column, kept, highest))
    if lost:
        pieces.append(_rectangle("flow-given-up", column, kept, kept + lost, highest))
    if bar.short:
        pieces.append(_rectangle("flow-gap", column, bar.quantity, bar.wanted, highest))
    if bar.over:
        pieces.append(_rectangle("flow-over", column, bar.wanted, bar.quantity, highest))
    return Markup("<g>{}{}</g>").format(title, Markup("").join(pieces))


def _rectangle(kind: str, column: int, low: Decimal, high: Decimal, highest: Decimal) -> Markup:
    """Draw from ``low`` to ``high``, to a tenth of the drawing's unit."""
    top = (HEIGHT - _ROOM * high / highest).quantize(Decimal("0.1"))
    tall = (_ROOM * (high - low) / highest).quantize(Decimal("0.1"))
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, column * COLUMN, top, COLUMN - GAP, max(tall, Decimal(0))
    )


def _edge(column: int, at: Decimal, highest: Decimal) -> Markup:
    """Draw the upper edge of what was stated, so that the columns read as steps."""
    top = (HEIGHT - _ROOM * at / highest).quantize(Decimal("0.1"))
    return Markup('<line class="flow-edge" x1="{}" x2="{}" y1="{y}" y2="{y}"/>').format(
        column * COLUMN, column * COLUMN + COLUMN - GAP, y=top
    )
