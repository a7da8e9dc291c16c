"""The simulated world: a distributor's people, its suppliers' order desks and its docks.

    company     sites, suppliers with characters, items, offers, people: all from one seed
    chance      randomness that the same seed repeats anywhere
    season      demand by week and weekday, and promotions
    stock       shelves: what customers take, what is missing, when a planner sees it low
    books       what the planners believe to be on order
    behaviour   what a supplier does with an order: answer, loads, bills
    desk        the same as X12: reads our 850s, answers by 997, 855, 856 and 810
    carrier     how long goods travel
    dock        trucks arrive, somebody counts, the warehouse system is told
    mailbox     where bills come that no folder brings
    reactions   how long people take: a table, read from reactions.toml
    people      who sits down to which list, and what they do there
    bell        reads the public event feed and says who has something to do
    journal     the same feed as records; measures: pure functions over such records
    legacy      the operating model before, in memory, over the same customers and suppliers
    client      the world's own HTTP client: it speaks to the public API like anybody else
    world       what happens next: one heap of (instant, serial, deed)

It imports the kernel, the formats and its own HTTP client only; what it knows of Manciple is what
any outsider can know. Its suppliers share our X12 writer, and so prove nothing about X12.
"""
