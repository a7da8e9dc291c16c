"""Errors as problem+json (RFC 9457): what was wanted, what came, where, and what would mend it."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from manciple.kernel.errors import MancipleError, Reason, Refused
from manciple.runtime.codec import CodecError
from manciple.runtime.intake import BusyError, ClosedError
from manciple.runtime.work import LostRaceError, NotFoundError, StoreError
from manciple.web.api import misfits

_log = logging.getLogger(__name__)
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_INDEX = re.compile(r"\[(\d+|\.\.\.)\]")
MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[str, int] = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "SELF_APPROVAL": 403,
    "OWN_ACCESS": 403,
    "SECOND_PERSON": 403,
    "SEGREGATION": 403,
    "LIMIT_TOO_LOW": 403,
    "NOT_FOUND": 404,
    "UNKNOWN_ORDER": 404,
    "WRONG_STATE": 409,
    "NOT_OPEN": 409,
    "UNDO_OVER": 409,
    "DISPATCHED": 409,
    "FOLLOWED": 409,
    "NOT_YET": 409,
    "TOO_SOON": 409,
    "QUESTION_OPEN": 409,
    "NO_QUESTION": 409,
    "PANEL": 409,
    "NOT_LOW_RISK": 409,
    "HELD": 409,
    "CURED_BY_FACTS": 409,
    "NOTHING_TO_RELEASE": 409,
    "PAPER_IN_DOUBT": 409,
    "TOTAL_UNKNOWN": 409,
    "PART_RELEASED": 409,
    "CREDIT_NOTE": 409,
    "RESOLUTION_NOT_ALLOWED": 409,
    "NOTHING_TO_CANCEL": 409,
    "NOTHING_SENT": 409,
    "REFERENCE_CLASH": 409,
    "KEY_EXISTS": 409,
    "ADDRESS_TAKEN": 409,
    "RECEIPT_CHANGED": 409,
    "SHIPMENT_CHANGED": 409,
    "STALE": 412,
    "FILE_TOO_LARGE": 413,
    "IDEMPOTENCY_KEY_MISSING": 428,
    "NOT_READY": 503,
}
"""The status of a refusal by its code; NOT_YOUR_... is 403, ALREADY_... 409, any other 422."""
_FAMILIES = (("NOT_YOUR_", 403), ("ALREADY_", 409))
_TITLES = {
    400: "The request could not be read",
    401: "Say who you are",
    403: "You may not do this",
    404: "There is no such thing here",
    405: "This can't be done to that",
    409: "It is too late, or too early, for this",
    412: "It has changed since you read it",
    413: "Too large",
    415: "This kind of content is not read here",
    422: "A rule refuses this",
    428: "An Idempotency-Key is needed",
    500: "A defect of ours",
    503: "Not now",
}


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "Refused: each error names its code, field, rule and a fix.",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail", "errors"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "errors": {
                            "type": "array",
                            "minItems": 1,
                            "items": {
                                "type": "object",
                                "required": ["code", "message", "field", "rule", "fix"],
                                "properties": {
                                    name: {"type": "string"}
                                    for name in ("code", "message", "field", "rule", "fix")
                                },
                            },
                        },
                    },
                }
            }
        },
    }
}
"""The refusals, as the OpenAPI document tells of them."""


def problem(
    status: int,
    reasons: Sequence[Reason],
    *,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Build the answer: one ``errors`` entry per reason, and ``more`` members beside them."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(status, "The request failed"),
        "status": status,
        "detail": detail or "; ".join(r.message for r in reasons),
        "errors": [
            {
                "code": r.code,
                "message": r.message,
                "field": r.field,
                "rule": r.rule,
                "fix": r.fix,
            }
            for r in reasons
        ],
        **(more or {}),
    }
    return _Json(body, status, dict(headers or {}), MEDIA_TYPE)


class _Json(JSONResponse):
    """JSON that can be written whatever was asked: what is no character stands as a mark."""

    def render(self, content: Any) -> bytes:
        """Write it; half a surrogate pair, which has no bytes, becomes a question mark."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def status_of(reasons: Sequence[Reason]) -> int:
    """Give the status of a refusal: that of its first code with one of its own, else 422."""
    return next((status for r in reasons if (status := _status(r.code))), 422)


def _status(code: str) -> int | None:
    family = (status for prefix, status in _FAMILIES if code.startswith(prefix))
    return STATUS.get(code) or next(family, None)


def refusal(reasons: Sequence[Reason]) -> JSONResponse:
    """Answer with a rule's refusal."""
    status = status_of(reasons)
    challenge = {"WWW-Authenticate": 'Bearer realm="manciple"'} if status == 401 else None  # noqa: PLR2004
    return problem(status, reasons, headers=challenge)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = error.errors()
    unreadable = any(str(each["type"]).startswith("json") for each in errors)
    return problem(400 if unreadable else 422, misfits.reasons_of(errors))


async def _refused(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refused):
        raise error
    return refusal(error.reasons)


async def _not_found(_: Request, error: Exception) -> JSONResponse:
    return problem(404, [Reason(code="NOT_FOUND", message=str(error))])


async def _misfit(_: Request, error: Exception) -> JSONResponse:
    """Name the field of a record that does not fit."""
    message, _sep, place = str(error).partition(" - at `$")
    field = _INDEX.sub(r".\1", place.rstrip("`")).lstrip(".")
    missing = _MISSING.match(message)
    if missing is not None:
        message = f"the field {missing[1]} is missing"
        field = f"{field}.{missing[1]}".lstrip(".")
    reason = Reason(
        code="BAD_VALUE",
        message=f"{field}: {message}" if field and missing is None else message,
        field=field,
        rule="closed records",
        fix="Send the record as a GET of the same address shows it.",
    )
    return problem(422, [reason])


async def _wrong(_: Request, error: Exception) -> JSONResponse:
    return problem(422, [Reason(code="BAD_VALUE", message=str(error))])


async def _halved(_: Request, error: Exception) -> JSONResponse:
    """Refuse half a surrogate pair that was asked for where nothing is kept."""
    del error
    reason = Reason(
        code="BAD_TEXT",
        message="a text holds half a character, of which no other half follows",
        rule="plain text",
        fix="Leave it out, or send the whole character: JSON writes it as two \\u escapes.",
    )
    return problem(422, [reason])


AWAY: Final = 503
PASSING: Final = (StoreError, LostRaceError, BusyError, ClosedError)
"""What passes: the database is away, or too many ask at once. It is answered by AWAY."""


async def unavailable(_: Request, error: Exception) -> JSONResponse:
    """Say that nobody knows: a database that failed at the commit may have kept it."""
    _log.warning("answered 503: %s", error)
    reason = Reason(
        code="UNAVAILABLE",
        message="this could not be finished now; it may or may not have been kept",
        fix="Send it again with the same Idempotency-Key: it happens once.",
    )
    return problem(AWAY, [reason], headers={"Retry-After": "1"})


async def defect(request: Request, error: Exception) -> JSONResponse:
    """Answer in the usual form; the server logs the error itself, the caller learns nothing."""
    _log.error("%s %s broke", request.method, request.url.path, exc_info=error)
    reason = Reason(
        code="DEFECT",
        message="this broke on our side, and nothing of it was kept",
        fix="Send it again with the same Idempotency-Key; tell us if it stays.",
    )
    return problem(500, [reason])


async def _http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    reason = Reason(code=f"HTTP_{error.status_code}", message=str(error.detail))
    return problem(error.status_code, [reason], headers=error.headers)


def install(app: FastAPI) -> None:
    """Have every error of this application come out as problem+json."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UnicodeEncodeError, _halved)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(CodecError, _misfit)
    app.add_exception_handler(MancipleError, _wrong)
    for passing in PASSING:
        app.add_exception_handler(passing, unavailable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, defect)


def api_router(**told: Any) -> APIRouter:
    """Give a router for a part of the API: under ``/v1``, its errors documented.

    Its routes are made ready when the module is read, and every server of the process shares them.

    Args:
        told: further words of FastAPI's router, such as ``tags``.
    """
    return APIRouter(prefix="/v1", responses=DOCUMENTED, **told)
