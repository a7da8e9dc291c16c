"""The simulated world: a distributor's people, its suppliers' order desks and its docks.

    company     sites, suppliers with characters, items, offers, people: all from one seed
    chance      randomness that the same seed repeats anywhere
    client      the world's own HTTP client: it speaks to the public API like anybody else
    desk        a supplier's order desk: reads our 850s, answers by 997, 855, 856 and 810
    people      requesters, approvers, planners, buyers, clerks and their reaction times
    dock        trucks arrive, somebody counts, the warehouse system is told
    calendar    what happens next: one heap of (instant, serial, deed)

It imports the kernel, the formats and its own HTTP client only; what it knows of Manciple is what
any outsider can know. Its suppliers share our X12 writer, and so prove nothing about X12.
"""
