"""Metrics: what is measured, and how each figure follows from the sealed history.

    definition   what a metric means: formula, population, exclusions, censoring, unit, version
    registry     the definitions of this program, and the other names by which people ask
    fact         one measured thing: an order line, an approval task, a case, an invoice line
    told         one event of the history, as the rules here read it
    book         the lives that events change, and the facts that follow; what was restated
    need, order, approval, case, invoice, place
                 what is remembered of one document, and the facts that follow from it
    freight      what bringing goods costs, and the share of it that was paid to hurry
    ship_notice  which notices came after their goods
    delivery     windows of promised days, and what came inside them
    following    which event changes which life
    figure       numbers over facts: medians, shares, buckets; and who gives them
    scorecard    one supplier's figures, with no score where there are too few lines

Facts are a reading: they can be thrown away and made again from event 1, and are the same then.
"""
