"""Any ERP behind the ERP port, as the endpoint that effects are sent to."""

from collections.abc import Callable

from manciple.adapters.reference.carrier import outcome, unsayable, unserved
from manciple.kernel.errors import MancipleError
from manciple.processes.ports import (
    ConflictError,
    DocumentKind,
    ErpInvoice,
    ErpOrder,
    ErpOrderChange,
    ErpPort,
    ErpPromises,
    ErpReceipt,
    ErpReturn,
    Submitted,
)
from manciple.runtime.codec import decode
from manciple.runtime.effects import Outcome, OutcomeKind, Parcel

_KINDS = {
    "erp.create_order": DocumentKind.ORDER,
    "erp.change_order": DocumentKind.ORDER,
    "erp.confirm_lines": DocumentKind.ORDER,
    "erp.post_receipt": DocumentKind.RECEIPT,
    "erp.post_return": DocumentKind.RETURN,
    "erp.post_invoice": DocumentKind.INVOICE,
}


class ErpEndpoint:
    """Carries out the ``erp.*`` verbs on an ERP.

    The outcome's detail: ``reference`` (the ERP's number), ``version``, and ``reason`` when it
    says no.
    """

    FINDS = True

    def __init__(self, port: ErpPort) -> None:
        """Serve effects with this ERP."""
        self._port = port

    def find(self, parcel: Parcel) -> Outcome | None:
        """Ask the ERP whether the parcel's key was carried out."""
        kind = _KINDS.get(parcel.verb)
        found = None if kind is None else self._port.find(kind, parcel.key)
        if found is None:
            return None
        return Outcome.done(reference=found.number, version=found.version)

    def send(self, parcel: Parcel) -> Outcome:
        """Carry the parcel out."""
        try:
            return outcome(self._submit(parcel))
        except ConflictError as conflict:
            return Outcome.unknown(f"changed meanwhile: {conflict}")
        except MancipleError as problem:
            return unsayable(parcel.verb, problem)

    def _submit(self, parcel: Parcel) -> Submitted:
        port, key, payload = self._port, parcel.key, parcel.payload
        verbs: dict[str, Callable[[], Submitted]] = {
            "erp.create_order": lambda: port.create_order(key, decode(payload, ErpOrder)),
            "erp.change_order": lambda: self._change(key, decode(payload, ErpOrderChange)),
            "erp.confirm_lines": lambda: port.confirm_lines(key, decode(payload, ErpPromises)),
            "erp.post_receipt": lambda: port.post_receipt(key, decode(payload, ErpReceipt)),
            "erp.post_return": lambda: port.post_return(key, decode(payload, ErpReturn)),
            "erp.post_invoice": lambda: port.post_invoice(key, decode(payload, ErpInvoice)),
        }
        carry = verbs.get(parcel.verb)
        return unserved(parcel.verb) if carry is None else carry()

    def _change(self, key: str, change: ErpOrderChange) -> Submitted:
        """Change the order as it stands now: what is given up adds to what others changed."""
        standing = self._port.get(DocumentKind.ORDER, change.number)
        if standing is None:
            return Submitted(
                outcome=OutcomeKind.REJECTED, reason=f"the ERP has no order {change.number}"
            )
        return self._port.change_order(key, change, standing.ref.version)
