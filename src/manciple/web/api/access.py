"""Who calls: an API key names a person, the person's register gives roles, sites and supplier.

Only the SHA-256 of a key is kept. A key that is revoked, or
whose person is not active, opens nothing from the next request on.
"""

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param

from manciple.app import Application
from manciple.governance.api_key import KeyTextError, admits, key_id
from manciple.governance.people import ApiKey, Person, actor_of
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor

COOKIE = "manciple_key"
"""The cookie under which a browser carries its key after sign-in."""


def application(request: Request) -> Application:
    """Give the application that this server was built around."""
    found = request.app.state.manciple
    if not isinstance(found, Application):
        message = "the server was started without an application"
        raise TypeError(message)
    return found


def _unauthenticated(message: str) -> Exception:
    return refuse(
        "UNAUTHENTICATED",
        message,
        field="Authorization",
        fix="Send 'Authorization: Bearer mk_...' with a key from an administrator.",
    )


def presented(request: Request) -> str:
    """Give the key that came with the request, by header or cookie; empty if none did."""
    scheme, key = get_authorization_scheme_param(request.headers.get("Authorization"))
    if scheme.lower() == "bearer" and key:
        return key
    return request.cookies.get(COOKIE, "")


def actor_with(key: str, app: Application) -> Actor:
    """Give the actor that a key stands for.

    Raises:
        Refused: no key, an unknown or revoked one, or a person who is not active.
    """
    if not key:
        raise _unauthenticated("no API key came with the request")
    try:
        stored = app.documents.get(ApiKey, key_id(key))
    except KeyTextError as problem:
        raise _unauthenticated("this is not an API key of ours") from problem
    if stored is None or not admits(stored.document, key):
        raise _unauthenticated("this API key is not known, or no longer valid")
    person = app.documents.get(Person, stored.document.person)
    if person is None or not person.document.active:
        raise _unauthenticated("the person behind this key is not active")
    return actor_of(person.document)


def caller(request: Request) -> Actor:
    """Give the actor behind a request, for FastAPI's ``Depends``."""
    return actor_with(presented(request), application(request))
