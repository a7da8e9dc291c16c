"""A playbook tells how one kind of exception is worked: data, one versioned document per code.

    what happened -> what to check -> the steps -> the resolutions, when to choose each, its costs

An exception keeps the version that it was opened under. A playbook with a gap is not used: the
linter names every defect of every file at once.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from manciple.cases.discrepancy import Code
from manciple.cases.root_cause import RootCause
from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass
from manciple.policy.yaml_text import YamlError, read_yaml

US, SUPPLIER = "us", "supplier"
_KEYS = {
    "playbook": str, "version": str, "effective_from": str, "owner": str, "title": str,
    "what_happened": str, "waits_on": str, "minutes": str, "check": list, "steps": list,
    "resolutions": list, "root_causes": list,
}  # fmt: skip
_OPTIONAL = {"sources": list}
_CHOICE_KEYS = ("name", "choose_when", "costs")
_MOST_MINUTES = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One resolution, as the playbook puts it before an owner."""

    name: str
    choose_when: str
    costs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """How exceptions of one code are worked, in one version.

    Attributes:
        waits_on: whose move it is when the exception opens, ``us`` or ``supplier``.
        minutes: the work that one usually takes, an assumption for the order of the queue; above
            zero.
        check: what to look at before deciding.
        root_causes: those that are usual, the likeliest first.
    """

    code: Code
    version: str
    effective_from: date
    owner: str
    title: str
    what_happened: str
    waits_on: str
    minutes: Decimal
    check: tuple[str, ...]
    steps: tuple[str, ...]
    resolutions: tuple[Choice, ...]
    root_causes: tuple[RootCause, ...]
    sources: tuple[str, ...] = ()

    def choice(self, resolution: str) -> Choice | None:
        """Give what the playbook says about a resolution."""
        return next((each for each in self.resolutions if each.name == resolution), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookDefect:
    """One thing wrong with a playbook.

    Attributes:
        file: the file, or the code where no file is at fault.
        where: the path of the part at fault; empty when it is the whole.
    """

    file: str
    where: str = ""
    wanted: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.where}" if self.where else self.file
        return f"{place}: {self.wanted}"


class PlaybookError(MancipleError):
    """Playbooks that are not used; every defect is named."""

    def __init__(self, defects: Iterable[PlaybookDefect]) -> None:
        """Keep the defects."""
        self.defects = tuple(defects)
        super().__init__("; ".join(str(each) for each in self.defects))


class Playbooks:
    """Every playbook in every version."""

    def __init__(self, playbooks: Iterable[Playbook]) -> None:
        """Keep them by code, by the day on which they come into force."""
        self._versions: dict[Code, list[Playbook]] = {}
        for each in sorted(playbooks, key=lambda p: (p.code, p.effective_from, p.version)):
            self._versions.setdefault(each.code, []).append(each)

    def __iter__(self) -> Iterator[Playbook]:
        """Give every version of every playbook, by code and day."""
        for versions in self._versions.values():
            yield from versions

    def at(self, code: Code, day: date) -> Playbook | None:
        """Give the playbook in force on a day, the first one before that; None: there is none."""
        versions = self._versions.get(code, [])
        in_force = [each for each in versions if each.effective_from <= day]
        return in_force[-1] if in_force else next(iter(versions), None)

    def version(self, code: Code, version: str) -> Playbook | None:
        """Give a playbook in one version."""
        known = self._versions.get(code, ())
        return next((each for each in known if each.version == version), None)


NO_PLAYBOOKS = Playbooks(())


# ---- from YAML --------------------------------------------------------------------------------


def read_playbooks(files: Mapping[str, bytes]) -> tuple[Playbook, ...]:
    """Read playbooks from YAML files by name.

    Raises:
        PlaybookError: with every defect of form of every file.
    """
    read: list[Playbook] = []
    defects: list[PlaybookDefect] = []
    for name in sorted(files):
        try:
            node = read_yaml(files[name])
        except YamlError as problem:
            defects.append(PlaybookDefect(file=name, wanted=str(problem)))
            continue
        found = tuple(_form(name, node))
        if found or not isinstance(node, dict):
            defects.extend(found)
        else:
            read.append(_playbook(node))
    if defects:
        raise PlaybookError(defects)
    return tuple(read)


def _form(file: str, node: Any) -> Iterator[PlaybookDefect]:
    if not isinstance(node, dict):
        yield PlaybookDefect(file=file, wanted="a mapping with the key 'playbook' is wanted")
        return
    for key in node:
        if key not in _KEYS and key not in _OPTIONAL:
            known = ", ".join((*_KEYS, *_OPTIONAL))
            yield PlaybookDefect(file=file, where=key, wanted=f"no such key; known are {known}")
    for key, kind in _KEYS.items():
        if key not in node:
            yield PlaybookDefect(file=file, where=key, wanted="it is missing")
        elif not isinstance(node[key], kind) or not node[key]:
            word = "a text" if kind is str else "a list that is not empty"
            yield PlaybookDefect(file=file, where=key, wanted=f"{word} is wanted")
        elif kind is str and not node[key].strip():
            yield PlaybookDefect(file=file, where=key, wanted="a text is wanted, not blanks")
    yield from _values(file, node)
    for key in ("check", "steps", "sources"):
        yield from _texts(file, key, node.get(key))
    yield from _choices(file, node.get("resolutions"))


def _values(file: str, node: Mapping[str, Any]) -> Iterator[PlaybookDefect]:
    """Find values that are not of their kind."""
    code = node.get("playbook")
    if isinstance(code, str) and code not in {each.value for each in Code}:
        yield PlaybookDefect(file=file, where="playbook", wanted=f"{code!r} is no exception code")
    day = node.get("effective_from")
    if isinstance(day, str) and _day(day) is None:
        yield PlaybookDefect(
            file=file, where="effective_from", wanted=f"{day!r} is no day such as 2026-01-31"
        )
    waits = node.get("waits_on")
    if isinstance(waits, str) and waits not in {US, SUPPLIER}:
        yield PlaybookDefect(file=file, where="waits_on", wanted=f"{waits!r}: us or supplier")
    minutes = node.get("minutes")
    if isinstance(minutes, str) and _minutes(minutes) is None:
        yield PlaybookDefect(
            file=file,
            where="minutes",
            wanted=f"{minutes!r}: more than 0 and at most {_MOST_MINUTES} minutes are wanted",
        )
    causes = node.get("root_causes")
    known = {each.value for each in RootCause}
    for index, cause in enumerate(causes if isinstance(causes, list) else ()):
        if cause not in known:
            where = f"root_causes.{index}"
            yield PlaybookDefect(file=file, where=where, wanted=f"{cause!r} is no root cause")


def _texts(file: str, key: str, rows: Any) -> Iterator[PlaybookDefect]:
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, str) or not row.strip():
            yield PlaybookDefect(file=file, where=f"{key}.{index}", wanted="a text is wanted")


def _choices(file: str, rows: Any) -> Iterator[PlaybookDefect]:
    seen: set[str] = set()
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        where = f"resolutions.{index}"
        if not isinstance(row, dict) or set(row) != set(_CHOICE_KEYS):
            keys = ", ".join(_CHOICE_KEYS)
            yield PlaybookDefect(file=file, where=where, wanted=f"a mapping of {keys} is wanted")
            continue
        for key in _CHOICE_KEYS:
            if not isinstance(row[key], str) or not row[key].strip():
                yield PlaybookDefect(file=file, where=f"{where}.{key}", wanted="a text is wanted")
        name = str(row["name"])
        if name in seen:
            yield PlaybookDefect(file=file, where=where, wanted=f"{name} comes twice")
        seen.add(name)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _minutes(text: str) -> Decimal | None:
    try:
        minutes = Decimal(text)
    except InvalidOperation:
        return None
    return minutes if minutes.is_finite() and 0 < minutes <= _MOST_MINUTES else None


def _playbook(node: Mapping[str, Any]) -> Playbook:
    """Build a playbook of a form that has no defect."""
    day, minutes = _day(node["effective_from"]), _minutes(node["minutes"])
    assert day is not None
    assert minutes is not None
    return Playbook(
        code=Code(node["playbook"]),
        version=node["version"],
        effective_from=day,
        owner=node["owner"],
        title=node["title"],
        what_happened=node["what_happened"],
        waits_on=node["waits_on"],
        minutes=minutes,
        check=tuple(node["check"]),
        steps=tuple(node["steps"]),
        resolutions=tuple(Choice(**row) for row in node["resolutions"]),
        root_causes=tuple(RootCause(each) for each in node["root_causes"]),
        sources=tuple(node.get("sources", ())),
    )


# ---- the linter -------------------------------------------------------------------------------


def lint_playbooks(
    playbooks: Iterable[Playbook],
    *,
    allowed: Mapping[Code, Collection[str]],
    remedies: Mapping[Code, Collection[str]],
) -> tuple[PlaybookDefect, ...]:
    """Give everything that playbooks forget, or say that is not so; none when they may be used.

    Every code has one; every resolution that policy allows for a code (``allowed``) is described,
    and every one that is described is allowed and does something about the code's documents
    (``remedies``); no version comes twice.
    """
    known = tuple(playbooks)
    missing = [code for code in Code if code not in {each.code for each in known}]
    return (
        *(PlaybookDefect(file=code.value, wanted="it has no playbook") for code in missing),
        *_twice(known),
        *(defect for each in known for defect in _named(each, allowed, remedies)),
    )


def _twice(playbooks: tuple[Playbook, ...]) -> Iterator[PlaybookDefect]:
    seen: set[tuple[Code, object]] = set()
    for each in playbooks:
        for mark in (each.version, each.effective_from):
            if (each.code, mark) in seen:
                yield PlaybookDefect(file=each.code.value, wanted=f"{mark} comes twice")
            seen.add((each.code, mark))


def _named(
    playbook: Playbook,
    allowed: Mapping[Code, Collection[str]],
    remedies: Mapping[Code, Collection[str]],
) -> Iterator[PlaybookDefect]:
    file = f"{playbook.code.value} {playbook.version}"
    described = [each.name for each in playbook.resolutions]
    may = allowed.get(playbook.code, ())
    for name in described:
        if name not in remedies.get(playbook.code, ()):
            wanted = "no such resolution does anything about this code's documents"
            yield PlaybookDefect(file=file, where=name, wanted=wanted)
        elif name not in may:
            yield PlaybookDefect(
                file=file, where=name, wanted="exception_routing never allows it for this code"
            )
    for name in sorted(set(may) - set(described)):
        yield PlaybookDefect(
            file=file, where=name, wanted="exception_routing allows it, no word is said of it"
        )
