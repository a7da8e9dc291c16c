"""What went wrong with another system, in plain words; the technical text stays beside them.

ConnectError(ConnectionRefusedError(111, ...))   ->  It could not be reached.
"""

import re
from dataclasses import dataclass
from typing import Final

from manciple.web.language import gettext, said

_RAISED: Final = re.compile(
    r"^(?P<ours>(?:defect|untold): )?(?P<name>[A-Za-z_][\w.]*)\(.*\)$", re.DOTALL
)
_WORDS: Final = (
    (("Timeout", "TimedOut"), said("It did not answer in time.")),
    (("Refused", "ConnectError", "ConnectionError", "Unreachable", "gaierror", "NoRoute"),
     said("It could not be reached.")),
    (("Reset", "BrokenPipe", "RemoteProtocol", "ReadError", "WriteError", "Aborted"),
     said("The connection broke before it had answered.")),
    (("SSL", "Certificate"), said("Its certificate was not accepted.")),
    (("Permission", "Authentication", "Login"), said("It did not let us in.")),
    (("FileNotFound", "NotADirectory", "IsADirectory"), said("Its folder is not there.")),
    (("OSError", "IOError", "NetworkError", "TransportError"),
     said("The way to it is disturbed.")),
)  # fmt: skip
"""By parts of the names of Python's and the client libraries' exceptions, the first that fits."""
_OURS: Final = said("This program failed at it; nothing is lost, and it is tried again.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong: words for people, and the technical text where there is more to know."""

    words: str
    technical: str = ""


def fault(text: str) -> Fault:
    """Say in plain words what an attempt reported; what a person wrote stays as it is."""
    found = _RAISED.match(text)
    if found is None:
        return Fault(text)
    for names, words in () if found["ours"] else _WORDS:
        if any(name in text for name in names):
            return Fault(gettext(words), text)
    return Fault(gettext(_OURS) if found["ours"] else gettext("It failed."), text)
