"""The root of all errors that this program raises on purpose.

    MancipleError
      |- Refused                  a rule said no; carries the reasons
      |- CurrencyMismatchError    money        |- UnitMismatchError     quantity
      |- NotFoundError            runtime      |- LostRaceError         runtime
      |- ...                      each class lives in the module that raises it

A supplier's short shipment is not an error: it is a Discrepancy.
"""

from dataclasses import dataclass

from manciple.kernel.fixes import usual


class MancipleError(Exception):
    """Something that a caller did wrong or that the program can't go on with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason for a refusal: which field, which rule, and what would mend it.

    Attributes:
        code: stable, upper case, for programs: ``NOT_A_STOCK_ITEM``.
        message: what was wanted and what came, for people.
        field: dotted path of the field at fault, ``lines.2.quantity``; empty if none is.
        rule: the rule that refuses, ``A-05`` or a policy row; empty if it is plain syntax.
        fix: what to do about it; where a rule says nothing closer, what usually mends its code.
    """

    code: str
    message: str
    field: str = ""
    rule: str = ""
    fix: str = ""

    def __post_init__(self) -> None:
        """Say what usually mends it where nothing closer was said."""
        if not self.fix and (fix := usual(self.code)):
            object.__setattr__(self, "fix", fix)

    @property
    def told(self) -> str:
        """The reason as one sentence after another: code, field, message, rule and fix.

        ``BAD_QUANTITY: lines.0.quantity: -3 EA can't be shipped. Fix: state zero or more``
        """
        field = f"{self.field}: " if self.field else ""
        rule = f" (rule {self.rule})" if self.rule else ""
        fix = f". Fix: {self.fix}" if self.fix else ""
        return f"{self.code}: {field}{self.message}{rule}{fix}"


class Refused(MancipleError):  # noqa: N818  the trade's word
    """A rule said no; nothing was changed. The same refusal comes out of every door."""

    def __init__(self, *reasons: Reason) -> None:
        """Refuse with at least one reason."""
        if not reasons:
            message = "a refusal needs a reason"
            raise ValueError(message)
        super().__init__("; ".join(f"{r.code}: {r.message}" for r in reasons))
        self.reasons = reasons


def refuse(code: str, message: str, *, field: str = "", rule: str = "", fix: str = "") -> Refused:
    """Build a refusal with one reason, to be raised."""
    return Refused(Reason(code=code, message=message, field=field, rule=rule, fix=fix))
