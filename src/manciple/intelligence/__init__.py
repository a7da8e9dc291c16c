"""What the history tells: readings of what happened, none of which changes it.

tracing    one order's whole life, found by any of its business keys
"""
