"""Charts drawn on the server: SVG with a title on every mark, in the page's own colours.

    spark    a tile's last periods        band     median and 90th percentile by period
    ranked   one bar a name, longest first       stacks   one bar a place, cut by age
    heat     a shade for each row and column

Each says in one label what a reader would see; the page puts the same figures in a table below.
A period without a figure is a gap, never zero. Exact decimals all the way: nothing is a float.
Across, every place is a share of the width that the page has; down, it is pixels: on a wide screen
a chart grows longer and its words stay as large as the page's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

from markupsafe import Markup

from manciple.web.pages.wording import number

WIDTH: Final = 560
_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 48, 24, 10, 22, 190
_TENTH = Decimal("0.1")
_SHARE = Decimal("0.01")
_TICKS: Final = 4
_STEPS: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_ROW: Final = 28
_NAMES: Final = 212
_FIGURES: Final = 64
_CELL: Final = 26
_LONGEST: Final = 24

Figure = Decimal | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One period of a band: its median and 90th percentile, None where there was nothing."""

    name: str
    median: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One name with its figure.

    Attributes:
        address: where the things behind the figure are listed; empty for nowhere.
    """

    name: str
    figure: Figure
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One bar cut into parts, in the order of the chart's legend."""

    name: str
    parts: tuple[int, ...]
    address: str = ""

    @property
    def total(self) -> int:
        """Give the whole bar."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """One row of a heat map: a figure for each column, None where nothing was measured."""

    name: str
    cells: tuple[Figure | None, ...]
    address: str = ""


def ceiling(highest: Figure) -> Decimal:
    """Give a round figure not below the highest, so that a quarter of it is round, too."""
    if highest <= 0:
        return Decimal(_TICKS)
    quarter = Decimal(highest) / _TICKS
    power = Decimal(10) ** quarter.adjusted()
    step = next(each for each in _STEPS if each * power >= quarter)
    return step * power * _TICKS


def spark(values: Sequence[Figure | None]) -> Markup:
    """Draw a tile's line: its last periods, the newest with a dot. It says nothing by itself."""
    known = [Decimal(each) for each in values if each is not None]
    if not known:
        return Markup('<svg class="spark" viewBox="0 0 100 30" aria-hidden="true"></svg>')
    low, span = min(known), (max(known) - min(known)) or Decimal(1)
    apart = Decimal(96) / max(1, len(values) - 1)

    def at(place: int, value: Figure) -> tuple[Decimal, Decimal]:
        x = 2 + place * apart if len(values) > 1 else Decimal(98)
        return _tenth(x), _tenth(26 - 22 * (Decimal(value) - low) / span)

    lines = Markup("").join(
        Markup('<polyline points="{}"/>').format(_points([at(*each) for each in run]))
        for run in _runs(values)
        if len(run) > 1
    )
    last = max(place for place, value in enumerate(values) if value is not None)
    x, y = at(last, values[last] or 0)
    dot = Markup('<circle cx="{}" cy="{}" r="2.5"/>').format(x, y)
    return Markup('<svg class="spark" viewBox="0 0 100 30" aria-hidden="true">{}{}</svg>').format(
        lines, dot
    )


def band(periods: Sequence[Spread], *, label: str, unit: str) -> Markup:
    """Draw medians as a line and 90th percentiles as a broken one, the space between shaded."""
    highs = [each.high for each in periods if each.high is not None]
    top = ceiling(max(highs, default=Decimal(0)))
    apart = Decimal(WIDTH - _LEFT - _RIGHT) / max(1, len(periods) - 1)

    def spot(place: int, value: Figure) -> tuple[Decimal, Decimal]:
        return _tenth(_LEFT + place * apart), _height_of(Decimal(value), top)

    medians = [each.median for each in periods]
    higher = [each.high for each in periods]
    lines: list[Markup] = []
    for run in _runs(medians):
        over = [spot(place, higher[place] or 0) for place, _ in run]
        under = [spot(place, value) for place, value in run]
        lines.append(
            Markup('<polygon class="chart-area" points="{}"/>').format(
                _points([*over, *reversed(under)])
            )
        )
        lines.append(
            Markup('<polyline class="chart-line chart-high" points="{}"/>').format(_points(over))
        )
        lines.append(Markup('<polyline class="chart-line" points="{}"/>').format(_points(under)))
    drawn = [_grid(top), stretched(lines, height=_HEIGHT)]
    every = max(1, -(-len(periods) // 8))
    for place, each in enumerate(periods):
        x = spot(place, 0)[0]
        if each.median is not None:
            words = f"{each.name}: median {number(each.median)} {unit}"
            words += f", 90th percentile {number(each.high)} {unit}" if each.high else ""
            drawn.append(
                Markup(
                    '<g><title>{}</title><circle class="chart-dot" cx="{}" cy="{}" r="3"/></g>'
                ).format(words, across(x), spot(place, each.median)[1])
            )
        if place % every == 0:
            drawn.append(_tick(x, _HEIGHT - 6, each.name))
    return framed(drawn, label=label, height=_HEIGHT)


def ranked(rows: Sequence[Ranked], *, label: str) -> Markup:
    """Draw one bar a name; the caller has sorted them."""
    highest = max((Decimal(each.figure) for each in rows), default=Decimal(1)) or Decimal(1)
    room = WIDTH - _NAMES - _FIGURES
    drawn = []
    for place, each in enumerate(rows):
        wide = _tenth(room * Decimal(each.figure) / highest)
        words = f"{each.name}: {number(each.figure)}"
        drawn.append(
            _linked(
                each.address,
                words,
                Markup(
                    '<text class="chart-name" x="0" y="{text}">{name}</text>'
                    '<rect class="chart-bar" x="{left}" y="{top}" width="{wide}" height="16" '
                    'rx="3"/><text class="chart-figure" x="{end}" dx="6" y="{text}">'
                    "{figure}</text>"
                ).format(
                    text=place * _ROW + 18,
                    name=_short(each.name),
                    left=across(_NAMES),
                    top=place * _ROW + 6,
                    wide=across(wide),
                    end=across(_NAMES + wide),
                    figure=number(each.figure),
                ),
            )
        )
    return framed(drawn, label=label, height=_ROW * max(1, len(rows)) + 6)


def stacks(rows: Sequence[Stack], *, label: str, legend: Sequence[str]) -> Markup:
    """Draw one bar a place, cut into parts that grow darker in the order of the legend."""
    highest = max((each.total for each in rows), default=1) or 1
    room = WIDTH - _NAMES - _FIGURES
    drawn = []
    for place, each in enumerate(rows):
        pieces, left = [], Decimal(_NAMES)
        for part, count in enumerate(each.parts):
            if not count:
                continue
            wide = _tenth(room * Decimal(count) / highest)
            pieces.append(
                Markup(
                    '<rect class="chart-part chart-part-{}" x="{}" y="{}" width="{}" height="16">'
                    "<title>{}: {}, {}</title></rect>"
                ).format(
                    part, across(left), place * _ROW + 6, across(max(wide, Decimal(1))), each.name,
                    legend[part], number(count),
                )
            )  # fmt: skip
            left += wide
        name = Markup('<text class="chart-name" x="0" y="{}">{}</text>').format(
            place * _ROW + 18, _short(each.name)
        )
        figure = Markup('<text class="chart-figure" x="{}" dx="6" y="{}">{}</text>').format(
            across(left), place * _ROW + 18, number(each.total)
        )
        parts = zip(legend, each.parts, strict=True)
        told = ", ".join(f"{word} {number(count)}" for word, count in parts if count)
        words = f"{each.name}: {number(each.total)}{f' ({told})' if told else ''}"
        drawn.append(_linked(each.address, words, Markup("").join([name, *pieces, figure])))
    return framed(drawn, label=label, height=_ROW * max(1, len(rows)) + 6)


def heat(rows: Sequence[HeatRow], columns: Sequence[str], *, label: str, unit: str) -> Markup:
    """Draw a shade for each cell: the darker, the more; a cell without a figure stays empty."""
    known = [Decimal(each) for row in rows for each in row.cells if each is not None]
    highest = max(known, default=Decimal(1)) or Decimal(1)
    wide = Decimal(WIDTH - _NAMES) / max(1, len(columns))
    drawn = []
    for place, row in enumerate(rows):
        cells = []
        for column, value in enumerate(row.cells):
            told = "nothing measured" if value is None else f"{number(value)} {unit}"
            kind = "none" if value is None else _shade(Decimal(value), highest)
            cells.append(
                Markup(
                    '<rect class="chart-cell chart-cell-{}" x="{}" y="{}" width="{}" height="{}" '
                    'rx="3"><title>{}, {}: {}</title></rect>'
                ).format(
                    kind, across(_NAMES + column * wide), place * _CELL + 2, across(wide - 3),
                    _CELL - 4, row.name, columns[column], told,
                )
            )  # fmt: skip
        name = Markup('<text class="chart-name" x="0" y="{}">{}</text>').format(
            place * _CELL + 18, _short(row.name)
        )
        drawn.append(_linked(row.address, row.name, Markup("").join([name, *cells])))
    every = max(1, -(-len(columns) // 10))
    for column, text in enumerate(columns):
        if column % every == 0:
            x = _tenth(_NAMES + column * wide + wide / 2)
            drawn.append(_tick(x, len(rows) * _CELL + 14, text))
    return framed(drawn, label=label, height=len(rows) * _CELL + 20)


def _shade(value: Decimal, highest: Decimal) -> int:
    """Give one of five shades: 0 for nothing, 4 for the most."""
    if value <= 0:
        return 0
    return min(4, 1 + int(4 * value / highest))


def _runs(values: Sequence[Figure | None]) -> list[list[tuple[int, Figure]]]:
    """Give the stretches without a gap, as (place, value)."""
    found = []
    for is_known, run in groupby(enumerate(values), key=lambda each: each[1] is not None):
        if is_known:
            found.append([(place, value) for place, value in run if value is not None])
    return found


def _grid(top: Decimal) -> Markup:
    lines = []
    for tick in range(_TICKS + 1):
        value = top * tick / _TICKS
        y = _height_of(value, top)
        lines.append(
            Markup(
                '<line class="chart-grid" x1="{left}" x2="100%" y1="{y}" y2="{y}"/><text '
                'class="chart-tick" x="{left}" dx="-6" y="{}" text-anchor="end">{}</text>'
            ).format(y + 4, number(value.normalize()), y=y, left=across(_LEFT))
        )
    return Markup("").join(lines)


def _tick(x: Decimal, y: int, text: str) -> Markup:
    return Markup('<text class="chart-tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        across(x), y, text
    )


def across(x: Decimal | int) -> str:
    """Give a place across, of a chart drawn `WIDTH` wide, as a share of the width that it gets."""
    return f"{(Decimal(x) * 100 / WIDTH).quantize(_SHARE)}%"


def stretched(lines: Sequence[Markup], *, height: int) -> Markup:
    """Give lines the chart's width: their points are stretched, their strokes are not."""
    return Markup(
        '<svg width="100%" height="{high}" viewBox="0 0 {wide} {high}" preserveAspectRatio="none" '
        'overflow="visible">{}</svg>'
    ).format(Markup("").join(lines), wide=WIDTH, high=height)


def framed(parts: Sequence[Markup], *, label: str, height: int) -> Markup:
    """Put a chart's parts into one drawing with a name; links in it stay links to everybody."""
    has_links = any(part.startswith("<a ") for part in parts)
    return Markup('<svg class="chart" height="{}" role="{}" aria-label="{}">{}</svg>').format(
        height, "group" if has_links else "img", label, Markup("").join(parts)
    )


def _linked(address: str, words: str, drawn: Markup) -> Markup:
    """Make a mark a link to what is behind it, where there is such a place."""
    titled = Markup("<title>{}</title>{}").format(words, drawn)
    if not address:
        return Markup("<g>{}</g>").format(titled)
    return Markup('<a href="{}">{}</a>').format(address, titled)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _height_of(value: Decimal, top: Decimal) -> Decimal:
    return _tenth(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top))


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(_TENTH)


def _points(spots: Sequence[tuple[Decimal, Decimal]]) -> str:
    return " ".join(f"{x},{y}" for x, y in spots)
