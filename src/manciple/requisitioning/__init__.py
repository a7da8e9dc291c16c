"""A need, priced and ready to be approved.

    requisition   the document, its life, its acts and events
    pricing       which supplier's agreement prices a line, and what is refused
    drafting      from what somebody asked for to a requisition, every fault told at once
    planned       charges that its orders expect beside the goods, and who bills them
    intake        a spreadsheet as CSV, with row and column of what is wrong
    batch         many requisitions at once: all of them, or the good lines
    indirect      who pays, and lines in free text
    emergency     ordered first and approved afterwards: caps, pages, ratification, rights
    on_call       who is asked after hours
    handlers      load, decide, save

Flows: a stock flow buys registered stock items only; other needs belong to other flows.
"""
