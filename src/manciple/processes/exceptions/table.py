"""The one table of remedies: every module that ends exceptions gives its rows here."""

from manciple.processes.exceptions import (
    control_number_remedies,
    expedite_remedies,
    invoice_remedies,
    order_remedies,
    outage_remedies,
    quarantine_remedies,
    re_sourcing,
    resending,
    return_remedies,
)
from manciple.processes.exceptions.remedy import Remedies
from manciple.processes.flow import Flow


def remedies(flow: Flow) -> Remedies:
    """Join the rows of every module."""
    return Remedies(
        (
            *order_remedies.remedies(flow),
            *re_sourcing.remedies(),
            *resending.remedies(),
            *invoice_remedies.remedies(),
            *quarantine_remedies.remedies(),
            *control_number_remedies.remedies(),
            *outage_remedies.remedies(),
            *return_remedies.remedies(flow),
            *expedite_remedies.remedies(),
        )
    )
