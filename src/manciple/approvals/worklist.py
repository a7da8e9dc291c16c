"""What stands before whom: the task, the timers and the record of a step that is open now."""

from manciple.approvals import decision, escalation
from manciple.approvals.directory import Directory
from manciple.approvals.escalation import AFTER, EscalateApproval, RemindApprover
from manciple.approvals.request import Approval, Assigned, Step
from manciple.approvals.routing import Ask, may_be_asked
from manciple.approvals.settings import ApprovalSettings
from manciple.kernel.calendar import BusinessCalendar
from manciple.runtime.documents import ref
from manciple.runtime.effects import Lane
from manciple.runtime.work import Task, Work

LIST = "approval"
ESCALATE = "escalate"
_PRIORITY = {Lane.CRITICAL: 10, Lane.STANDARD: 100, Lane.BULK: 200}


def task_id(approval: Approval, step: Step, name: str = "") -> str:
    """Give the name of a step's row on a worklist; of a panel each member has one."""
    plain = f"{approval.id}:{step.number}"
    return f"{plain}:{name}" if step.panel else plain


def put(work: Work, approval: Approval, step: Step, directory: Directory) -> None:
    """Put an open step on the list of whoever is asked, or of the delegate in force."""
    if not step.panel:
        _put(work, approval, step, directory, step.approver)
        return
    ask = Ask.of(approval)
    for name in step.asked:
        if name in step.seats_left and may_be_asked(name, ask, directory):
            _put(work, approval, step, directory, name)
        else:
            work.drop_task(task_id(approval, step, name))


def _put(work: Work, approval: Approval, step: Step, directory: Directory, name: str) -> None:
    owner = decision.on_whose_list(approval, name, directory=directory, at=work.at)
    work.put_task(
        Task(
            id=task_id(approval, step, name),
            list=LIST,
            subject=ref(approval),
            title=approval.title,
            role=step.role,
            owner=owner,
            opened_at=step.assigned_at or work.at,
            due_at=step.due_at,
            site=approval.site,
            priority=_PRIORITY[approval.lane],
        )
    )
    assigned = Assigned(approval=approval.id, step=step.number, is_open=True)
    for each in dict.fromkeys((name, owner)):
        work.append(each, assigned)


def take_off(work: Work, approval: Approval, step: Step, settings: ApprovalSettings) -> None:
    """Take a step that is decided, void or held off its list, and forget its timers."""
    for name in step.asked:
        work.drop_task(task_id(approval, step, name))
    work.cancel_timer(ref(approval), ESCALATE)
    for percent in settings.reminders:
        work.cancel_timer(ref(approval), f"remind-{percent}")
    done = Assigned(approval=approval.id, step=step.number, is_open=False)
    for name in step.asked:
        work.append(name, done)


def open_approvals(work: Work, person: str) -> tuple[Approval, ...]:
    """Give the pending approvals with a step that stands before a person."""
    rows = {row.approval: row.is_open for row in work.records(Assigned, person)}
    found = (work.find(Approval, name) for name, is_open in rows.items() if is_open)
    return tuple(each for each in found if each is not None and each.is_pending)


def start_timers(
    work: Work,
    approval: Approval,
    step: Step,
    *,
    calendar: BusinessCalendar,
    settings: ApprovalSettings,
) -> None:
    """Set the reminders and the escalation of a step that was just put before somebody."""
    if step.assigned_at is None or step.due_at is None:
        return
    for percent in settings.reminders:
        work.timer(
            ref(approval),
            f"remind-{percent}",
            calendar.due(step.assigned_at, escalation.duration(approval.sla_hours, percent)),
            RemindApprover(
                approval=approval.id,
                step=step.number,
                assigned_at=step.assigned_at,
                percent=percent,
            ),
        )
    work.timer(
        ref(approval),
        ESCALATE,
        step.due_at + AFTER,
        EscalateApproval(approval=approval.id, step=step.number, assigned_at=step.assigned_at),
    )
