"""Units and reckonings stand on pages as people say them, whatever history keeps."""

from decimal import Decimal

import pytest

from manciple.web.language import speaking, voice_for
from manciple.web.pages.forms import number_in
from manciple.web.pages.telling import told


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("12 EA of 18 EA confirmed", "12 pieces of 18 pieces confirmed"),
        ("1 EA short", "1 piece short"),
        ("1,200.5 KGM at 816.00 USD per XCS", "1,200.5 kg at 816.00 USD per case"),
        ("30.00 USD per 12 EA", "30.00 USD per 12 pieces"),
        ("2 XCS x 48 = 96 EA", "2 cases x 48 = 96 pieces"),
        ("order EA-12 of LOT 7, 3 SKUs, PO-12 EA", "order EA-12 of LOT 7, 3 SKUs, PO-12 EA"),
        (
            "nothing said about 6 EA; 12 - 18 = -6, lower side; allowed 0 (absolute 0): outside",
            "nothing said about 6 pieces; 12 where 18 was agreed: 6 less; nothing less is allowed",
        ),
        (
            (
                "1016.00 - 1000.00 = +16.00, upper side; allowed 15 "
                "(the stricter of 2 % of 1000 = 20 and absolute 15): outside"
            ),
            (
                "1016.00 where 1000.00 was agreed: 16.00 more; up to 15 more is allowed "
                "(the stricter of 2 % of 1000 = 20 and absolute 15)"
            ),
        ),
        (
            "12 - 18 = -6, lower side; allowed 5 (absolute 5): outside, a warning",
            (
                "12 where 18 was agreed: 6 less; up to 5 less is allowed (absolute 5); "
                "a warning, no hold"
            ),
        ),
    ],
)
def test_a_kept_text_is_told_in_words(kept: str, shown: str) -> None:
    assert told(kept) == shown


def test_it_is_told_in_the_readers_language() -> None:
    with speaking(voice_for("de", "")):
        assert told("6 EA; 12 - 18 = -6, lower side; allowed 0 (absolute 0): outside") == (
            "6 Stück; 12, wo 18 vereinbart war: 6 weniger; weniger ist nicht erlaubt"
        )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1200.50", "1200.50"), ("1200,50", "1200.50"), ("1 200,50", "1200.50"),
        ("1.200,50", "1200.50"), ("1,200.50", "1200.50"), ("1,200,000.5", "1200000.5"),
        ("0", "0"), ("7", "7"), ("1,5", "1.5"),
        ("1,200", None), ("1.200.000", None), ("1,20,0.5", None), ("-1", None), ("", None),
        ("1e5", None), ("1_000", None), ("\u0661", None), ("NaN", None), ("1,2.3", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_type_it_or_not_at_all(typed: str, read: str | None) -> None:
    assert number_in(typed) == (None if read is None else Decimal(read))
