"""What suppliers say about our orders: their answers, and their shipments on the way.

acknowledgment   the answer: its words, the document, its acts and events
change_answer    a no to a change: what was agreed before holds
compare          the answer against the order, line by line, with tolerances
standing         what an answer changes: promises, ledger steps, discrepancies
ship_notice      goods on the way
supplier_stock   what suppliers say they have, item by item, with its age
by_link          an answer or a ship notice typed on the supplier's page
chasing          who owes an answer is reminded, step by step
asking           a person reminds a supplier of what it owes; asking_handlers keep it
expedite         a line is hurried, at a cost and for a cause; chase_handlers keep both
overdue          no answer when there should be one
handlers         load, decide, save
"""
