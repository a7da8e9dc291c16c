"""What the reference ERP, warehouse and finance systems share; nothing here knows our records.

web.System        answers requests; mounted behind HTTP (server.py) or called in-process
books.Books       its own SQLite file: group commit, number ranges, request log, change feed
fields.Fields     reads a JSON body strictly
switches          slow, refuse, down, drop, commit-then-die: on demand, for tests and the demo
line              how our client adapters reach a system: HTTP, or in the same process
"""
