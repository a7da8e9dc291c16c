"""The reference ERP's own rules and tables, in its own words; it knows nothing of Manciple.

schema       the tables
masters      suppliers, items, sites, offers, stock
orders       purchase orders, their changes and the suppliers' confirmations
receipts     goods in        invoices   supplier bills       ledger   what both post
totals       each order line's sums, straight from the documents
"""
