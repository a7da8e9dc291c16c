"""An approval's life as tasks: each person asked has a clock of their own.

    asked, due 17:00    decided by 17:00 -> in time         decided later, or not at all -> missed
                        handed on        -> missed, whoever decides; the next has their own clock
                        decided by an earlier one -> the task of the next is withdrawn

A task counts in the period of its due time. Source: domain rules 4.6 and A-09, rulings in 4.7 B.
"""

from collections.abc import Iterator

from manciple.intelligence.metrics.fact import Fact, FactState
from manciple.kernel.records import dataclass

ADHERENCE = "approval-sla-adherence"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLife:
    """One person asked for one step.

    Attributes:
        round: 1, and one more each time that the step is put before the same person again.
        decided_at: by this person, or by a delegate in their name.
        escalated_at: when it was handed on because the time was over.
        dropped: why it does not count: ``withdrawn``, ``void``, ``rerouted``; empty if it does.
    """

    step: int
    approver: str
    round: int = 1
    asked_at: int
    due_at: int
    decided_at: int | None = None
    decided_by: str = ""
    escalated_at: int | None = None
    dropped: str = ""
    dropped_at: int | None = None

    @property
    def is_open(self) -> bool:
        """Say whether this person may still act, and has not."""
        return self.decided_at is None and not self.dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLife:
    """What is remembered of one approval."""

    approval: str
    subject: str
    site: str
    flow: str
    tasks: tuple[TaskLife, ...] = ()


def facts_of_approval(approval: ApprovalLife) -> Iterator[Fact]:
    """Give one fact for each task, at its due time: not decided by then is missed by then."""
    for task in approval.tasks:
        base = Fact(
            metric=ADHERENCE,
            key=f"{approval.approval}/{task.step}/{task.approver}/{task.round}",
            state=FactState.DONE,
            opened_at=task.asked_at,
            at=task.due_at,
            site=approval.site,
            flow=approval.flow,
        )
        if task.dropped and task.escalated_at is None:
            yield base._replace(state=FactState.OUT, at=task.dropped_at, reason=task.dropped)
        elif task.escalated_at is not None:
            yield base._replace(value=0, reason="handed on")
        elif task.decided_at is not None and task.decided_at <= task.due_at:
            yield base._replace(value=1, reason="in time")
        else:
            why = "open and overdue" if task.decided_at is None else "decided late"
            yield base._replace(value=0, reason=why)
