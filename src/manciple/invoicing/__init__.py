"""Invoicing: a supplier's paper is matched with what was ordered and received, or held.

invoice       the paper as it came, its life, its acts and events
duplicates    exact duplicates by the supplier's number
resolution    which order line an invoice line means; never guessed
conversion    stated units into the item's base unit, as exact fractions
substituted   which item a paper bills where another one came
claims        all papers of one order line, and who comes first
limits        what policy allows: tolerances, and the kind of match of a line
drawing       which receipts an invoice draws on
unbilled      what was received and nobody billed
matching      the tests, each with its arithmetic
taxes         what tax is due, rate group by rate group
planned       what orders planned beside the goods, used up paper by paper
charges       what no order planned: accepted, allocated or held
variance      price variance and quantity variance, told apart
holds         what keeps an invoice from being paid, owner by owner
explanation   the match in lines of text
discount      the discount for paying early, and by whose delay it was lost
paying_early  its clock
part          a part of an invoice that is paid before the rest
parting       what may be paid by itself, what is left, and that no cent is lost
settlement    what an invoice that may be paid comes to
handlers      load, decide, save
"""
