"""The pages' styles, script, font and icons: built into the package, named by their content.

A file whose name holds a hash of its bytes never changes, so browsers may keep it for good.
Each is served as `.br` or `.gz` to a browser that asks for that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from fastapi import APIRouter, Request, Response

from manciple.kernel.errors import MancipleError

BUILT: Final = Path(__file__).parent / "static"

_MEDIA_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


class AssetsMissingError(MancipleError):
    """The pages' assets were not built into this installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"the pages' assets are not in {folder}: install with `uv pip install -e .`, which "
            "builds them, and without MANCIPLE_SKIP_WEB"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The built files, found by their plain names: ``app.css`` -> ``app-1a93b7538e.css``."""

    folder: Path
    names: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path = BUILT) -> Self:
        """Read the manifest of the built files.

        Raises:
            AssetsMissingError: nothing was built there.
        """
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise AssetsMissingError(folder)
        return cls(folder=folder, names=json.loads(manifest.read_text(encoding="utf-8")))

    def url(self, name: str) -> str:
        """Give the address of a built file by its plain name."""
        return f"/static/{self.names[name]}"

    def router(self) -> APIRouter:
        """Serve the built files, and nothing else, below ``/static/``."""
        router = APIRouter(include_in_schema=False)
        served = frozenset((*self.names.values(), "licenses.txt"))

        @router.get("/static/{name}")
        def asset(name: str, request: Request) -> Response:
            if name not in served:
                return Response("There is no such file.", status_code=404, media_type="text/plain")
            hashed = name != "licenses.txt"
            return self._answer(name, request.headers.get("accept-encoding", ""), hashed=hashed)

        return router

    def _answer(self, name: str, accepted: str, *, hashed: bool) -> Response:
        path = self.folder / name
        headers = {
            "Cache-Control": _FOR_GOOD if hashed else "no-cache",
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        wanted = _accepted(accepted)
        for encoding, suffix in _ENCODINGS:
            twin = path.with_name(name + suffix)
            if encoding in wanted and twin.is_file():
                headers["Content-Encoding"] = encoding
                return Response(
                    twin.read_bytes(), media_type=_MEDIA_TYPES[path.suffix], headers=headers
                )
        return Response(path.read_bytes(), media_type=_MEDIA_TYPES[path.suffix], headers=headers)


def _accepted(header: str) -> frozenset[str]:
    """Read Accept-Encoding; an encoding with weight 0 is refused. Source: RFC 9110, 12.5.3."""
    accepted = set()
    for part in header.split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").strip() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            accepted.add(name.strip().lower())
    return frozenset(accepted)
