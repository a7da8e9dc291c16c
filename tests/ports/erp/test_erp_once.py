"""Whatever fails on the way, everything stands in the ERP once and its sums are exact."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.adapters.erp.endpoint import ErpEndpoint
from manciple.adapters.erp.reference import ReferenceErpAdapter
from manciple.adapters.erp.reference_server import ReferenceErp
from manciple.adapters.reference.line import InProcessLine
from manciple.adapters.reference.switches import Mode, Switch
from manciple.processes.ports import every
from manciple.runtime.effects import Outcome, OutcomeKind, Parcel
from tests.ports.erp.erp_cases import (
    a_change,
    a_line,
    a_parcel,
    a_receipt,
    an_invoice,
    an_order,
    delivered,
    each,
    masters_json,
    promises,
    usd,
)

FAILURES = st.lists(
    st.sampled_from([Mode.DROP, Mode.LOSE, Mode.DIE, Mode.DOWN, Mode.MAINTENANCE]), max_size=4
)


def carry_out(system: ReferenceErp, parcel: Parcel, failures: list[Mode]) -> Outcome:
    """Try until there is an outcome, failing each time as told; look up before every retry."""
    endpoint = ErpEndpoint(ReferenceErpAdapter(InProcessLine(system)))
    for attempt in range(1, 10):
        system.switches.set(Switch(mode=failures.pop() if failures else Mode.OFF, times=1))
        again = a_parcel_again(parcel, attempt)
        try:
            return delivered(endpoint, again)
        except OSError:
            system.switches.set(Switch())
    raise AssertionError(parcel.key)


def a_parcel_again(parcel: Parcel, attempts: int) -> Parcel:
    return Parcel(
        key=parcel.key,
        endpoint=parcel.endpoint,
        lane=parcel.lane,
        verb=parcel.verb,
        subject=parcel.subject,
        payload=parcel.payload,
        attempts=attempts,
        at=parcel.at,
    )


@settings(max_examples=40, deadline=None)
@given(receipts=st.lists(st.integers(1, 30), min_size=1, max_size=4), failures=FAILURES)
def test_each_document_stands_once_and_the_sums_are_exact(
    receipts: list[int], failures: list[Mode]
) -> None:
    came = sum(receipts)
    parcels = [
        a_parcel("erp.create_order", an_order("PO-1", a_line("1", "200")), key="order"),
        a_parcel("erp.confirm_lines", promises("150"), key="promises"),
        a_parcel("erp.change_order", a_change("50"), key="change"),
        *(
            a_parcel("erp.post_receipt", a_receipt(f"R-{n}", f"{quantity}"), key=f"receipt-{n}")
            for n, quantity in enumerate(receipts)
        ),
        a_parcel("erp.post_invoice", an_invoice("INV-1", f"{came}", "10.00"), key="invoice"),
    ]
    with TemporaryDirectory() as home:
        system = ReferenceErp(Path(home) / "erp.sqlite", synchronous="OFF")
        system.load(masters_json())

        outcomes = [carry_out(system, parcel, list(failures)) for parcel in parcels]
        system.switches.set(Switch())
        port = ReferenceErpAdapter(InProcessLine(system))
        (line,) = every(port.totals)
        created = [change for change in every(port.changes) if change.what == "created"]
        system.close()

    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.DONE}
    assert (line.ordered, line.cancelled, line.confirmed) == (each(200), each(50), each(150))
    assert (line.received, line.invoiced) == (each(came), each(came))
    assert line.amount_invoiced == usd("10.00")
    assert len(created) == len({change.number for change in created}) == 2 + len(receipts)
