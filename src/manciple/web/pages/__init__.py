"""Pages for people: drawn on the server, complete without script, live with it.

linking   pages behind signed links; answering is the supplier's
router    which page answers which address, and to whom
layout    one HTML answer: the frame around a page, its headers, its theme
drawing   templates made into programs
units     how many of what, in words; telling: texts kept as decided, as people say them
wording   numbers, moments and waits as people read them
flow      an order line's quantities, drawn as steps
lanes     the timeline's swim-lanes, drawn
overview  a trace in figures: stages reached, waits, what is late
live      hints that something changed; pages then read again with the reader's own rights
"""
