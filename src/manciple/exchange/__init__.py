"""Exchange: trading partners, their files, and the way between their words and ours.

The rooms:
    partner        how a supplier's papers are addressed, written and answered
    interchange    files as they came or went, kept whole, with what was found in them
    reading        a file to documents and findings; `manciple read` prints them
    mapping/       X12 segments to partner documents and back, by maps that are data
    answering      the 997 or 999, and the TA1, that a file is due
    control_numbers, counting  which files of a partner came, and which are missing
    resending      the very bytes of a file of ours, once more
    papers         861, 943 and 940, built from our documents
    statements, warehouse_papers  a partner's paper as acts of the room it speaks to
    by_mail        suppliers who read mail: an order as a letter with a link
    queries        what a supplier's page reads
    inbound        from a partner's paper to acts
    handlers       keep, read, take, quarantine, compose, send
    ports          what the exchange needs from elsewhere
"""
