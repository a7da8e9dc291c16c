"""The metrics of this program, version by version, and the other names by which people ask.

    find("touchless processing rate")  ->  the definition `touchless-po-rate`

Source: domain rules 4.6 with the rulings of 4.7; the further names, PI-8.
"""

import re

from manciple.intelligence.metrics import (
    approval,
    case,
    delivery,
    freight,
    hurry,
    invoice,
    need,
    order,
    ship_notice,
    stock,
)
from manciple.intelligence.metrics.definition import (
    Definition,
    DefinitionError,
    Grain,
    Measure,
    Variant,
)
from manciple.kernel.errors import refuse

_FREIGHT = "freight on invoices of suppliers or carriers: charges with the code freight"

HEADLINES: tuple[Definition, ...] = (
    Definition(
        id=need.CYCLE_TIME,
        name="Requisition-to-PO cycle time",
        version=1,
        measure=Measure.DURATION,
        grain=Grain.REQUISITION_LINE,
        formula="t(order first released: the ERP has it and the supplier may be told) "
        "- t(requisition first submitted); elapsed hours, 24x7; "
        "open hours of the ordering site beside it",
        population="lines of requisitions, from submission on; once ordered, the lines of the "
        "order, each with the time of its own requisition",
        exclusions=(
            "rejected: the requisition was rejected",
            "withdrawn: the requester took it back",
            "cancelled before release: nothing of the order was left when it was given up",
            "submission unknown: the history does not hold the requisition",
        ),
        censoring="lines not released yet are open: they are counted, never given a time; the "
        "Kaplan-Meier median takes how long they have waited so far into account",
        period="the release",
        aliases=("req-to-po", "requisition to po cycle time", "cycle time"),
        source="domain rules 4.6; 4.7 B: first time in state released",
        more_is_better=False,
    ),
    Definition(
        id=order.TOUCHLESS,
        name="Touchless PO rate",
        version=2,
        measure=Measure.SHARE,
        grain=Grain.ORDER_LINE,
        formula="order lines sent with no act of a person between need signal and dispatch, and "
        f"not changed by hand within {order.UNTOUCHED_DAYS} days after it / order lines sent",
        population="lines of orders whose first revision was handed to the partner",
        exclusions=(),
        censoring="a line counts from its dispatch; a change by hand within "
        f"{order.UNTOUCHED_DAYS} days takes its touchless away and restates that day",
        period="the dispatch",
        aliases=("touchless", "touchless processing rate", "touchless order rate"),
        variants=(
            Variant(
                id="excluding-approval",
                name="excluding policy approval",
                formula="an approval by a person is no touch",
            ),
        ),
        source="domain rules 4.6; PI-8",
        more_is_better=True,
    ),
    Definition(
        id=approval.ADHERENCE,
        name="Approval SLA adherence",
        version=1,
        measure=Measure.SHARE,
        grain=Grain.TASK,
        formula="tasks decided at or before their due time / tasks due; the due time is reckoned "
        "in open hours of the approver's site",
        population="approval tasks whose due time is over: one for each person asked for a step",
        exclusions=(
            "withdrawn: another who was asked decided first",
            "void: the approval ended without a decision",
            "rerouted: the step was given to somebody else before its time was over",
        ),
        censoring="open and overdue is missed; handed on is missed for the first, whoever acts, "
        "and the next has a clock of their own; a task that is not due yet does not count",
        period="the due time, also when decided earlier",
        aliases=("approval sla", "sla adherence"),
        source="domain rules 4.6 and A-09; 4.7 B",
        more_is_better=True,
    ),
    Definition(
        id=order.LATENCY,
        name="Supplier acknowledgment latency",
        version=1,
        measure=Measure.DURATION,
        grain=Grain.LINE_REVISION,
        formula="t(first business answer that stands on the line at its revision) - t(that "
        "revision handed to the partner); elapsed hours, 24x7; open hours of the supplier beside "
        "it; share = answered before the time allowed by the flow was over",
        population="order lines and revisions sent; a revision restarts the clock of the lines "
        "that it touches, the others keep answer and latency",
        exclusions=(
            "superseded: a later revision touched the line before it was answered",
            "given up: nothing of the line was left to answer",
        ),
        censoring="unanswered lines are open; a 997 is no answer, and schedule or price pending "
        "is contact that stops nothing",
        period="the answer",
        aliases=("acknowledgment latency", "supplier acknowledgment speed", "ack latency"),
        source="domain rules 4.6, P-02, P-05; 4.7 A",
        more_is_better=False,
    ),
    Definition(
        id=invoice.FIRST_PASS,
        name="Receipt-to-invoice match rate, first pass",
        version=2,
        measure=Measure.SHARE,
        grain=Grain.INVOICE_LINE,
        formula="invoice lines on which no test sets a hold at the first match, the tests of the "
        "whole paper included / invoice lines matched; by count, and by value beside it",
        population="lines of invoices that were matched at least once",
        exclusions=("credit note", "of no value: the line bills zero"),
        censoring="an invoice counts from its first match; what passes later, also after a "
        "receipt, is second pass",
        period="the first match",
        aliases=(
            "receipt-to-invoice match rate",
            "match rate",
            "first pass match rate",
            "three-way match performance",
        ),
        variants=(
            Variant(
                id="fair",
                name=f"fair, grace {invoice.GRACE_HOURS} h",
                formula="also first pass when goods not yet received were the one thing wrong, "
                f"nothing else was ever wrong, and the hold went by itself within "
                f"{invoice.GRACE_HOURS} hours",
            ),
        ),
        source="domain rules 4.6; 4.7 A, first pass; PI-8, RI-5",
        more_is_better=True,
    ),
    Definition(
        id=case.AGING,
        name="Exception aging",
        version=1,
        measure=Measure.AGE,
        grain=Grain.CASE,
        formula="open: now - t(opened), in buckets (0,1] (1,3] (3,7] (7,14] (14,..) business "
        "days; closed: t(settled) - t(opened), median and 90th percentile; a business day is as "
        "much open time as the site's calendar has a working day on average; elapsed days beside "
        "it",
        population="exceptions; those settled in the period, and all that are open now",
        exclusions=(),
        censoring="open exceptions are aged by the asker's clock; reopening goes on with the "
        "first clock, and takes the settled age away from the day that had it",
        period="the settling",
        aliases=("exception age", "aging"),
        source="domain rules 4.6; 4.7 B, aging",
        more_is_better=False,
    ),
    Definition(
        id=hurry.INCIDENCE,
        name="Expedited freight incidence",
        version=2,
        measure=Measure.SHARE,
        grain=Grain.SHIPMENT,
        formula="inbound shipments of which a line was expedited before the ship notice, or while "
        "the goods were on their way / inbound shipments; by cause",
        population="ship notices of orders; what was paid is a metric of its own, "
        f"`{hurry.PREMIUM}`, and its share of inbound freight another, `{freight.PREMIUM_SHARE}`",
        exclusions=(),
        censoring="a shipment counts when its notice comes; expediting what is on its way "
        "restates that day; what was expedited for want of an answer that came before the "
        "goods left is not expedited",
        period="the ship notice",
        aliases=("expedited freight", "expedited freight reduction"),
        variants=(
            Variant(
                id="avoidable",
                name="avoidable",
                formula="expedited for a late requisition, approval or acknowledgment",
            ),
        ),
        beside=(hurry.PREMIUM, freight.INBOUND, freight.PREMIUM_SHARE),
        source="domain rules 4.6; SC-4",
        more_is_better=False,
    ),
    Definition(
        id=stock.IMPACT,
        name="Inventory availability impact",
        version=2,
        measure=Measure.TOTAL,
        grain=Grain.ITEM_SITE_DAY,
        formula="sum over days of what customers were owed at the day's end, as far as order "
        "lines that should have been there by the day they were needed would have met it; owed = "
        "what the demand of the day takes beyond the stock of the day before, carried until "
        "there is stock again; by the step for which the line waited: not sent, "
        "unanswered, promised late, supplier late",
        population="items at sites on days for which stock was told, and at most "
        f"{stock.MOST_GAP} days between two tellings, by stock and demand of the last one",
        exclusions=(f"{stock.UNKNOWN_DEMAND}: nobody can say what was owed",),
        censoring="days to come are not counted; a receipt or an order booked later restates its "
        f"days, up to {stock.KEPT_DAYS} days back",
        period="the end of the day, by the site's own clock",
        aliases=("availability impact", "stock-out days"),
        variants=(
            Variant(
                id="value",
                name="at the order's price",
                formula="each unit-day at the price at which the late line was first ordered; in "
                "money-days",
            ),
        ),
        missing=("stock on hand by item and site (outlooks of the warehouse or planning system)",),
        witness=stock.IN_STOCK,
        total_unit="unit-days",
        source="domain rules 4.6, R-13; 4.7 B: unmet demand is carried",
        more_is_better=False,
    ),
)
"""The eight that every page leads with."""

FURTHER: tuple[Definition, ...] = (
    Definition(
        id=order.FILL,
        name="Supplier fill rate",
        version=1,
        measure=Measure.RATE,
        grain=Grain.ORDER_LINE,
        formula="quantity on the first shipment, at most the quantity ordered / quantity ordered; "
        "the mean of the lines' rates; the sum over the sum beside it where all is in one unit",
        population="order lines of which something was shipped; by the ship notice, by the first "
        "receipt where there is none, and which of the two is shown",
        exclusions=("given up by the buyer: in the revised variant, nothing was left to ship",),
        censoring="a line counts from its first shipment",
        period="the first ship notice, else the first receipt",
        aliases=("fill rate", "fill"),
        variants=(
            Variant(
                id="revised",
                name="of the revised order",
                formula="ordered less what the buyer gave up while the supplier would still have "
                "delivered it in time",
            ),
            Variant(
                id="strict", name="strict", formula="a line that comes as a substitute counts zero"
            ),
        ),
        source="domain rules 4.6; 4.7 B, fill rates",
        more_is_better=True,
    ),
    Definition(
        id=order.OTIF,
        name="On time in full (OTIF)",
        version=1,
        measure=Measure.SHARE,
        grain=Grain.ORDER_LINE,
        formula=f"lines of which at least {100 - delivery.TOLERANCE} % of the quantity came "
        f"within [promised day - {delivery.EARLY}, promised day + {delivery.LATE}] and nothing "
        "came before / lines whose window is over; the first promise is the headline",
        population="order lines with a promised day; the quantity is what was ordered less what "
        "the buyer gave up by itself",
        exclusions=("given up by the buyer: nothing was left to deliver",),
        censoring="a line counts when its window is over; calendar days at the dock, a window "
        "that would end on a closed dock day ends on the next open one; later promises never "
        "move the first, and a window that is over is never moved",
        period="the last day of the window, by the dock's own clock",
        aliases=("otif first promise", "on time in full"),
        variants=(
            Variant(
                id="requested", name="against the day requested", formula="the day of the order"
            ),
            Variant(
                id="last",
                name="against the last promise",
                formula="the day of the latest statement made before its window was over",
            ),
        ),
        source="domain rules 4.6; 4.7 B, OTIF",
        more_is_better=True,
    ),
    Definition(
        id=order.PARTIAL,
        name="Partial shipment rate",
        version=1,
        measure=Measure.SHARE,
        grain=Grain.ORDER_LINE,
        formula="lines with more than one receipt, or confirmed for less than was ordered / "
        "lines of which nothing more is expected",
        population="order lines that came in full, or whose rest was given up or closed",
        exclusions=("nothing came",),
        censoring="lines still expected do not count yet",
        period="when nothing more was expected",
        aliases=("partial shipments",),
        source="domain rules 4.6",
        more_is_better=False,
    ),
    Definition(
        id=hurry.PREMIUM,
        name="Premium paid to expedite",
        version=1,
        measure=Measure.TOTAL,
        grain=Grain.EXPEDITE,
        formula="sum of what was paid to hurry order lines, by cause; not told where currencies "
        "differ",
        population="lines expedited, each time",
        exclusions=(),
        censoring="it counts when it was decided, whatever came of it",
        period="the decision",
        aliases=("premium freight",),
        total_unit="money",
        beside=(freight.INBOUND, freight.PREMIUM_SHARE),
        source="domain rules 4.6; SC-4",
        more_is_better=False,
    ),
    Definition(
        id=freight.INBOUND,
        name="Inbound freight",
        version=1,
        measure=Measure.TOTAL,
        grain=Grain.INVOICE,
        formula="sum of the charges with the code freight on invoices that may be paid, untaxed, "
        "less those on credit notes; not told where currencies differ",
        population="invoices and credit notes of suppliers and carriers that bill freight; by "
        "supplier and site of the goods, whoever bills it",
        exclusions=(),
        censoring="an invoice counts when it may be paid; what is held is not known to be owed",
        period="when it may be paid",
        aliases=("freight cost",),
        missing=(_FREIGHT,),
        witness=freight.INBOUND,
        total_unit="money",
        beside=(hurry.PREMIUM, freight.PREMIUM_SHARE),
        source="domain rules 4.6 and D-09",
        more_is_better=False,
    ),
    Definition(
        id=freight.PREMIUM_SHARE,
        name="Expedite premium of inbound freight",
        version=1,
        measure=Measure.RATIO,
        grain=Grain.PREMIUM_OR_FREIGHT,
        formula="what was paid to hurry order lines / freight billed on invoices that may be "
        "paid; both sums of the period, in one currency",
        population="lines expedited, each time, over invoices and credit notes that bill "
        "freight; both by supplier and site of the goods",
        exclusions=(),
        censoring="a premium counts when it was decided, freight when its invoice may be paid; "
        "of a period in which no freight was billed there is no figure",
        period="the decision; when the invoice may be paid",
        aliases=("premium share of freight", "expedite premium share", "emergency premium"),
        missing=(_FREIGHT,),
        witness=freight.INBOUND,
        beside=(hurry.PREMIUM, freight.INBOUND),
        source="domain rules 4.6: premium cost over inbound freight; SC-4",
        more_is_better=False,
    ),
    Definition(
        id=ship_notice.LATE_NOTICE,
        name="Late ship notices",
        version=1,
        measure=Measure.SHARE,
        grain=Grain.SHIPMENT,
        formula="ship notices that came after their goods / ship notices; after: of a line at "
        "least half of what the notice announces was booked before it, or had come to the dock "
        "on an earlier day",
        population="ship notices of orders; what came goes to the notices of its line in the "
        "order in which they came",
        exclusions=(),
        censoring="a notice counts when it comes; a receipt booked later with an earlier day "
        "restates that day; goods that came without any notice are in no population here",
        period="the ship notice",
        aliases=("late asn", "late asns", "asn timeliness"),
        source="P-07: a ship notice after the arrival is counted",
        more_is_better=False,
    ),
    Definition(
        id=stock.IN_STOCK,
        name="In stock",
        version=1,
        measure=Measure.SHARE,
        grain=Grain.ITEM_SITE_DAY,
        formula="item-site-days with more than nothing on hand / item-site-days told",
        population="items at sites on days for which stock was told; the last telling of the day",
        exclusions=(),
        censoring="a day counts when it is over",
        period="the end of the day, by the site's own clock",
        aliases=("in-stock percent", "in stock rate"),
        missing=("stock on hand by item and site (outlooks of the warehouse or planning system)",),
        witness=stock.IN_STOCK,
        source="domain rules 4.6, inventory availability",
        more_is_better=True,
    ),
    Definition(
        id=order.EMERGENCY,
        name="Emergency share",
        version=1,
        measure=Measure.SHARE,
        grain=Grain.ORDER_LINE,
        formula="order lines of the emergency flow sent / order lines sent",
        population="lines of orders whose first revision was handed to the partner",
        exclusions=(),
        censoring="a line counts from its dispatch",
        period="the dispatch",
        aliases=("emergency buys",),
        source="A-17: the share of each site shows who makes emergencies of everything",
        more_is_better=False,
    ),
)
"""Further ones: what suppliers and sites are judged by."""

DEFINITIONS: tuple[Definition, ...] = (*HEADLINES, *FURTHER)


def _plain(name: str) -> str:
    """Write a name so that case, spaces, dashes and underscores make no difference."""
    return re.sub(r"[\s_-]+", "-", name.strip().lower())


def _named(definitions: tuple[Definition, ...]) -> dict[str, Definition]:
    """Give each definition under its id, its name and its aliases.

    Raises:
        DefinitionError: two definitions would answer to one name.
    """
    found: dict[str, Definition] = {}
    for each in definitions:
        for name in {_plain(name) for name in (each.id, each.name, *each.aliases)}:
            if found.setdefault(name, each) is not each:
                raise DefinitionError(f"{name} would mean {found[name].id} and {each.id}")
    return found


_BY_NAME = _named(DEFINITIONS)


def find(name: str) -> Definition:
    """Give the one definition that a name means, whatever its case, spaces and dashes.

    Raises:
        Refused: UNKNOWN_METRIC.
    """
    found = _BY_NAME.get(_plain(name))
    if found is None:
        raise refuse(
            "UNKNOWN_METRIC",
            f"there is no metric {name}",
            field="name",
            fix=f"Ask for one of: {', '.join(each.id for each in DEFINITIONS)}.",
        )
    return found
