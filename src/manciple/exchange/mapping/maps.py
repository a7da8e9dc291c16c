"""Maps: the files of `mappings/x12`, loaded and compiled once, with a partner's overlay on top."""

import re
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

from manciple.exchange.mapping.codes import Codes, Overlay
from manciple.exchange.mapping.document import DocumentKind
from manciple.exchange.mapping.draft import Act
from manciple.exchange.mapping.verbs import compile_row
from manciple.kernel.records import dataclass

Table = Mapping[str, tuple[Act, ...]]


class UnknownOverlayError(LookupError):
    """A partner's profile names an overlay that does not exist."""


class MapKeyError(ValueError):
    """A map or overlay holds a code that YAML does not read as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of a message in which segments mean the same: line, package, summary."""

    name: str
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """Which elements of HL hold its id, its parent and its level."""

    segment: str
    id: int
    parent: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMap:
    """How one transaction set is read.

    Attributes:
        starts: the segments that begin another area.
        levels: the area of each HL level code.
    """

    set: str
    kind: DocumentKind
    header: Table
    starts: Mapping[str, Area] = field(default_factory=dict)
    hierarchy: Hierarchy | None = None
    levels: Mapping[str, Area] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMap:
    """How one transaction set is written: its rows as data, see ``compose``."""

    set: str
    kind: DocumentKind
    version: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """All that is needed to read and write the papers of one partner."""

    inbound: Mapping[str, InboundMap]
    outbound: Mapping[str, OutboundMap]
    codes: Codes

    def of(self, kind: str) -> InboundMap:
        """The map of a transaction set; sets without one share the map ``*``."""
        return self.inbound.get(kind) or self.inbound["*"]


def shipped_directory() -> Path:
    """Where the maps are: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "shipped" / "mappings" / "x12"
    return installed if installed.is_dir() else package.parents[1] / "mappings" / "x12"


@lru_cache(maxsize=64)
def load_maps(directory: Path | None = None, *, overlay: str | None = None) -> Maps:
    """Load the maps, with a partner's overlay from ``partners/<overlay>.yaml`` if one is named.

    Raises:
        UnknownOverlayError: no such overlay is there.
        MapKeyError: a code such as 017 is not in quotes.
    """
    folder = directory or shipped_directory()
    plain, inbound, outbound = _files(folder)
    habits = load_overlay(folder, overlay) if overlay else None
    return Maps(inbound=inbound, outbound=outbound, codes=Codes.of(plain, habits))


@lru_cache(maxsize=4)
def _files(
    folder: Path,
) -> tuple[dict[str, Any], Mapping[str, InboundMap], Mapping[str, OutboundMap]]:
    """Code lists and compiled maps of a folder; partners share them."""
    inbound: dict[str, InboundMap] = {}
    outbound: dict[str, OutboundMap] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "codes.yaml":
            continue
        data = _yaml(path)
        if "segments" in data:
            written = _outbound(data)
            outbound[written.set] = written
        else:
            read = _inbound(data)
            inbound[read.set] = read
    plain = _yaml(folder / "codes.yaml")
    return plain, MappingProxyType(inbound), MappingProxyType(outbound)


def overlays(directory: Path | None = None) -> frozenset[str]:
    """Name the partners' overlays that there are."""
    folder = (directory or shipped_directory()) / "partners"
    return frozenset(path.stem for path in folder.glob("*.yaml"))


def load_overlay(folder: Path, name: str) -> Overlay:
    """Load one partner's habits by name.

    Raises:
        UnknownOverlayError: no such overlay is there.
    """
    path = folder / "partners" / f"{name}.yaml"
    known = sorted(p.stem for p in (folder / "partners").glob("*.yaml"))
    if name not in known:
        raise UnknownOverlayError(
            f"no mapping overlay {name!r} in {folder / 'partners'}; there are: {', '.join(known)}"
        )
    data = _yaml(path)
    return Overlay(
        name=data["name"],
        codes=data.get("codes", {}),
        write=data.get("write", {}),
        prefer_items=tuple(data.get("prefer_items", ())),
    )


if TYPE_CHECKING:
    _Base = yaml.SafeLoader
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    """libyaml's parser where the wheel has it: ten times as fast, the same values."""


class _Loader(_Base):
    """YAML in which only true and false are booleans: ON and NO are codes here."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:bool"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), list("tf"))


def _yaml(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506
    _check_keys(loaded, path)
    return loaded


def _check_keys(data: Any, path: Path) -> None:
    """Refuse a bare 017: YAML would read it as fifteen."""
    if isinstance(data, dict):
        for key, value in data.items():
            if not isinstance(key, str):
                raise MapKeyError(f"{path.name}: the code {key!r} must stand in quotes")
            _check_keys(value, path)
    elif isinstance(data, list):
        for value in data:
            _check_keys(value, path)


def _inbound(data: Mapping[str, Any]) -> InboundMap:
    starts: dict[str, Area] = {}
    for name in ("line", "summary"):
        part = data.get(name)
        if part:
            area = Area(name=name, table=_table(part["segments"]))
            starts.update(dict.fromkeys(part["starts"], area))
    levels = {
        code: Area(name=part["area"], table=_table(part["segments"]))
        for code, part in data.get("levels", {}).items()
    }
    return InboundMap(
        set=data["set"],
        kind=DocumentKind(data["kind"]),
        header=_table(data["header"]),
        starts=starts,
        hierarchy=Hierarchy(**data["hierarchy"]) if "hierarchy" in data else None,
        levels=levels,
    )


def _table(segments: Mapping[str, list[Mapping[str, Any]]]) -> Table:
    return {tag: tuple(compile_row(row) for row in rows) for tag, rows in segments.items()}


def _outbound(data: Mapping[str, Any]) -> OutboundMap:
    return OutboundMap(
        set=data["set"],
        kind=DocumentKind(data["kind"]),
        version=data["version"],
        rows=tuple(data["segments"]),
    )
