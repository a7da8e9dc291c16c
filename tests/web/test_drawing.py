"""Templates are drawn as Jinja draws them, in fewer steps."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined, UndefinedError, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.web.pages.drawing import Drawing, page_text
from manciple.web.pages.units import shown

PAGE = """{% macro cell(text, title='') %}<td title="{{ title }}">{{ text }}</td>{% endmacro %}
{%- macro around(text) %}<td>{{ text }}{{ caller() }}</td>{% endmacro %}
{% for each in rows %}{{ loop.index }}{{ cell(each.name, title=each['name']) }}
{%- call around(each.name) %}<b>{{ each.name | upper }}</b>{% endcall %}{{ each.inner.name }}
{{ said('%(n)s of %(of)s', n=each.name, of=each.number) }}{% set was = each.name %}
{{- was ~ each.number }}
{% endfor %}{{ 5 }}{{ none }}{{ true }}{{ safe }}"""


@dataclass(frozen=True)
class Inner:
    name: str


@dataclass(frozen=True)
class Row:
    name: str
    number: int

    @property
    def inner(self) -> dict[str, str]:
        return {"name": self.name}

    def __getitem__(self, name: str) -> object:
        return getattr(self, name)


def _said(text: str, **values: object) -> Markup:
    return Markup(text) % values


@given(st.lists(st.tuples(st.text(), st.integers()), max_size=4))
def test_a_page_is_the_same_byte_by_byte(rows: list[tuple[str, int]]) -> None:
    told = {"rows": [Row(*each) for each in rows], "safe": Markup("<i>&amp;</i>")}
    plain = Environment(autoescape=True, undefined=StrictUndefined, finalize=shown)
    ours = Drawing(autoescape=True, undefined=StrictUndefined)
    pages = [each.from_string(PAGE).render(said=_said, **told) for each in (plain, ours)]

    assert pages[0] == pages[1]


@given(st.text(), st.integers())
def test_a_text_with_places_is_the_same_as_by_percent(word: str, number: int) -> None:
    text = "100%% of %(word)s, %(word)s: %(number)s <b>%(number)s</b>"
    values = {"word": word, "number": number}

    assert page_text(text, **values) == Markup(text) % values


def test_signs_are_made_safe_wherever_a_value_stands() -> None:
    page = Drawing(autoescape=True).from_string("<a title='{{ word }}'>{{ word }}</a>")

    assert (
        page.render(word="<\"'&>")
        == "<a title='&lt;&#34;&#39;&amp;&gt;'>&lt;&#34;&#39;&amp;&gt;</a>"
    )


def test_a_quantity_stands_as_people_write_it() -> None:
    page = Drawing(autoescape=True).from_string("{{ quantity }}")

    assert page.render(quantity=Quantity(Decimal(12), Unit("EA"))) == "12 pieces"


@pytest.mark.parametrize("text", ["{{ nothing }}", "{{ row.nothing }}", "{{ nothing.more }}"])
def test_what_is_not_there_is_an_error(text: str) -> None:
    page = Drawing(autoescape=True, undefined=StrictUndefined).from_string(text)

    with pytest.raises(UndefinedError, match="nothing"):
        page.render(row=Inner("a"))


def test_a_function_that_wants_the_context_is_refused() -> None:
    @pass_context
    def greedy(context: Context) -> str:
        return str(context)

    with pytest.raises(TypeError, match="greedy wants"):
        Drawing().offer(greedy=greedy)
