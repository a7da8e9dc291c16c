"""Purchase orders and the truth about their quantities.

line_ledger      every quantity ever stated about an order line; nothing is rewritten
purchase_order   the order: its states, its lines, its acts and events
matching         which order line a partner's line means; never a guess
life             placed, recorded, sent; who may see it
change           cancelling what will not come
closing          when an order is done: satisfied, invoiced, the rest short-closed
sourcing         from an approved requisition to one order per supplier, in whole packs
board            at which stage an open line is, and from when on it is late
allowances       the tolerances that policy gives an order line
handlers         load, decide, save
"""
