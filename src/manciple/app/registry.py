"""Every room's handlers and the flows' reactions, joined into one registry."""

from manciple.app.definitions import Definitions
from manciple.app.undoable import UNDOING
from manciple.approvals import handlers as approvals
from manciple.approvals import question_handlers
from manciple.cases import handlers as cases
from manciple.catalog import handlers as catalog
from manciple.catalog.calendars import calendar_of_site
from manciple.exchange import handlers as exchange
from manciple.exchange.outbound import X12Composer
from manciple.governance import edit_handlers, linking, noticing, view_handlers
from manciple.governance import handlers as governance
from manciple.invoicing import handlers as invoicing
from manciple.ordering import handlers as ordering
from manciple.processes import (
    approving_by_mail,
    asking_back,
    changing,
    chasing,
    commitments,
    control_numbers,
    direct,
    disputing,
    emergency,
    indirect,
    letters,
    line_board,
    notifying,
    redelivery,
    returning,
    taking_in,
    warehousing,
)
from manciple.processes.duties import done_by
from manciple.processes.exceptions import curing, opening
from manciple.processes.exceptions.table import remedies
from manciple.receiving import handlers as receiving
from manciple.receiving import warehouse_handlers
from manciple.requisitioning import handlers as requisitioning
from manciple.runtime import rewinding
from manciple.runtime.bus import Registry
from manciple.supplying import asking_handlers, chase_handlers, stock_handlers
from manciple.supplying import handlers as supplying


def registry_of(definitions: Definitions) -> Registry:
    """Join all handlers and reactions."""
    register = definitions.register
    flow = definitions.flow("direct")
    clocks = direct.Clocks(
        flow=flow,
        others={each.id: each for each in definitions.flows},
        awaits=indirect.Awaited(register=register),
    )
    ways = remedies(flow)
    rows = (
        *governance.handles(),
        *edit_handlers.handles(),
        *linking.handles(),
        *noticing.handles(),
        *view_handlers.handles(),
        *notifying.handles(),
        *catalog.handles(),
        *approvals.handles(register=register, calendar_for=calendar_of_site),
        *question_handlers.handles(),
        *cases.handles(register, calendar_of_site, ways, definitions.playbooks),
        *requisitioning.handles(
            register=register,
            flows=tuple(each.id for each in definitions.flows),
            calendar_for=calendar_of_site,
        ),
        *ordering.handles(register),
        *supplying.handles(register),
        *stock_handlers.handles(),
        *chase_handlers.handles(),
        *asking_handlers.handles(),
        *receiving.handles(register),
        *warehouse_handlers.handles(),
        *invoicing.handles(register, duties=done_by),
        *exchange.handles(X12Composer(definitions.maps)),
    )
    back = rewinding.handles(UNDOING, {each.act.__name__: each.act for each in rows})
    return Registry.of(
        (*rows, back),
        (
            *direct.reacts(clocks),
            *emergency.reacts(),
            *redelivery.reacts(flow),
            *returning.reacts(),
            *opening.reacts(),
            *curing.reacts(),
            ways.reacts(),
            *control_numbers.reacts(),
            *warehousing.reacts(),
            *chasing.reacts(flow),
            *approvals.reacts(),
            *commitments.reacts(),
            *changing.reacts(),
            *taking_in.reacts(),
            *line_board.reacts(),
            *letters.reacts(),
            *disputing.reacts(),
            *approving_by_mail.reacts(),
            *notifying.reacts(register),
            *asking_back.reacts(),
        ),
        undoing=UNDOING,
    )
