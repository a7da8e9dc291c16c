"""Trading with mock-edi: orders of a hand-written table, judged by everybody else's own books.

firm      the small distributor: masters, people, partners
house     the installation around it, and a mock-edi process for each behaviour
days      what happens: needs, approvals, post rounds, trucks
facts     what mock-edi, the ERP's file and finance's file say at the end
deciding  what people decide about exceptions
verdict   the facts held against the table
report    all of it in order, printed
every     every behaviour in turn, each in a house of its own
selling   where mock-edi buys: a harness sells (seller, seller_book, seller_papers)
"""

from manciple.cli.partner_demo.every import run_every_behaviour
from manciple.cli.partner_demo.report import run_partner_demo

__all__ = ["run_every_behaviour", "run_partner_demo"]
