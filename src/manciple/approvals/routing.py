"""The chain of an approval: who must say yes to an amount, and why each of them.

    policy: amount x category x site  ->  roles            branch_manager, finance_controller
    roles  ->  people at the site, never the requester      ana (concur), fay (final?)
    limits ->  upward until one covers the amount           ana, fay (concur), cho (final)

The same function answers before submitting and makes the chain. Nobody to ask is a gap, never an
approval. Source: domain rules A-01, A-02, A-05 and A-16, with the rulings of 4.7.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol, Self

from manciple.approvals.authority import Authority
from manciple.approvals.directory import Directory
from manciple.approvals.relations import interest_in
from manciple.approvals.request import (
    Approval,
    CategoryAmount,
    Finding,
    RequestApproval,
    Spend,
    Step,
    StepKind,
)
from manciple.approvals.settings import ApprovalSettings
from manciple.kernel.errors import refuse
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass, replace
from manciple.policy.ruling import PolicyError, Ruling
from manciple.policy.table import DecisionTable
from manciple.runtime.effects import Lane

TABLE = "approval_routing"
INTEREST = "A-06"
"""The rule of declared interests, as findings name it."""
LOW_VALUE = "LOW_VALUE"
"""A final role that is nobody's: the row says that so little needs no approval (rule A-05)."""


class Decides(Protocol):
    """Answers from the decision tables; the policy register is one."""

    def decide(self, name: str, facts: Mapping[str, object], *, at: datetime) -> Ruling:
        """Ask a table in its version of that instant."""
        ...

    def table(self, name: str, *, at: datetime) -> DecisionTable:
        """Give a table in its version of that instant, to read its bounds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is to be approved, as far as the chain depends on it.

    Attributes:
        amount: all that is committed: with charges, freight and tax that cannot be recovered.
        category: the leading category, tested with the whole amount.
        shares: amounts by category when there are several; each is tested too (rule A-01).
        requester: who asks, and so is never asked (rule A-05).
        suppliers: from whom is bought; who has an interest in one is not asked (rule A-06).
        weighed: the sum that decides in place of the amount (rules A-03, A-04).
    """

    document_type: str
    flow: str
    amount: Money
    category: str
    site: str
    requester: str
    lane: Lane
    shares: tuple[CategoryAmount, ...] = ()
    suppliers: tuple[str, ...] = ()
    weighed: Money | None = None

    @classmethod
    def of(cls, asked: RequestApproval | Approval) -> Self:
        """Take the facts from a request or an approval at hand."""
        if isinstance(asked, RequestApproval):
            suppliers, weighed = suppliers_of(asked.spends), None
        else:
            suppliers, weighed = asked.suppliers, asked.weighed
        return cls(
            document_type=asked.document_type,
            flow=asked.flow,
            amount=asked.amount,
            category=asked.category,
            site=asked.site,
            requester=asked.requester,
            lane=asked.lane,
            shares=asked.shares,
            suppliers=suppliers,
            weighed=weighed,
        )

    @property
    def decisive(self) -> Money:
        """Give the amount that band and limits are chosen by."""
        return self.amount if self.weighed is None else self.weighed

    @property
    def tested(self) -> tuple[CategoryAmount, ...]:
        """Give the amounts that are tested: the whole one, then other categories by size."""
        others = sorted(
            (share for share in self.shares if share.category != self.category),
            key=lambda share: (-share.amount.amount, share.category),
        )
        return (CategoryAmount(category=self.category, amount=self.decisive), *others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Who will be asked, in order, and why; or why nobody can be asked.

    Attributes:
        rulings: the answer of the policy for each tested amount, with every row's verdict.
        touchless: an explicit policy row asks nobody.
        gap: why it must be held; the chain is then empty.
        findings: what windows and declared interests made of it.
    """

    steps: tuple[Step, ...]
    rulings: tuple[Ruling, ...]
    sla_hours: Decimal
    final_role: str = ""
    gap: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def is_touchless(self) -> bool:
        """Say whether an explicit policy row asks nobody."""
        return not self.steps and not self.gap

    @property
    def cited(self) -> str:
        """Name the policy rows that spoke, ``approval_routing 2026-01/r12``."""
        return "; ".join(dict.fromkeys(ruling.cite() for ruling in self.rulings))


def preview(
    ask: Ask, *, directory: Directory, register: Decides, settings: ApprovalSettings, at: datetime
) -> Chain:
    """Say who must approve what is asked, in order, and why, without asking anybody.

    Raises:
        Refused: the amount is not in the currency of the limits, or is below zero.
    """
    _check(ask, settings)
    try:
        rulings = tuple(rule(ask, share, register, at) for share in ask.tested)
        roles = _roles(rulings) if not any(each.held for each in rulings) else ()
    except PolicyError as problem:
        gap = f"the policy cannot be asked: {problem}"
        return Chain(steps=(), rulings=(), sla_hours=settings.default_sla_hours, gap=gap)
    chain = Chain(steps=(), rulings=rulings, sla_hours=_sla(rulings, settings))
    silent = [share for share, ruling in zip(ask.tested, rulings, strict=True) if ruling.held]
    if silent:
        named = ", ".join(f"{each.category} {each.amount}" for each in silent)
        return replace(chain, gap=f"no row of {TABLE} speaks of {named} at {ask.site}")
    own = interest_in(ask.requester, ask.suppliers, directory.peek)
    if own is not None:
        text = f"{ask.requester} asks for it and has declared an interest in {own.supplier}"
        chain = _found(chain, f"{text} ({own.relation.value}): somebody independent decides", ask)
        why = f"A-06: {text}, so it is never passed without a person"
        roles = roles or (_Demand(role=settings.conflict_role, why=why),)
    if not roles:
        return chain
    for name in _left_out(roles, ask, directory):
        chain = _found(chain, f"{name} has declared an interest in a supplier of it", ask, name)
    return _people(replace(chain, final_role=roles[-1].role), roles, ask, directory, settings)


def _found(chain: Chain, text: str, ask: Ask, *people: str) -> Chain:
    """Note a declared interest. Source: domain rule A-06, "excluded, replaced upward, logged"."""
    said = f"{text} and is not asked" if people else text
    new = Finding(rule=INTEREST, amount=ask.decisive, subjects=people, text=said)
    return replace(chain, findings=(*chain.findings, new))


def _left_out(roles: Iterable["_Demand"], ask: Ask, directory: Directory) -> tuple[str, ...]:
    """Give who holds one of the roles, or stands above who does, and has an interest."""
    if not ask.suppliers:
        return ()
    names = dict.fromkeys(name for demand in roles for name in directory.holders(demand.role))
    every = dict.fromkeys((*names, *(over for name in names for over in directory.above(name))))
    return tuple(
        name
        for name in every
        if directory.approver(name, site=ask.site) is not None
        and interest_in(name, ask.suppliers, directory.peek) is not None
    )


def _check(ask: Ask, settings: ApprovalSettings) -> None:
    for share in ask.tested:
        if share.amount.currency is not settings.currency:
            raise refuse(
                "CURRENCY",
                f"approvals are tested in {settings.currency.value}, not in "
                f"{share.amount.currency.value}",
                field="amount",
                rule="A-01",
                fix=f"convert to {settings.currency.value} at a stated rate date",
            )
        if share.amount.amount < 0:
            raise refuse(
                "AMOUNT_NEGATIVE", f"{share.amount} is below zero", field="amount", rule="A-01"
            )


def rule(ask: Ask, share: CategoryAmount, register: Decides, at: datetime) -> Ruling:
    """Ask the routing table about one of the tested amounts.

    Raises:
        PolicyError: the table cannot be asked.
    """
    facts = {
        "document_type": ask.document_type,
        "flow": ask.flow,
        "category": share.category,
        "site": ask.site,
        "lane": ask.lane.value,
        "amount": share.amount,
    }
    return register.decide(TABLE, facts, at=at)


def _sla(rulings: Iterable[Ruling], settings: ApprovalSettings) -> Decimal:
    stated = [
        hours
        for ruling in rulings
        if not ruling.held and (hours := ruling.decimal("sla_hours")) is not None
    ]
    return min(stated, default=settings.default_sla_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """How several holders of a role decide at once: all, any, or a quorum of them.

    Attributes:
        needed: how many must say yes; None is all of them.
        collects: a no ends it only when too few are left.
    """

    needed: int | None
    collects: bool

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``all``, ``any`` or a number, with ``collect`` behind it or not.

        Raises:
            PolicyError: it is none of these.
        """
        word, _, rest = text.strip().partition(" ")
        if rest.strip() not in {"", "collect"} or not (word in {"all", "any"} or word.isdigit()):
            message = f"{text!r} is no join: all, any or a number, and collect behind it"
            raise PolicyError(message)
        needed = {"all": None, "any": 1}.get(word, 0)
        if needed == 0:
            needed = int(word)
        if needed is not None and needed < 1:
            raise PolicyError(f"{text!r}: a quorum is at least one")
        return cls(needed=needed, collects=bool(rest.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demand:
    """A role that a policy row demands; with a join all who hold it are asked at once."""

    role: str
    why: str
    join: Join | None = None


def _roles(rulings: tuple[Ruling, ...]) -> tuple[_Demand, ...]:
    """Join the roles that the rulings demand; the whole amount's final role stands last.

    Ruling A-01: the union of the control steps, and the final approver with the highest needed
    limit. The first ruling is the whole amount's, so no other needs a higher one; when it asks
    nobody, the last one that asks somebody has the final say.
    """
    asking = [ruling for ruling in rulings if demanded(ruling)]
    if not asking:
        return ()
    last = demanded(asking[0])[-1]
    demands: dict[str, _Demand] = {}
    for ruling in asking:
        joins = _joins(ruling)
        for role in demanded(ruling):
            new = _Demand(role=role, why=ruling.cite(), join=joins.get(role))
            demands.setdefault(role, new)
    final = demands.pop(last)
    return (*demands.values(), final)


def _joins(ruling: Ruling) -> dict[str, Join]:
    """Read which roles decide together: ``quality: 2 collect`` (rule A-12).

    Raises:
        PolicyError: a cell names no role of the row, or no join.
    """
    found = {}
    for text in ruling.texts("joins") if ruling.outputs.get("joins") else ():
        role, _, how = text.partition(":")
        if role.strip() not in demanded(ruling):
            raise PolicyError(f"{ruling.cite()}: {text!r} joins a role that nobody asks for")
        found[role.strip()] = Join.read(how)
    return found


def _panel(demand: _Demand, join: Join, able: tuple[str, ...], kind: StepKind) -> Step | None:
    """Ask everybody who is able at once; None when they are fewer than must say yes."""
    needed = len(able) if join.needed is None else join.needed
    if not able or needed > len(able):
        return None
    why = f"{demand.why}; A-12: {needed} of {len(able)} {demand.role}"
    step = _step(able[0], demand.role, kind, why)
    return replace(step, panel=able, needed=needed, collects=join.collects)


def demanded(ruling: Ruling) -> tuple[str, ...]:
    """Give the roles that a ruling demands, the final one last; none is touchless."""
    final = ruling.outputs.get("final_role")
    steps = tuple(role for role in ruling.texts("steps") if role != final)
    return steps if final in (None, LOW_VALUE) else (*steps, str(final))


def _people(
    chain: Chain,
    roles: tuple[_Demand, ...],
    ask: Ask,
    directory: Directory,
    settings: ApprovalSettings,
) -> Chain:
    names = tuple(demand.role for demand in roles)
    steps: list[Step] = []
    for demand in roles[:-1]:
        found = _concurring(demand, names, steps, ask, directory)
        if found is None:
            return replace(chain, gap=_nobody(demand.role, ask))
        steps.append(found)
    end = _final(roles[-1], steps, ask, directory)
    if not end:
        return replace(chain, gap=_nobody(roles[-1].role, ask))
    steps.extend(end)
    if settings.merge_adjacent:
        steps = _merged(steps)
    if len(steps) > settings.longest_chain:
        gap = f"{len(steps)} steps are more than the {settings.longest_chain} that are allowed"
        return replace(chain, gap=gap)
    numbered = (replace(step, number=n) for n, step in enumerate(steps, start=1))
    return replace(chain, steps=tuple(numbered))


def _nobody(role: str, ask: Ask) -> str:
    return (
        f"nobody but the requester is {role} at {ask.site}, or above, with a limit for "
        f"{ask.decisive} ({ask.document_type}, {ask.category})"
    )


def _concurring(
    demand: _Demand,
    names: tuple[str, ...],
    before: Iterable[Step],
    ask: Ask,
    directory: Directory,
) -> Step | None:
    """Choose who agrees on the way: somebody new to the chain, and of this site, is better."""
    taken = {step.approver for step in before}
    found = holders(demand.role, ask, directory)
    if demand.join is not None:
        return _panel(demand, demand.join, found, StepKind.CONCUR)
    if found:
        best = min(found, key=lambda name: (name in taken, _is_everywhere(name, directory), name))
        return _step(best, demand.role, StepKind.CONCUR, demand.why)
    rising = next_with_limit(ask, directory, roles=(demand.role, *names))
    if rising is None:
        return None
    why = f"{demand.why}; A-05: no {demand.role} to ask at {ask.site}, escalated at once"
    return _step(rising, demand.role, StepKind.CONCUR, why)


def _final(
    demand: _Demand, before: list[Step], ask: Ask, directory: Directory
) -> tuple[Step, ...]:
    """Choose who has the final say: the nearest sufficient limit, else upward from the highest.

    Gives the steps that end the chain; none when nobody's limit covers the amount.
    """
    taken = {step.approver for step in before}
    found = holders(demand.role, ask, directory)
    able = [name for name in found if covers(directory.authority(name), ask)]
    if demand.join is not None:
        panel = _panel(demand, demand.join, tuple(able), StepKind.FINAL)
        return () if panel is None else (panel,)
    if able:
        best = min(able, key=lambda name: (name in taken, _limit(name, ask, directory), name))
        return (_step(best, demand.role, StepKind.FINAL, demand.why),)
    if not found:
        rising = next_with_limit(ask, directory, roles=(demand.role,))
        why = f"{demand.why}; A-05: no {demand.role} to ask at {ask.site}, escalated at once"
        return () if rising is None else (_step(rising, demand.role, StepKind.FINAL, why),)
    for lower in sorted(found, key=lambda name: (-_limit(name, ask, directory), name)):
        end = _upward(lower, demand, taken, ask, directory)
        if end:
            return end
    return ()


def _upward(
    lower: str, demand: _Demand, taken: set[str], ask: Ask, directory: Directory
) -> tuple[Step, ...]:
    steps = [_step(lower, demand.role, StepKind.CONCUR, demand.why)]
    for name in directory.above(lower):
        if not may_be_asked(name, ask, directory):
            continue
        why = f"A-02: above {lower}, whose limit is below {ask.decisive}"
        if covers(directory.authority(name), ask):
            return (*steps, _step(name, demand.role, StepKind.FINAL, why))
        if name not in taken:
            steps.append(_step(name, demand.role, StepKind.CONCUR, why))
    return ()


def _step(name: str, role: str, kind: StepKind, why: str) -> Step:
    return Step(number=0, role=role, approver=name, kind=kind, why=why)


def _merged(steps: list[Step]) -> list[Step]:
    """Make one of two neighbouring steps of one person; the later one stays."""
    kept: list[Step] = []
    for step in steps:
        if kept and kept[-1].approver == step.approver and not (step.panel or kept[-1].panel):
            why = f"{kept[-1].why}; {step.why}; merged with {kept[-1].role}"
            kept[-1] = replace(step, why=why)
        else:
            kept.append(step)
    return kept


def holders(role: str, ask: Ask, directory: Directory) -> tuple[str, ...]:
    """Give everybody who holds a role and may be asked about this, by id."""
    return tuple(
        name
        for name in directory.holders(role)
        if may_be_asked(name, ask, directory) and _holds(directory.authority(name), role)
    )


def _holds(authority: Authority | None, role: str) -> bool:
    return authority is not None and role in authority.roles


def may_be_asked(name: str, ask: Ask, directory: Directory) -> bool:
    """Say whether a person can be asked: an active approver at the site, free of interests.

    Never the requester (A-05), nor who has declared an interest in a supplier (A-06).
    """
    if directory.approver(name, site=ask.site) is None:
        return False
    if directory.same_person(name, ask.requester):
        return False
    return interest_in(name, ask.suppliers, directory.peek) is None


def covers(authority: Authority | None, ask: Ask) -> bool:
    """Say whether somebody's limits cover all that is tested; a limit itself is inside.

    Source: domain rule A-02; a missing limit covers nothing (A-16).
    """
    if authority is None:
        return False
    for share in ask.tested:
        limit = authority.limit(
            document_type=ask.document_type, category=share.category, site=ask.site
        )
        if limit is None or limit.currency is not share.amount.currency or limit < share.amount:
            return False
    return True


def suppliers_of(spends: Iterable[Spend]) -> tuple[str, ...]:
    """Give each supplier of the lines once, in the order in which they appear."""
    return tuple(dict.fromkeys(spend.supplier for spend in spends))


def _limit(name: str, ask: Ask, directory: Directory) -> Decimal:
    authority = directory.authority(name)
    limit = authority and authority.limit(
        document_type=ask.document_type, category=ask.category, site=ask.site
    )
    return limit.amount if limit else Decimal(-1)


def _is_everywhere(name: str, directory: Directory) -> bool:
    person = directory.person(name)
    return person is None or not person.sites


def next_with_limit(
    ask: Ask,
    directory: Directory,
    *,
    roles: tuple[str, ...],
    start: str | None = None,
    excluded: tuple[str, ...] = (),
) -> str | None:
    """Find the next person whose limit covers the amount, or None.

    First upward from ``start`` (or from everybody who holds the first role, the requester and the
    absent too), then among those who hold the roles, the lowest sufficient limit first.
    Source: domain rule A-09, "the next with sufficient limit".
    """

    def fits(name: str) -> bool:
        asked = name not in excluded and may_be_asked(name, ask, directory)
        return asked and covers(directory.authority(name), ask)

    starts = (start,) if start is not None else directory.holders(roles[0])
    for each in starts:
        for name in directory.above(each):
            if fits(name):
                return name
    for role in roles:
        able = [name for name in holders(role, ask, directory) if fits(name)]
        if able:
            return min(able, key=lambda name: (_limit(name, ask, directory), name))
    return None
