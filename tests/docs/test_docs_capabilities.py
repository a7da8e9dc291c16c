"""The page of capabilities names tests and ids that there are; its rules can be switched off."""

import ast
from functools import cache

import pytest
from docs.capabilities import FAMILIES, ROOT, capabilities, is_known
from tests import mutate

SOURCE = ROOT / "src" / "manciple"


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_listed_test_exists() -> None:
    for each in capabilities():
        assert each.tests, each.id
        for test in each.tests:
            file, _, name = test.partition("::")
            assert (ROOT / file).is_file(), test
            assert name in names_in(file), test


def test_every_id_is_one_of_those_there_are() -> None:
    assert [each.id for each in capabilities() if not is_known(each.id)] == []
    for family, (_, most) in FAMILIES.items():
        assert is_known(f"{family}-{most}")
        assert not is_known(f"{family}-{most + 1}")
        assert not is_known(f"{family}-0")
    assert not is_known("ZZ-1")
    assert not is_known("WF1")


def test_every_row_says_what_and_through_which_door() -> None:
    assert all(each.what and each.door for each in capabilities())


@pytest.mark.parametrize("mutation", mutate.mutations(), ids=lambda each: str(each.rule))
def test_every_rule_can_be_switched_off_at_one_line(mutation: mutate.Mutation) -> None:
    source = (SOURCE / mutation.file).read_text("utf-8")

    changed = mutate.altered(source, mutation)

    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source))
    assert all((ROOT / test.partition("::")[0]).exists() for test in mutation.tests)


def test_a_line_that_is_not_there_once_switches_nothing_off() -> None:
    mutation = mutate.mutations()[0]

    for source in ("", f"{mutation.was}\n{mutation.was}"):
        with pytest.raises(mutate.TableError, match="wanted once"):
            mutate.altered(source, mutation)


def test_some_rules_switched_off_are_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate.main(["--short"]) == 0

    told = capsys.readouterr().out
    assert told.endswith("3 rules switched off, 0 survivors\n")
