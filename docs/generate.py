"""The generated reference pages: `make docs` writes them; a test compares them with the code.

    registry, event records, policy tables, flows, settings -> docs/reference/*.md

What a page says comes from docstrings and from the shipped definitions, so that mending a page
means mending the place where the thing itself stands.
"""  # noqa: INP001  a folder of pages, not a package

import inspect
import re
import runpy
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import manciple
from manciple.app import building
from manciple.app.definitions import Definitions, load
from manciple.app.registry import registry_of
from manciple.app.undo_table import KEPT, UNDONE
from manciple.approvals.settings import ApprovalSettings
from manciple.cases.discrepancy import Code
from manciple.cases.playbook import Playbook
from manciple.cases.root_cause import MEANINGS
from manciple.intelligence.metrics import registry as metrics
from manciple.intelligence.metrics.definition import Definition
from manciple.kernel.messages import Role
from manciple.policy.describe import policy_pages
from manciple.processes.exceptions.remedy import Remedies, Remedy
from manciple.processes.exceptions.subjects import remedies_for, subjects
from manciple.processes.exceptions.table import remedies
from manciple.processes.flow import describe
from manciple.runtime.bus import Registry
from manciple.settings import Settings

DOCS = Path(__file__).resolve().parent
MARK = "<!-- Written by docs/generate.py: `make docs`. Change the code, not this text. -->"
ROOMS: Mapping[str, str] = {
    "requisitioning": "Requisitions",
    "approvals": "Approvals",
    "ordering": "Purchase orders",
    "supplying": "Acknowledgments and ship notices",
    "receiving": "Receipts and returns",
    "invoicing": "Invoices",
    "cases": "Exceptions",
    "exchange": "Partner files",
    "catalog": "Items, suppliers, sites, agreements",
    "governance": "People and keys",
    "runtime": "Taking back",
}
"""The rooms that have acts and events, in the order in which a reader meets them."""
_WORD = re.compile(r"[A-Z][a-z]+")
_TOLD = frozenset(
    {"Asked", "Found", "Held", "Lost", "Overdue", "Payable", "Read", "Sent", "Taken",
     "Undeliverable", "Undone", "Unreadable", "Withdrawn"}
)  # fmt: skip
"""Words that tell of something past and do not end in -ed."""
_ABOUT_COMMANDS = """Everything that changes anything is one of these acts, sent by somebody
under an idempotency key. The command line, the API, partner files and this program itself send the
same ones. *Who may ask* names roles; the rules of the room narrow it further (sites, suppliers,
owners). An act of *this program alone* can be asked through no door."""
_ABOUT_EVENTS = """What happened, in the past tense, kept for ever in the stream of its document
and in one sequence over all. *Then* tells what the program does by itself when it hears of it. An
event that is stored gains only optional fields."""
_ABOUT_EXCEPTIONS = """What can go wrong, whose it is, how it is worked and how it may end. Owner
and time come from the table [exception_routing](policies.md); the words from `playbooks/`, one
versioned file per code, kept whole by `manciple exceptions check`. A resolution that can't be done
as things stand is refused with those that can."""
_ABOUT_SETTINGS = """An installation is told where things lie and whom to speak to by the
environment; what is said on the command line wins. Everything that decides is in
[policies](policies.md) and [flows](flows.md), not here."""
_ABOUT_METRICS = """What each figure means. A metric has one definition, by whatever name it is
asked for; its version is raised whenever the same history could give another figure. Of nothing
there is no figure: `no data` is not zero, and `unknown` means that this program does not record
what the metric needs. Why it is done so: [Figures that can be trusted](../explanation/metrics.md).

Percentiles interpolate linearly between the closest ranks (Hyndman and Fan, type 7). Days are by
UTC, but for windows at a dock, which are by the dock's own clock."""
_ATTRIBUTE = re.compile(r"^ {4}(?P<names>\w+(?:, \w+)*): (?P<text>.+(?:\n {8}.+)*)", re.MULTILINE)


def pages() -> Mapping[str, str]:
    """Give every generated page by its path below ``docs``."""
    definitions = load()
    registry = registry_of(definitions)
    tables = "\n".join(policy_pages(definitions.register).values())
    flows = "\n".join(describe(flow) for flow in definitions.flows)
    return {
        "reference/commands.md": _commands(registry),
        "reference/events.md": _events(registry),
        "reference/policies.md": f"{_written_by_hand('reference/policies.md')}{MARK}\n\n{tables}",
        "reference/flows.md": f"{MARK}\n\n{flows}",
        "reference/exceptions.md": _exceptions(definitions),
        "reference/metrics.md": _metrics(),
        "reference/capabilities.md": _capabilities(),
        "reference/settings.md": _settings(),
    }


def events_of(registry: Registry) -> Mapping[str, tuple[type, ...]]:
    """Find the event records of each room, in the order of their names.

    An event's name has a word after its first that tells of something past; it is no act and no
    document.
    """
    found: dict[str, dict[str, type]] = {room: {} for room in ROOMS}
    for room in ROOMS:
        for record in _records_of(room):
            later = _WORD.findall(record.__name__)[1:]
            is_told = any(word.endswith("ed") or word in _TOLD for word in later)
            if is_told and record not in registry.handlers and not hasattr(record, "KIND"):
                found[room][record.__name__] = record
    return {room: tuple(named[name] for name in sorted(named)) for room, named in found.items()}


def _records_of(room: str) -> Iterator[type]:
    """Walk the records that a room defines itself."""
    package = import_module(f"{manciple.__name__}.{room}")
    for found in walk_packages(package.__path__, f"{package.__name__}."):
        for named in vars(import_module(found.name)).values():
            if inspect.isclass(named) and named.__module__ == found.name:
                record: type = named
                if is_dataclass(record):
                    yield record


def _written_by_hand(page: str) -> str:
    """Give the part of a page above the mark."""
    return (DOCS / page).read_text("utf-8").split(MARK, maxsplit=1)[0]


def _exceptions(definitions: Definitions) -> str:
    """Write the page of exception codes with their playbooks."""
    ways = remedies(definitions.flow("direct"))
    today = max(book.effective_from for book in definitions.playbooks)
    parts = ["# Exceptions: codes and playbooks", MARK, _ABOUT_EXCEPTIONS]
    for code in Code:
        book = definitions.playbooks.at(code, today)
        assert book is not None
        parts += _playbook(book, definitions, ways)
    parts.append("## Root causes")
    parts.append("\n".join(f"* `{cause}`: {text}." for cause, text in MEANINGS.items()))
    return "\n\n".join(parts) + "\n"


def _playbook(book: Playbook, definitions: Definitions, ways: Remedies) -> Iterator[str]:
    """Write one code."""
    yield f"## {book.code.value}"
    yield f"**{book.title}.** {book.what_happened}"
    table = ["| lane | owner | business hours |", "| --- | --- | --- |"]
    at = datetime.combine(book.effective_from, time(), UTC)
    for lane in ("critical", "standard", "bulk"):
        facts = {"code": book.code.value, "lane": lane}
        ruling = definitions.register.decide("exception_routing", facts, at=at)
        table.append(f"| {lane} | {ruling.text('owner_role')} | {ruling.decimal('sla_hours')} |")
    yield "\n".join(table)
    yield "Check:\n\n" + "\n".join(f"* {each}" for each in book.check)
    yield "Steps:\n\n" + "\n".join(f"{n}. {each}" for n, each in enumerate(book.steps, 1))
    choices = []
    for choice in book.resolutions:
        rows = remedies_for(book.code, choice.name, ways)
        does = " ".join(
            row.effect if len(rows) == 1 else f"About {_kinds(row, book.code)}: {row.effect}"
            for row in rows
        )
        asks = "".join(
            f" Told with it: `{term.name}`{' (needed)' if term.required else ''}, {term.text}."
            for term in dict.fromkeys(term for row in rows for term in row.terms)
        )
        choices.append(
            f"* `{choice.name}`: {choice.choose_when} *Does:* {does}{asks} *Costs:* {choice.costs}"
        )
    yield "Resolutions:\n\n" + "\n".join(choices)
    causes = ", ".join(f"`{each}`" for each in book.root_causes)
    move = "the supplier's" if book.waits_on == "supplier" else "ours"
    yield (
        f"Usual root causes: {causes}. At the opening the move is {move}; about {book.minutes:f} "
        f"minutes of work. Version {book.version}, owner: {book.owner}."
    )


def _kinds(row: Remedy, code: Code) -> str:
    words = [kind.replace("-", " ") for kind in row.on if kind in subjects(code)]
    return " or ".join(f"{'an' if word[0] in 'aeiou' else 'a'} {word}" for word in words)


def _commands(registry: Registry) -> str:
    """Write the page of acts."""
    acts: dict[str, list[type]] = {room: [] for room in ROOMS}
    for act in registry.handlers:
        acts[_room_of(act)].append(act)
    parts = [
        "# Commands",
        MARK,
        _ABOUT_COMMANDS,
    ]
    for room, named in acts.items():
        if named:
            parts.append(f"## {ROOMS[room]}")
            parts += [_act(act, registry.handlers[act].by) for act in named]
    parts += _closing(registry.handlers)
    return "\n\n".join(parts) + "\n"


def _act(act: type, roles: frozenset[Role]) -> str:
    """Write one act."""
    people = sorted(role.value for role in roles - {Role.SYSTEM})
    who = ", ".join(people) if people else "this program alone"
    head = f"### {act.__name__}\n\n{_first(act)}\n\nWho may ask: {who}.{_undo_of(act)}"
    return f"{head}\n\n{_fields_of(act)}".rstrip()


def _undo_of(act: type) -> str:
    """Say whether people can take it back."""
    name = act.__name__
    if name in UNDONE:
        return f" Can be taken back for some seconds; afterwards: {UNDONE[name]}"
    if name in KEPT:
        return f" Is not taken back: {KEPT[name].why.value}. {KEPT[name].instead}"
    return ""


def _events(registry: Registry) -> str:
    """Write the page of events."""
    found = events_of(registry)
    parts = [
        "# Events",
        MARK,
        _ABOUT_EVENTS,
    ]
    for room, named in found.items():
        parts.append(f"## {ROOMS[room]}")
        parts += [_event(event, registry) for event in named]
    parts += _closing(event for named in found.values() for event in named)
    return "\n\n".join(parts) + "\n"


def _event(event: type, registry: Registry) -> str:
    """Write one event, with what it leads to."""
    heard = [_first(each) for each in registry.reactions.get(event, ())]
    then = "\n".join(f"- Then: {each}" for each in heard if each)
    parts = [f"### {event.__name__}", _first(event), then, _fields_of(event)]
    return "\n\n".join(part for part in parts if part)


def _closing(records: Iterable[type]) -> Iterator[str]:
    """Write the records and the closed sets that the fields of others are made of."""
    told = frozenset(records)
    met = _parts_of(told) - told
    inner = sorted((each for each in met if is_dataclass(each)), key=_name)
    closed = sorted((each for each in met if issubclass(each, StrEnum)), key=_name)
    yield "## Records within them"
    for record in inner:
        namesakes = sum(each.__name__ == record.__name__ for each in inner)
        where = f" ({_room_of(record)})" if namesakes > 1 else ""
        yield f"### {record.__name__}{where}\n\n{_first(record)}\n\n{_fields_of(record)}"
    yield "## Closed sets"
    yield _grid(
        ("set", "what it is", "values"),
        (
            (each.__name__, _first(each), ", ".join(f"`{value}`" for value in _values(each)))
            for each in closed
        ),
    )


_MANY = 60


def _values(closed: type[StrEnum]) -> Sequence[str]:
    """List a closed set; of a long one only its beginning."""
    values = [each.value for each in closed]
    return values if len(values) <= _MANY else [*values[:_MANY], "..."]


def _parts_of(records: Iterable[type]) -> frozenset[type]:
    """Find every record and closed set that the fields lead to, through records too."""
    waiting, met = list(records), set[type]()
    while waiting:
        for annotation in get_type_hints(waiting.pop()).values():
            for part in _leaves(annotation):
                is_ours = part.__module__.startswith(f"{manciple.__name__}.")
                if not is_ours or part in met:
                    continue
                met.add(part)
                if is_dataclass(part):
                    waiting.append(part)
    return frozenset(each for each in met if is_dataclass(each) or issubclass(each, StrEnum))


def _leaves(annotation: Any) -> Iterator[type]:
    """Give the plain types inside an annotation."""
    if inspect.isclass(annotation) and get_origin(annotation) is None:
        yield annotation
    for inner in get_args(annotation):
        yield from _leaves(inner)


def _capabilities() -> str:
    """Write the page of capabilities; its module lies beside this one, whoever runs it."""
    written: str = runpy.run_path(str(Path(__file__).with_name("capabilities.py")))["page"](MARK)
    return written


def _metrics() -> str:
    """Write the page of metrics."""
    parts = ["# Metrics", MARK, _ABOUT_METRICS, "## The eight headlines"]
    parts += [_metric(each) for each in metrics.HEADLINES]
    parts.append("## Further ones")
    parts += [_metric(each) for each in metrics.FURTHER]
    return "\n\n".join(parts) + "\n"


def _metric(each: Definition) -> str:
    """Write one definition."""
    rows = [
        ("id", f"`{each.id}`, version {each.version}"),
        ("one fact is", f"one {each.grain.value}"),
        ("unit", each.unit),
        ("formula", each.formula),
        ("population", each.population),
        ("left out, and counted", "; ".join(each.exclusions) or "nothing"),
        ("not finished", each.censoring),
        ("falls into the period of", each.period),
        ("also called", ", ".join(each.aliases)),
    ]
    rows += [(f"variant `{one.id}`", f"{one.name}: {one.formula}") for one in each.variants]
    if each.missing:
        rows.append(("unknown until somebody tells", "; ".join(each.missing)))
    rows.append(("source", each.source))
    table = "\n".join(f"| {head} | {text} |" for head, text in rows)
    return f"### {each.name}\n\n| | |\n| --- | --- |\n{table}"


def _settings() -> str:
    """Write the page of settings."""
    read = inspect.getsource(building.settings_from)
    variables = sorted(set(re.findall(r"MANCIPLE_[A-Z_]+", read)))
    by_field = {name.removeprefix("MANCIPLE_").lower(): name for name in variables}
    said = _attributes(Settings)
    plain = building.settings_from({})
    rows = [
        (
            f"`{field.name}`",
            f"`{by_field[field.name]}`" if field.name in by_field else "none",
            f"`{_shown(getattr(plain, field.name))}`",
            said.get(field.name, ""),
        )
        for field in fields(Settings)
    ]
    choices = _attributes(ApprovalSettings)
    company = [
        (f"`{field.name}`", f"`{_shown(getattr(ApprovalSettings(), field.name))}`",
         choices.get(field.name, ""))
        for field in fields(ApprovalSettings)
    ]  # fmt: skip
    parts = [
        "# Settings",
        MARK,
        _ABOUT_SETTINGS,
        _grid(("setting", "environment", "unless told", "what it is"), rows),
        "## How approvals work in a company",
        "These stand in the program: this version runs with the values shown.",
        _grid(("choice", "value", "what it is"), company),
    ]
    return "\n\n".join(parts) + "\n"


def _shown(value: object) -> str:
    """Write a plain value; paths as seen from the folder in which the program is started."""
    if value is None:
        return "nobody"
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text.replace(f"{Path.cwd()}/", "")


def _fields_of(record: type) -> str:
    """Write a record's fields: a table if something is said of them, else one line."""
    said = _attributes(record)
    hints = get_type_hints(record)
    rows = [
        (f"`{field.name}`", _typed(hints[field.name]), said.get(field.name, ""))
        for field in fields(record)
    ]
    if any(meaning for _, _, meaning in rows):
        return _grid(("field", "type", "what it is"), rows)
    return f"Fields: {', '.join(f'{name} ({kind})' for name, kind, _ in rows)}." if rows else ""


def _typed(annotation: Any) -> str:
    """Write a field's type for a reader: ``Quantity``, ``OrderLine, many``, ``date or none``."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        said = " or ".join(_typed(each) for each in inner if each is not NoneType)
        return f"{said} or none" if NoneType in inner else said
    if origin is tuple:
        if len(inner) == len((1, ...)) and inner[1] is Ellipsis:
            return f"{_typed(inner[0])}, many"
        return f"({', '.join(map(_typed, inner))})"
    return {"str": "text", "int": "whole number", "bool": "yes or no", "Decimal": "decimal",
            "datetime": "instant", "date": "day", "object": "any act or record"}.get(
        getattr(annotation, "__name__", ""), getattr(annotation, "__name__", str(annotation))
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a docstring says of fields."""

    names: tuple[str, ...]
    text: str


def _attributes(record: type) -> Mapping[str, str]:
    """Read the Attributes part of a record's docstring."""
    said = inspect.cleandoc(record.__doc__ or "").partition("Attributes:\n")[2]
    rows = (
        _Said(names=tuple(each["names"].split(", ")), text=" ".join(each["text"].split()))
        for each in _ATTRIBUTE.finditer(said)
    )
    return {name: _sentence(row.text) for row in rows for name in row.names}


def _sentence(text: str) -> str:
    """Write double backquotes as Markdown has them."""
    return text.replace("``", "`")


def _first(thing: Any) -> str:
    """Give the first paragraph of a docstring, on one line."""
    said = inspect.getdoc(thing) or ""
    return _sentence(" ".join(said.split("\n\n", maxsplit=1)[0].split()))


def _room_of(record: type) -> str:
    return record.__module__.split(".")[1]


def _name(record: type) -> tuple[str, str]:
    return record.__name__, record.__module__


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |"
                     for line in lines)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Write the pages; with ``--check`` only say which are stale."""
    stale = [
        page for page, text in pages().items()
        if not (DOCS / page).exists() or (DOCS / page).read_text("utf-8") != text
    ]  # fmt: skip
    for page in stale:
        sys.stdout.write(f"{'stale' if '--check' in arguments else 'written'}: docs/{page}\n")
        if "--check" not in arguments:
            (DOCS / page).write_text(pages()[page], "utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
