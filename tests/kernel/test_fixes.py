"""Every refusal of the program says what would mend it: by its rule, or by what is usual."""

import ast
from collections.abc import Iterator
from pathlib import Path

from manciple.kernel.errors import Reason, refuse
from manciple.kernel.fixes import USUAL

SOURCE = Path(__file__).parents[2] / "src" / "manciple"


def without_fix() -> Iterator[tuple[str, str]]:
    """Give place and code of each refusal that is made without a fix of its own."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            named = {each.arg: each.value for each in node.keywords}
            if node.func.id not in {"refuse", "Reason"} or {"fix", None} & named.keys():
                continue
            code = named.get("code", node.args[0] if node.args else None)
            if isinstance(code, ast.Constant):
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", str(code.value)


def test_a_refusal_without_a_fix_of_its_own_has_the_usual_one() -> None:
    found = list(without_fix())

    assert [(place, code) for place, code in found if code not in USUAL] == []
    assert len(found) > 50


def test_no_usual_fix_is_for_a_code_that_nobody_uses() -> None:
    assert USUAL.keys() - {code for _, code in without_fix()} <= {"FAILED", "BREAKER_OPEN"}


def test_what_a_rule_says_itself_stands_before_what_is_usual() -> None:
    (own,) = refuse("WRONG_STATE", "it left", fix="Wait.").reasons

    assert own.fix == "Wait."
    assert Reason(code="WRONG_STATE", message="it left").fix == USUAL["WRONG_STATE"]
    assert Reason(code="OTHER", message="x").fix == ""
