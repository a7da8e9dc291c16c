"""Texts that were kept as decided, told as people say them.

    nothing said about 6 EA; 12 - 18 = -6, lower side; allowed 0 (absolute 0): outside
    nothing said about 6 pieces; 12 where 18 was agreed: 6 less; nothing less is allowed

History keeps the first; a page shows the second, in the reader's language.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from manciple.kernel.tolerance import Side
from manciple.web.language import Voice, gettext, voice
from manciple.web.pages.units import in_words
from manciple.web.pages.wording import local, moment, near_day

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_DAY: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_CODE: Final = re.compile(r"[a-z]+(?:_[a-z]+)+")
_NUMBER: Final = r"-?\d+(?:\.\d+)?"
_RECKONED: Final = re.compile(
    rf"(?P<actual>{_NUMBER}) - (?P<base>{_NUMBER}) = [+-]?(?P<by>\d+(?:\.\d+)?), "
    rf"(?P<side>{Side.UPPER}|{Side.LOWER}) side; allowed (?P<allowed>{_NUMBER}) "
    r"\((?P<legs>[^()]*(?:\([^()]*\)[^()]*)*)\): (?:inside|outside)(?P<warning>, a warning)?"
)
"""What `Tolerance.test` writes."""


def told(text: str) -> str:
    """Say a kept text: its reckoning in words, its units by their names."""
    return _told(text, voice())


def fact(text: str, now: datetime) -> str:
    """Say one value of an event: an instant, a day, a code, or a kept text."""
    if _INSTANT.fullmatch(text):
        return moment(datetime.fromisoformat(text))
    if _DAY.fullmatch(text):
        return near_day(date.fromisoformat(text), now)
    return told(text.replace("_", " ") if _CODE.fullmatch(text) else text)


MOST_KEPT: Final = 10_000
"""Texts that are kept as they were told: the same stand on every look at a list."""


@lru_cache(MOST_KEPT)
def _told(text: str, spoken: Voice) -> str:
    """Say a text in the voice of this page, which is handed in to be kept with it."""
    del spoken
    return in_words(_RECKONED.sub(_reckoned, text))


def _reckoned(met: re.Match[str]) -> str:
    is_more = not met[0].partition(" = ")[2].startswith("-")
    figures = {name: local(met[name]) for name in ("actual", "base", "by", "allowed")}
    figures["legs"] = met["legs"]
    difference = (
        gettext("%(actual)s where %(base)s was agreed: %(by)s more")
        if is_more
        else gettext("%(actual)s where %(base)s was agreed: %(by)s less")
    ) % figures
    if not met["allowed"].strip("-0."):
        limit = (
            gettext("nothing more is allowed") if is_more else gettext("nothing less is allowed")
        )
    else:
        limit = (
            gettext("up to %(allowed)s more is allowed (%(legs)s)")
            if is_more
            else gettext("up to %(allowed)s less is allowed (%(legs)s)")
        ) % figures
    warning = f"; {gettext('a warning, no hold')}" if met["warning"] else ""
    return f"{difference}; {limit}{warning}"
