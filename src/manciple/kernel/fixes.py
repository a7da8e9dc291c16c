"""What usually mends a refusal, by its code: said wherever a rule has nothing closer to say.

usual("WRONG_STATE")  ->  "Look at it again: its state says what can still be done."
"""

from collections.abc import Mapping
from typing import Final

_LOOK_AGAIN: Final = "Look at it again: its state says what can still be done."
_NOTHING_TO_DO: Final = "Nothing has to be done: it is so already."
_CHECK_NUMBER: Final = "Check the number, or look it up in its list."
_CHECK_LINE: Final = "Name a line that the document has."
_ASK: Final = "Ask somebody with the role, or an administrator for it."
_ANOTHER: Final = "Let somebody else do it, whom it does not concern."
_LINES: Final = "Give at least one line."
_CORRECT: Final = "Correct the value."
_SHORTEN: Final = "Make it shorter, or send it in parts."
_JSON: Final = "Send one JSON object in UTF-8."

USUAL: Final[Mapping[str, str]] = {
    "ALREADY_INACTIVE": _NOTHING_TO_DO,
    "ALREADY_RESTORED": _NOTHING_TO_DO,
    "ALREADY_REVOKED": _NOTHING_TO_DO,
    "ALREADY_UNDONE": _NOTHING_TO_DO,
    "AMOUNT": "State an amount above zero.",
    "AMOUNT_NEGATIVE": "State zero or more.",
    "BAD_CURRENCY": "Use a currency's three letters: USD.",
    "BAD_CURSOR": "Send the 'after' of the page before, or leave it out.",
    "BAD_JSON": _JSON,
    "BAD_NUMBER": "Write digits and a point: 12.50.",
    "BAD_QUANTITY": "State how many are meant, above zero.",
    "BAD_VALUE": _CORRECT,
    "BREAKER_OPEN": "Wait until the other system answers, or try it at once.",
    "CURRENCY": "State it in the document's currency.",
    "DECLARED_BEFORE": _NOTHING_TO_DO,
    "DOUBLE_LINE": "Give each line once, with all that is meant.",
    "FAILED": "Mend what the message names, and try again.",
    "FILE_TOO_LARGE": _SHORTEN,
    "FORBIDDEN": _ASK,
    "KEY_ID": "Use letters, digits and - . _ alone.",
    "LINE_TWICE": "Give each line once, with all that is meant.",
    "NOTE_LENGTH": _SHORTEN,
    "NOT_FOUND": _CHECK_NUMBER,
    "NOT_MANCIPLE": "Check the address of the server.",
    "NOT_OPEN": _LOOK_AGAIN,
    "NOT_READY": "Try again in a moment; bring the database to this program with migrate.",
    "NOT_YOURS": _ASK,
    "NO_CHANNEL": "Register the partner's profile first.",
    "NO_FILE": "Choose a file, or paste its rows.",
    "NO_GAP": _NOTHING_TO_DO,
    "NO_KEY": "Ask an administrator for a key.",
    "NO_LINE": _CHECK_LINE,
    "NO_LINES": _LINES,
    "NO_NUMBER": "Give the number that stands on the paper.",
    "NO_QUANTITY": "State how many are meant.",
    "NO_SHIPMENT": "Give the number that stands on the paper.",
    "NO_SUCH_LINE": _CHECK_LINE,
    "SELF_APPROVAL": _ANOTHER,
    "SESSION_DIGEST": "Sign in anew.",
    "TIMER_GONE": _NOTHING_TO_DO,
    "TOO_LARGE": _SHORTEN,
    "TOO_LONG": _SHORTEN,
    "TOO_MANY": "Do it in several steps.",
    "UNDO_OVER": _LOOK_AGAIN,
    "UNKNOWN_CASE": _CHECK_NUMBER,
    "UNKNOWN_CHANGE": _CHECK_NUMBER,
    "UNKNOWN_FIELD": "Leave it out, or look up how it is called.",
    "UNKNOWN_GROUP": "Ask the partner which of our files is meant.",
    "UNKNOWN_LINE": _CHECK_LINE,
    "UNKNOWN_ORDER": _CHECK_NUMBER,
    "UNKNOWN_REQUISITION": _CHECK_NUMBER,
    "UNKNOWN_RETURN": _CHECK_NUMBER,
    "UNWRITABLE": "Correct what the message names, and have it sent again.",
    "UOM_UNKNOWN": "Use a unit's code of UN/ECE Rec 20 or 21: EA.",
    "WRONG_PASSWORD": "Type it again; an administrator can set a new one.",
    "WRONG_STATE": _LOOK_AGAIN,
    "WRONG_WAREHOUSE": "Let the warehouse answer with which it was placed.",
}


def usual(code: str) -> str:
    """Give what usually mends a refusal; empty where a code is told in its own words alone."""
    return USUAL.get(code, "")
