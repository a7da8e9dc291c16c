"""Statements: which room a partner's paper speaks to, and what it says there."""

from manciple.exchange import inbound, warehouse_papers
from manciple.exchange.inbound import Sender
from manciple.exchange.mapping.document import DocumentKind, PartnerDocument
from manciple.kernel.errors import refuse


def statements(paper: PartnerDocument, sender: Sender) -> tuple[object, ...]:
    """Give the acts that a paper means; none for a kind that asks nothing of us.

    Raises:
        Refused: with the reason why it can't mean anything.
    """
    try:
        match paper.kind:
            case DocumentKind.TRANSFER_RECEIPT | DocumentKind.RECEIVING_ADVICE:
                return warehouse_papers.warehouse_receipts(paper, sender)
            case DocumentKind.WAREHOUSE_SHIPMENT:
                return (warehouse_papers.warehouse_shipment(paper, sender),)
            case DocumentKind.STOCK_LIST:
                return warehouse_papers.supplier_stock(paper, sender)
            case _:
                return inbound.statements(paper, sender)
    except (ArithmeticError, ValueError) as problem:
        raise refuse("BAD_VALUE", f"a value can't be used: {problem}") from problem
