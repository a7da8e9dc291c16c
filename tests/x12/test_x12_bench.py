"""The benchmark's own file: always the same, and without a fault."""

from bench.x12 import orders

from manciple.exchange.reading import read


def test_the_generated_file_is_the_same_for_the_same_seed_and_has_no_fault() -> None:
    text = "".join(orders(60_000))

    found = read(text.encode())

    assert text == "".join(orders(60_000))
    assert text != "".join(orders(60_000, seed=8))
    assert len(found.documents) > 40
    assert not found.findings
