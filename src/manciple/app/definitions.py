"""Flows, policies, playbooks and maps: the shipped definitions, from the wheel or a checkout."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from manciple.cases.discrepancy import Code
from manciple.cases.playbook import (
    PlaybookError,
    Playbooks,
    lint_playbooks,
    read_playbooks,
)
from manciple.exchange.mapping.maps import Maps, load_maps
from manciple.kernel.errors import MancipleError
from manciple.policy.register import Register, load_tables
from manciple.processes.exceptions.subjects import remedies_for
from manciple.processes.exceptions.table import remedies
from manciple.processes.flow import Flow, load_flow

_PACKAGE = Path(__file__).resolve().parent.parent


class NoDefinitionsError(MancipleError):
    """The shipped definitions are not where an installation has them."""


def shipped(name: str) -> Path:
    """Give the folder of shipped ``flows``, ``policies``, ``playbooks`` or ``mappings``."""
    for folder in (_PACKAGE / "shipped" / name, _PACKAGE.parent.parent / name):
        if folder.is_dir():
            return folder
    raise NoDefinitionsError(f"there are no shipped {name}: install manciple again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Everything that decides and is data."""

    register: Register
    flows: tuple[Flow, ...]
    playbooks: Playbooks
    maps: Callable[[str | None], Maps]

    def flow(self, name: str) -> Flow:
        """Give a flow by its id.

        Raises:
            NoDefinitionsError: there is none of that name.
        """
        for each in self.flows:
            if each.id == name:
                return each
        raise NoDefinitionsError(f"there is no flow {name}")


def load_policies() -> Register:
    """Load the shipped decision tables."""
    tables = {path.name: path.read_bytes() for path in sorted(shipped("policies").glob("*.yaml"))}
    return load_tables(tables)


def load_flows() -> tuple[Flow, ...]:
    """Load the shipped flows."""
    return tuple(load_flow(path.read_bytes()) for path in sorted(shipped("flows").glob("*.yaml")))


def acting_resolutions(flows: Iterable[Flow]) -> dict[Code, frozenset[str]]:
    """Give the resolutions that do something about the documents of each code."""
    acting: dict[Code, frozenset[str]] = dict.fromkeys(Code, frozenset())
    for ways in map(remedies, flows):
        for code in Code:
            names = {row.name for row in ways.rows}
            acting[code] |= {name for name in names if remedies_for(code, name, ways)}
    return acting


def load() -> Definitions:
    """Load the shipped definitions; a defect in one refuses them all, with every defect named."""
    register, flows = load_policies(), load_flows()

    @cache
    def maps(overlay: str | None) -> Maps:
        return load_maps(shipped("mappings") / "x12", overlay=overlay)

    playbooks = read_playbooks(playbook_files())
    allowed, acting = allowed_resolutions(register), acting_resolutions(flows)
    defects = lint_playbooks(playbooks, allowed=allowed, remedies=acting)
    if defects:
        raise PlaybookError(defects)
    return Definitions(register=register, flows=flows, playbooks=Playbooks(playbooks), maps=maps)


def playbook_files() -> dict[str, bytes]:
    """Read the shipped playbooks, as bytes by file name."""
    return {path.name: path.read_bytes() for path in sorted(shipped("playbooks").glob("*.yaml"))}


def allowed_resolutions(register: Register) -> dict[Code, frozenset[str]]:
    """Give what policy allows for each code of exception, in any version and any lane."""
    allowed: dict[Code, frozenset[str]] = dict.fromkeys(Code, frozenset())
    for table in register.tables():
        if table.name != "exception_routing":
            continue
        for row in table.rows:
            when = dict(zip((column.name for column in table.inputs), row.when, strict=True))
            named = table.answers(row)["resolutions"]
            assert isinstance(named, tuple)
            for code in Code:
                if when["code"].lets(code.value):
                    allowed[code] |= frozenset(named)
    return allowed
