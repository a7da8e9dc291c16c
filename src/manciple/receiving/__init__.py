"""What arrived: receipts from the warehouse, counted against the order line by line.

receipt    the document, its acts and events, and the over-receipt rule
warehouse_receipt  what a warehouse of another company counted for us
warehouse_order    what it is to send out; warehouse_handlers keep it
overdue    goods that should be here by now
handlers   load, decide, save
"""
