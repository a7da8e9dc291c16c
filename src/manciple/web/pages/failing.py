"""What a reader sees when the database is away, or something broke: a page, and what to do next.

Whoever asks for HTML outside the API gets a page; a live region keeps what it shows; everybody
else gets problem+json.
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from manciple.web.api import problems
from manciple.web.pages.layout import SECURITY, Layout

Answers = Callable[[Request, Exception], Awaitable[Response]]


def install(server: FastAPI, layout: Layout) -> None:
    """Answer readers by pages where callers get problems."""
    for kind in problems.PASSING:
        server.add_exception_handler(kind, _told(layout, problems.unavailable))
    server.add_exception_handler(Exception, _told(layout, problems.defect))


def _told(layout: Layout, otherwise: Answers) -> Answers:
    async def answer(request: Request, error: Exception) -> Response:
        told = await otherwise(request, error)
        if not _wants_a_page(request):
            return told
        if request.headers.get("hx-request") == "true":
            headers = {**SECURITY, "HX-Reswap": "none", "Retry-After": "1"}
            return Response(status_code=told.status_code, headers=headers)
        page = layout.page(
            request,
            "away.html",
            viewer=None,
            status=told.status_code,
            passes=told.status_code == problems.AWAY,
            was_sent=request.method == "POST",
        )
        if told.status_code == problems.AWAY:
            page.headers["Retry-After"] = "1"
        return page

    return answer


def _wants_a_page(request: Request) -> bool:
    is_api = request.url.path.startswith(("/v1/", "/openapi", "/healthz", "/readyz"))
    return not is_api and "text/html" in request.headers.get("accept", "")
