"""What stands where after the storm, read from everybody's own books."""

import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from manciple.app.checking import check
from manciple.formats.x12.tokens import Tokens
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.requisitioning.requisition import Requisition
from manciple.world.desk import orders_of
from tests.soak.storm import Storm


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The figures, and everything that is wrong."""

    kills: dict[str, int]
    acknowledged: int
    unanswered: int
    orders: int
    invoices: int
    effects: int
    retried: int
    settled_s: float
    checked: dict[str, int]
    wrong: tuple[str, ...]


def judge(storm: Storm, settled: float) -> Verdict:
    """Compare what was acknowledged with the ERP's, finance's and the partners' own records."""
    app, people = storm.open(), storm.people
    wrong = list(people.refused)
    kept = {each.id for each in app.store.documents(Requisition)}
    promised = set(people.acknowledged.values())
    wrong += [f"{need} was acknowledged and is lost" for need in sorted(promised - kept)]
    wrong += [f"{need} was never acknowledged" for need in sorted(kept - promised)]
    if len(promised) != len(people.acknowledged):
        wrong.append("two needs were acknowledged with one number")
    orders = {each.id for each in app.store.documents(PurchaseOrder)}
    if len(orders) != len(kept):
        wrong.append(f"{len(kept)} needs gave {len(orders)} orders")
    wrong += _differ("order in the ERP", orders, _column(storm, "erp", "purchase_order"))
    sent, controls = _at_partners(storm.partners)
    wrong += _differ("order at the partner", orders, sent)
    wrong += [f"control number {c} came {n} times" for c, n in controls.items() if n > 1]
    billed = len(storm.suppliers.invoices)
    for where, table in (("erp", "invoice"), ("finance", "payable")):
        there = _column(storm, where, table)
        if len(there) != billed or len(set(there)) != billed:
            wrong.append(f"{billed} invoices came, {where} has {len(there)}")
    with app.store.engine.connect() as db:
        sql = "select state, count(*), sum(case when attempts > 1 then 1 else 0 end) "
        states = {s: (n, r) for s, n, r in db.exec_driver_sql(f"{sql} from effect group by state")}
    wrong += [f"{n} effects are {state}" for state, (n, _) in states.items() if state != "done"]
    checks = check(app)
    wrong += [f"{name}: {text}" for name, each in checks.items() for text in each.broken]
    verified = app.verify()
    if verified.broken is not None:
        wrong.append(f"history: {verified.broken}")
    app.store.engine.dispose()
    return Verdict(
        kills=dict(sorted(storm.kills.items())),
        acknowledged=len(people.acknowledged),
        unanswered=people.unanswered,
        orders=len(orders),
        invoices=billed,
        effects=sum(n for n, _ in states.values()),
        retried=sum(int(r) for _, r in states.values()),
        settled_s=round(settled, 1),
        checked={name: each.checked for name, each in checks.items()},
        wrong=tuple(wrong),
    )


def _column(storm: Storm, system: str, table: str) -> list[str]:
    with sqlite3.connect(f"file:{storm.around.books(system)}?mode=ro", uri=True) as db:
        return [row[0] for row in db.execute(f"select external from {table}")]


def _differ(what: str, ours: set[str], theirs: list[str]) -> list[str]:
    counted = Counter(theirs)
    told = [f"{what}: {each} is missing" for each in sorted(ours - set(theirs))]
    told += [f"{what}: {each} is alien" for each in sorted(set(theirs) - ours)]
    return told + [f"{what}: {each} stands {n} times" for each, n in counted.items() if n > 1]


def _at_partners(partners: Path) -> tuple[list[str], Counter[str]]:
    """Give the orders in the partners' folders, and how often each control number came."""
    orders: list[str] = []
    controls: Counter[str] = Counter()
    for path in sorted(partners.glob("*/out/*")):
        content = path.read_bytes()
        orders += [order.number for order in orders_of(content)]
        head = next(iter(Tokens(content)))
        controls[f"{path.parts[-3]}/{head.at(13)}"] += 1
    return orders, controls
