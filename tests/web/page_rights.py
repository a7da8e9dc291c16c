"""Who may open which page: the table, and the reference page that is written from it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from manciple.kernel.messages import Role
from tests.api.small_company import HOLDER, PEOPLE

TABLE: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "pages.toml").read_text("utf-8")
)
ACTS: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    (Path(__file__).parents[1] / "api" / "permissions.toml").read_text("utf-8")
)
INSIDE: Final = tuple(
    role
    for role in Role
    if role not in {Role.SYSTEM, Role.SUPPLIER} and not role.value.endswith("_system")
)
"""The roles of people who work at the workbench."""
_BOUND: Final = frozenset(person.id for person in PEOPLE if person.sites)


def may(row: Mapping[str, Any], role: Role) -> bool:
    """Say whether a row lets a role of the workbench through."""
    if "act" in row:
        return role.value in ACTS[row["act"]]["roles"]
    whom = row["for"]
    if whom in ("all", "signed in", "inside"):
        return True
    if whom == "every site":
        return HOLDER[role] not in _BOUND
    return role.value in {*whom, Role.ADMIN.value, Role.AUDITOR.value}


def pages_page() -> str:
    """Write the reference page."""
    lines = [
        "# Who may open which page",
        "",
        "<!-- Written by `python -m tests.api.write_docs` from `tests/web/pages.toml`; tests try",
        "each row as every role. -->",
        "",
        "Pages show the rows that their reader may see: at the reader's sites, or at every site",
        "where none is named. What is not within a reader's rights is answered as if it were not",
        "there (404). A stranger is led to the sign-in; a supplier sees none of these pages.",
        "A form asks for an act, and [the rights of that act](permissions.md) decide: whoever may",
        "not ask is refused (403) before anything is looked at.",
        "",
        "| Page or form | Who | Beyond the role |",
        "| --- | --- | --- |",
    ]
    for route, row in TABLE.items():
        also = row.get("also", {}).get("why", "")
        lines.append(f"| `{route}` | {_who(row)} | {also} |")
    return "\n".join(lines) + "\n"


def _who(row: Mapping[str, Any]) -> str:
    if "act" in row:
        roles = ", ".join(role.replace("_", " ") for role in ACTS[row["act"]]["roles"])
        return f"who may ask for `{row['act']}`: {roles}"
    words = {
        "all": "everybody",
        "signed in": "everybody who is signed in",
        "inside": "everybody inside",
        "every site": "people inside whose rights are not bound to a site",
    }
    if isinstance(row["for"], str):
        return words[row["for"]]
    return ", ".join(role.replace("_", " ") for role in row["for"]) + "; admin and auditor look on"
