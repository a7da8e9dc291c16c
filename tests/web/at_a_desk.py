"""Somebody at a desk with a key instead of a password, and installations that are made once.

A browser that brings its reader's API key is as good as one that signed in, and costs no hashing;
a furnished installation is copied for the tests that change it.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import httpx

from tests.api.installation import Installation, installed, key_of, opened
from tests.databases import server
from tests.web.signed_in import Browser


@dataclass(slots=True)
class Keyed(Browser):
    """A browser that shows its reader's key at every door."""

    who: str = ""

    def ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        shown = {"Authorization": f"Bearer {key_of(self.who)}"}
        return Browser.ask(
            self, method, path, content=content, headers={**(headers or {}), **shown}
        )


def at_desk(house: Installation, who: str) -> Keyed:
    """Sit somebody down."""
    return Keyed(house, who=who)


@dataclass(frozen=True, slots=True)
class Made:
    """A furnished installation that lies still, and the moment at which it was left.

    Attributes:
        url: its database on a PostgreSQL; None where that is a file in its home.
    """

    home: Path
    at: datetime
    url: str | None = None

    @contextmanager
    def copied(self, home: Path) -> Iterator[Installation]:
        """Open a copy of it, at the moment at which it was left."""
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        with self._database(home) as url:
            house = opened(home, url)
            house.clock.advance(self.at)
            house._serial = count(1000)  # past the keys of the acts that furnished it
            try:
                yield house
            finally:
                house.close()

    @contextmanager
    def _database(self, home: Path) -> Iterator[str]:
        if self.url is None:
            yield f"sqlite:///{home / 'manciple.db'}"
            return
        url = server().copy(self.url)
        try:
            yield url
        finally:
            server().drop(url)


def made_once(
    home: Path, furnish: Callable[[Installation], object], url: str | None = None
) -> Made:
    """Furnish an installation and close it, so that copies of it can be opened.

    ``url`` is an empty database of its own on the run's PostgreSQL; without one it is a file.
    """
    home.mkdir(parents=True, exist_ok=True)
    with installed(home, url) as house:
        furnish(house)
        at = house.clock.now()
    return Made(home, at, url)
