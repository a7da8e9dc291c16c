"""What arrived: receipts from the warehouse, counted against the order line by line.

receipt    the document, its acts and events, and the over-receipt rule
overdue    goods that should be here by now
handlers   load, decide, save
"""
