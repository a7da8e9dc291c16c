"""Changing an order after it was placed: every change is a new revision.

order_change   what somebody wants changed: the act, the document, its events
drafting       from what is wanted to the revision that it would make, and who must agree
revising       the new revision: what it posts, what it makes of each line
remainder      giving up what will not come
desk           load, decide, save
"""
