"""Things gone wrong: what differs, whose it is, until when, and what may be done about it.

    discrepancy   a fact: expected this, came that
    case          work: one owner, a due time, the allowed resolutions
    life          routed, opened, given away, escalated, settled
    ports         which calendar a site works by
    handlers      load, decide, save

The pages and the API call a case an exception.
"""
