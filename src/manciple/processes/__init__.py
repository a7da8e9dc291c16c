"""Processes: what happens when; one event leads to the next act, and to words to other systems.

flow/       a flow's definition as data: steps, service levels, the five mandatory parts
direct      the direct flow's reactions: from a need to a payable invoice
telling     what each other system is told, built from our documents
approving_by_mail  who is asked gets a letter with a link
letters     what suppliers are told by mail
disputing   suppliers hear of what is disputed
notifying   notices derived from what happens, and letters for those who wish them
outcomes    what an outside answer means for the document that asked
settling    what a case's resolution does
warehousing 943, 940 and 861: warehouses of other companies, and what we counted
line_board  the buyer's worklists: open order lines by stage, and what suppliers propose
control_numbers  lost and resent files
ports       the other systems, as Protocols and payload records
"""
