"""How templates become a program: as Jinja does it, with fewer steps for each value.

A page of fifty rows writes some two thousand values. For each of them Jinja asks whether what is
called wants the page's context, which nothing of ours does, and makes a safe text of the value
before it is joined to the others. Here a value is written by one step, our functions are called
as they are, and an attribute that is there is taken without asking for an item of that name too.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import StringIO
from typing import Any, Final

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from manciple.web.language import voice
from manciple.web.pages.units import shown

WANTS: Final = "jinja_pass_arg"
"""The mark on a function that wants the page's context; ours are called without it."""


def written(value: object) -> str:
    """Write a value into a page: a safe text as it is, all else with its signs made safe."""
    if type(value) is Markup:
        return value
    return escape(value if type(value) is str else shown(value))


class _Writer(CodeGenerator):
    """Writes the program of a template."""

    def write_commons(self) -> None:
        """Name what every part of a page uses."""
        super().write_commons()
        self.writeline("written = environment.written")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        del node, frame, finalize
        self.write("written(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        del node, frame, finalize
        self.write(")")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802, FBT001, FBT002  Jinja's own names
        """Call a function or a macro as it is."""
        self.visit(node.node, frame)
        page, self.stream = self.stream, StringIO()
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        arguments, self.stream = self.stream.getvalue(), page
        self.write(f"({arguments.removeprefix(', ')})")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  Jinja's own name
        """Take an attribute; an item of that name where there is none."""
        self.write("(got if (got := getattr(whole := ")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r}, missing)) is not missing")
        self.write(f" else environment.getattr(whole, {node.attr!r}))")


class Drawing(Environment):
    """The templates' environment."""

    code_generator_class = _Writer
    written = staticmethod(written)

    def offer(self, **functions: Callable[..., object]) -> None:
        """Give the templates functions.

        Raises:
            TypeError: one of them wants the page's context, which is not handed in here.
        """
        for name, function in functions.items():
            if hasattr(function, WANTS):
                raise TypeError(f"{name} wants the page's context")
        self.globals.update(functions)


def page_text(text: str, /, **values: object) -> Markup:
    """Say a text within a template: it is safe, its values are escaped.

    Raises:
        KeyError: the text has a place for a value that is not there.
    """
    if not text:
        return Markup()
    return _pattern(voice().translations.gettext(text)).filled(values)


def page_count(one: str, many: str, n: int, /, **values: object) -> Markup:
    """Say a text that counts within a template; ``num`` stands for the number.

    Raises:
        KeyError: the text has a place for a value that is not there.
    """
    text = voice().translations.ngettext(one, many, n)
    return _pattern(text).filled({"num": n, **values})


class _Pattern:
    """A text with places for values: ``%(name)s``, and ``%%`` for a percent sign."""

    __slots__ = ("_names", "_parts", "_whole")

    def __init__(self, text: str) -> None:
        parts = _PLACE.split(text.replace("%%", _PERCENT))
        self._parts = [each.replace(_PERCENT, "%") for each in parts]
        self._names = tuple(parts[1::2])
        self._whole = Markup("".join(self._parts))  # noqa: S704  our own words

    def filled(self, values: Mapping[str, object]) -> Markup:
        """Put values into their places, each made safe."""
        if not self._names:
            return self._whole
        parts = self._parts.copy()
        parts[1::2] = [written(values[name]) for name in self._names]
        return Markup("".join(parts))  # noqa: S704  our own words, and values made safe


MOST_KEPT: Final = 20_000
"""Texts that are kept as templates say them; there are fewer in all languages together."""
_pattern: Final = lru_cache(MOST_KEPT)(_Pattern)
_PLACE: Final = re.compile(r"%\((\w+)\)[sd]")
_PERCENT: Final = "\0"
