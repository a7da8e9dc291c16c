"""Trading with mock-edi: orders of a hand-written table, judged by everybody else's own books.

firm      the small distributor: masters, people, partners
house     the installation around it, and a mock-edi process for each behaviour
days      what happens: needs, approvals, post rounds, trucks
facts     what mock-edi, the ERP's file and finance's file say at the end
verdict   the facts held against the table
report    all of it in order, printed
"""

from manciple.cli.partner_demo.report import run_partner_demo

__all__ = ["run_partner_demo"]
