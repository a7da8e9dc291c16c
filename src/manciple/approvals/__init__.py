"""A thing to decide: who must say yes, to how much, by when, and who may say it for them.

    authority    what a person may approve: roles, limits, and who stands above them
    routing      the chain for an amount, and why: the same before submitting and after
    request      an approval and its steps
    decision     who may act on a step, and what an approval or a rejection does
    escalation   reminders, due times, and who is next when nobody answers
    delegation   somebody acting for somebody else, for a while and within bounds
    forwarding   a step given to somebody else who may decide it
    nudging      whoever asked reminds, once a day; passing_handlers keep both
    bulk         what may be approved together with others
    directory    how rules look up people, limits and delegations
    ports        the calendar of a site, which another room knows
    settings     the choices that a company makes once
    queries      what pages read about approvals
    handlers     load, decide, save

Knows a subject reference and an amount, and no document.
"""
