"""The comparison of two endings can fail: it names what stands in one alone."""

from tests.soak.ending import differences

ONE: dict[str, list[tuple[object, ...]]] = {
    "erp line": [("PO-1", "1", "100"), ("PO-2", "1", "40")],
    "our ledger": [("PO-1", "1", "100 EA")],
}


def test_equal_endings_differ_in_nothing() -> None:
    assert differences(ONE, {name: list(reversed(rows)) for name, rows in ONE.items()}) == []


def test_a_quantity_lost_or_doubled_is_named_on_both_sides() -> None:
    other = ONE | {"erp line": [("PO-1", "1", "200"), ("PO-2", "1", "40")]}

    assert differences(ONE, other) == [
        "erp line: only undisturbed ('PO-1', '1', '100')",
        "erp line: only in the storm ('PO-1', '1', '200')",
    ]
