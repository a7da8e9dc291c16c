"""What the history tells: readings of what happened, none of which changes it.

tracing    one order's whole life, found by any of its business keys
waiting    where open lines wait
lines      the buyer's line board
wording    events in the trade's words
ocel       the history as an object-centric event log
metrics    figures that say what they mean, from facts that follow the sealed history
"""
