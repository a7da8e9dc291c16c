"""Handlers of suppliers' stock lists: load, decide, save."""

from manciple.kernel.messages import Role
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work
from manciple.supplying.supplier_stock import (
    RecordSupplierStock,
    SupplierStock,
    SupplierStockStated,
    is_newer,
    stated,
)


def _record(work: Work, act: RecordSupplierStock) -> Ref | None:
    for line in act.lines:
        said = stated(act, line)
        if is_newer(said, work.find(SupplierStock, said.id)):
            event = SupplierStockStated(
                supplier=said.supplier,
                item=said.item,
                supplier_item=said.supplier_item,
                available=said.available,
                as_of=said.as_of,
                list_number=said.list_number,
            )
            work.save(said, event)
    return None


def handles() -> tuple[Handles, ...]:
    """Give the acts about suppliers' stock."""
    return (Handles(act=RecordSupplierStock, handle=_record, by=frozenset({Role.SYSTEM})),)
