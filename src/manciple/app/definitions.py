"""Flows, policies and maps: the shipped definitions, from the wheel or from a checkout."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from manciple.exchange.mapping.maps import Maps, load_maps
from manciple.kernel.errors import MancipleError
from manciple.policy.register import Register, load_tables
from manciple.processes.flow import Flow, load_flow

_PACKAGE = Path(__file__).resolve().parent.parent


class NoDefinitionsError(MancipleError):
    """The shipped definitions are not where an installation has them."""


def shipped(name: str) -> Path:
    """Give the folder of shipped ``flows``, ``policies`` or ``mappings``."""
    for folder in (_PACKAGE / "shipped" / name, _PACKAGE.parent.parent / name):
        if folder.is_dir():
            return folder
    raise NoDefinitionsError(f"there are no shipped {name}: install manciple again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Everything that decides and is data."""

    register: Register
    flows: tuple[Flow, ...]
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


def load() -> Definitions:
    """Load the shipped definitions; a defect in one refuses them all, with every defect named."""
    tables = {path.name: path.read_bytes() for path in sorted(shipped("policies").glob("*.yaml"))}
    register = load_tables(tables)
    flows = tuple(load_flow(path.read_bytes()) for path in sorted(shipped("flows").glob("*.yaml")))

    @cache
    def maps(overlay: str | None) -> Maps:
        return load_maps(shipped("mappings") / "x12", overlay=overlay)

    return Definitions(register=register, flows=flows, maps=maps)
