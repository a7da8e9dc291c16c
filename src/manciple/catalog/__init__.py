"""What can be bought, from whom, for where: the master records that every order leans on.

    item        what it is, its base unit and its packs     packs       exact conversion, rounding
    supplier    who sells it                                site        where it is needed
    agreement   the price and terms of one supplier's item  calendars   when a place works
    terms       by when a supplier is paid, and what paying early saves
    handlers    registration; a record registered again replaces what was known

Registered records are reference data: other rooms read them and never change them.
"""
