"""Inbound freight: what suppliers and carriers bill for bringing goods, and hurry's share of it.

    freight billed     on invoices that may be paid: charges with the code ``freight``
    premium            what was paid to hurry lines          premium / freight billed

A supplier that bills no freight has it in its prices: nobody knows how much that is, and it is in
neither figure. Freight belongs to the supplier and the site of the goods, whoever bills it.
Source: domain rules 4.6, expedited freight incidence: premium cost over inbound freight.
"""

from collections.abc import Iterator

from manciple.intelligence.metrics.fact import Fact

INBOUND = "inbound-freight"
PREMIUM_SHARE = "expedite-premium-share"
CODE = "freight"
"""The code of the charges that are freight."""


def facts_of_freight(whose: Fact, *, freight: int) -> Iterator[Fact]:
    """Give what one invoice bills for freight, in millionths; a credit note gives it back.

    Args:
        whose: key, instant, currency, site, supplier and flow.
        freight: below zero on a credit note.
    """
    yield whose._replace(metric=INBOUND, value=freight)
    yield whose._replace(
        metric=PREMIUM_SHARE, value=freight, part=0, whole=freight, reason="freight"
    )


def premium_of_freight(whose: Fact, *, premium: int) -> Fact:
    """Give what one hurried line adds to the share's numerator, in millionths."""
    return whose._replace(
        metric=PREMIUM_SHARE, value=premium, part=premium, whole=0, reason="premium"
    )
