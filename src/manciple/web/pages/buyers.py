"""All pages of the buyer's day, for the server to plug in."""

from manciple.web.pages.buying import Buying
from manciple.web.pages.desk import Desk
from manciple.web.pages.order_line import OrderLines
from manciple.web.pages.ordering import Ordering
from manciple.web.pages.proposing import Proposing
from manciple.web.pages.supplying import Supplying

BuyersPages = tuple[Buying, Ordering, OrderLines, Proposing, Supplying]


def buyers_pages(desk: Desk) -> BuyersPages:
    """Give the line board, orders, lines, proposals and suppliers on one desk."""
    return (Buying(desk), Ordering(desk), OrderLines(desk), Proposing(desk), Supplying(desk))
