"""``manciple metrics``: figures, what each of them means, and the facts behind them."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, lines, listed, page, some, told
from manciple.cli.options import NUMBER, asks
from manciple.cli.output import Output
from manciple.cli.papers import all_option, limit_option

_PATH = "/v1/metrics"
_MEANING = (
    ("version", "version"), ("unit", "unit"), ("one fact is", "grain"), ("formula", "formula"),
    ("population", "population"), ("left out", "exclusions"), ("not finished", "censoring"),
    ("falls into the period of", "period"), ("read with it", "beside"),
    ("also called", "aliases"), ("source", "source"),
)  # fmt: skip
_FIGURES = (
    ("", "group"), ("n", "n>"), ("median", "median>"), ("p90", "p90>"), ("mean", "mean>"),
    ("total", "total>"), ("share %", "share>"), ("by value or quantity %", "weighted>"),
    ("open", "censored>"),
    ("Kaplan-Meier", "estimate>"), ("open hours", "open_hours>"),
    ("elapsed days", "elapsed_days>"), ("left out", "excluded"), ("open, by age", "buckets"),
)  # fmt: skip


class _Metrics(click.Group):
    """The group whose bare call, or call with a metric's name, is ``show``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let ``metrics NAME`` and ``metrics --by site`` mean ``metrics show ...``."""
        is_help = bool(args) and args[0] in ctx.help_option_names
        if not is_help and (not args or args[0] not in self.commands):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Metrics)
def metrics() -> None:
    """See figures, and what each of them means.

    `manciple metrics` shows all, `manciple metrics NAME` one of them; any of its names will do.
    """


_period = click.option(
    "--period", "asked", default="28d", show_default=True,
    help="28d, 2026-03, 2026-03-02..2026-03-15, or all.",
)  # fmt: skip


@metrics.command()
@click.argument("name", type=NUMBER, required=False)
@click.option("--explain", is_flag=True, help="Tell what it means as well.")
@click.option(
    "--by", type=click.Choice(("site", "supplier", "flow", "reason", "day", "week")),
    help="Take the figures apart.",
)  # fmt: skip
@_period
@click.option("--site", help="Facts of this site alone.")
@click.option("--supplier", help="Facts of this supplier alone.")
@click.option("--flow", help="Facts of this flow alone.")
@asks
def show(
    api: Api, out: Output, name: str | None, by: str | None, asked: str, *, explain: bool,
    **only: str | None,
) -> None:  # fmt: skip
    """Show all metrics, or one of them."""
    if name is None and (by or explain):
        said = "--by" if by else "--explain"
        raise click.UsageError(f"{said} is about one metric: name it")
    query: dict[str, str | None] = {"period": asked, "by": by if name else None, **only}
    if name is None:
        out.show(api.get(_PATH, **query), _all)
        return
    answer = api.get(_PATH, name, **query)
    out.show(answer, lambda found: _one(found, explain=explain))


@metrics.command()
@click.argument("name", type=NUMBER)
@_period
@asks
def explain(api: Api, out: Output, name: str, asked: str) -> None:
    """Tell what a metric means: formula, population, what is left out, how many, how fresh."""
    answer = api.get(_PATH, name, period=asked)
    out.show(answer, lambda found: _one(found, explain=True))


@metrics.command()
@click.argument("supplier", type=NUMBER)
@_period
@asks
def scorecard(api: Api, out: Output, supplier: str, asked: str) -> None:
    """Show how a supplier keeps its promises."""
    out.show(api.get("/v1/suppliers", supplier, "scorecard", period=asked), _card)


@metrics.command("facts")
@click.argument("name", type=NUMBER)
@click.option("--variant", default="", help="Of this variant; else of the headline.")
@click.option(
    "--state", type=click.Choice(("done", "open", "out")), default="done", show_default=True,
    help="What counts, what is not finished, or what was left out.",
)  # fmt: skip
@_period
@click.option("--site", help="Of this site alone.")
@click.option("--supplier", help="Of this supplier alone.")
@click.option("--flow", help="Of this flow alone.")
@limit_option
@all_option
@asks
def list_facts(
    api: Api, out: Output, name: str, asked: str, limit: int, *, everything: bool, **only: Any
) -> None:
    """List the facts behind a figure."""
    most = None if everything else limit
    answer = api.rows(_PATH, name, "facts", most=most, period=asked, **only)
    columns = (
        ("what", "key"), ("opened", "opened_at"), ("at", "at"), ("value", "value>"),
        ("site", "site"), ("supplier", "supplier"), ("flow", "flow"), ("reason", "reason"),
        ("event", "sequence>"),
    )  # fmt: skip
    out.show(answer, listed(columns, "No facts."))


@metrics.command("restatements")
@click.argument("name", type=NUMBER)
@limit_option
@all_option
@asks
def list_restatements(api: Api, out: Output, name: str, limit: int, *, everything: bool) -> None:
    """List the days that were over and have another figure now, and which event did it."""
    columns = (
        ("metric", "metric"), ("what", "key"), ("day", "day"), ("was", "old>"), ("is", "new>"),
        ("by", "event"), ("event", "sequence>"), ("at", "at"),
    )  # fmt: skip
    most = None if everything else limit
    answer = api.rows(_PATH, name, "restatements", most=most)
    out.show(answer, listed(columns, "Nothing was restated."))


# ---- drawings ---------------------------------------------------------------------------------


def _all(answer: Any) -> RenderableType:
    rows = [_row(each) for each in answer["rows"]]
    columns = (("metric", "metric"), ("is", "is>"), ("unit", "unit"), ("p90", "p90>"),
               ("n", "n>"), ("open", "open>"), ("version", "version>"))  # fmt: skip
    fresh = answer["rows"][0]["reading"]
    return page(grid(rows, columns), Text(_fresh(fresh), style="dim"))


def _card(answer: Any) -> RenderableType:
    """Draw a scorecard; a score that too few lines stand behind is none."""
    rows = [
        {**each, "score": each["value"] if each["standing"] == "known" else each["standing"]}
        for each in answer["scores"]
    ]
    columns = (("", "name"), ("score", "score>"), ("unit", "unit"), ("lines", "n>"),
               ("open", "open>"), ("beside", "beside"))  # fmt: skip
    head = Text(f"{answer['supplier']}, {answer['period']}", style="bold")
    few = lines([f"fewer than {answer['enough']} lines give no score", _fresh(answer)])
    return page(head, grid(rows, columns), few)


def _row(each: Any) -> dict[str, Any]:
    definition, reading = each["definition"], each["reading"]
    first = next(iter(reading["series"].get("", ())), None)
    is_known = reading["standing"] == "known"
    return {
        "metric": definition["name"],
        "is": _headline(first) if is_known else reading["standing"],
        "unit": definition["unit"] if is_known else "",
        "p90": first["p90"] if first else None,
        "n": first["n"] if first else None,
        "open": first["censored"] if first else None,
        "version": definition["version"],
    }


def _headline(number: Any) -> Any:
    if not number["n"]:
        return "no data"
    names = ("median", "share", "mean", "total")
    return next((number[name] for name in names if number[name] is not None), "not told")


def _one(answer: Any, *, explain: bool) -> RenderableType:
    definition, reading = answer["definition"], answer["reading"]
    parts: list[RenderableType | None] = [Text(definition["name"], style="bold")]
    if explain:
        columns = (("variant", "id"), ("is", "name"), ("formula", "formula"))
        parts.append(facts(definition, _MEANING))
        parts.append(some(definition["variants"], columns, title="variants"))
    parts += _series(definition, reading)
    parts.append(lines([_period_of(reading), _fresh(reading)]))
    return page(*parts)


def _series(definition: Any, reading: Any) -> list[RenderableType | None]:
    if reading["standing"] == "unknown":
        missing = (f"  {each}" for each in reading["missing"])
        return [lines(["unknown: the history does not record", *missing])]
    names = {variant["id"]: variant["name"] for variant in definition["variants"]}
    found: list[RenderableType | None] = []
    for variant, numbers in reading["series"].items():
        title = names.get(variant, "")
        if not any(number["n"] or number["censored"] for number in numbers):
            found.append(Text(f"{title}: no data" if title else "no data"))
            continue
        rows = [_aged(number) for number in numbers]
        used = [(head, path) for head, path in _FIGURES if _is_used(rows, path.rstrip(">"))]
        found.append(grid(rows, used, title=title))
    return found


def _aged(number: Any) -> Any:
    """Write the buckets of open work in one line."""
    aged = ", ".join(f"{each['days']} {each['count']}" for each in number["buckets"])
    return {**number, "buckets": aged}


def _is_used(numbers: Any, name: str) -> bool:
    return name == "n" or any(number[name] not in (None, "", {}, 0) for number in numbers)


def _period_of(reading: Any) -> str:
    restated = reading["restatements"]
    unit = reading["unit"]
    return (
        f"{told(reading['start'])} to {told(reading['end'])}, in {unit}; "
        f"{restated} restated in days that were over"
    )


def _fresh(reading: Any) -> str:
    fresh = reading["freshness"]
    sealed, followed = fresh["sealed"], fresh["followed"]
    behind = fresh["behind"]
    return f"knows events to {followed} of {sealed} sealed; behind by {behind}"
