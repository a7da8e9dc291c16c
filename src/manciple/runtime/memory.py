"""Memory of a long-running program: what is loaded stays, and what comes is mostly short-lived.

Records are frozen and point only at older ones, so almost nothing of ours lies in a circle: it is
freed by its counts at once. Python's collector looks for circles after every 700 new objects and
through everything now and then; both find nothing here. Source: measured, decision 0013.
"""

import gc

YOUNG = 100_000
"""New objects after which circles are looked for among them: some four orders' worth."""
_OLDER = 20


def settle_in() -> None:
    """Leave everything that is loaded now out of all further looks, and look seldom.

    Called once, when a program has been put together and before it takes up its work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, _OLDER, _OLDER)
