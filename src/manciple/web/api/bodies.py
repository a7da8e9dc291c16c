"""What a caller may send: closed records; unknown fields are refused, decimals are strings."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from manciple.cases.aging import Turn
from manciple.cases.root_cause import RootCause
from manciple.invoicing.holds import HoldCode
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit, from_x12
from manciple.ordering.purchase_order import Beyond
from manciple.requisitioning.planned import RequestedCharge
from manciple.requisitioning.requisition import Downtime

NAME = r"^[A-Za-z0-9][A-Za-z0-9 ._:@/#&+-]{0,79}$"
DECIMAL = r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"
PERCENT = r"^[0-9]{1,3}(\.[0-9]{1,4})?$"
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
Name = Annotated[
    str, Field(pattern=NAME, description="An id: letters, digits, blanks and . _ : @ / # & + -")
]


def _no_controls(text: str) -> str:
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in text):  # noqa: PLR2004
        message = "control characters are not text"
        raise ValueError(message)
    return text


Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_no_controls)]
Note = Annotated[str, Field(max_length=2000), AfterValidator(_no_controls)]
DecimalText = Annotated[
    str,
    Field(
        pattern=DECIMAL,
        description="A decimal number as a string, at most six places",
        examples=["12.50"],
    ),
]


def _unit(value: Any) -> Any:
    """Read a unit by its Rec 20/21 code, or by its X12 code."""
    if isinstance(value, str) and value not in _UNITS:
        return from_x12(value) or value
    return value


_UNITS = frozenset(unit.value for unit in Unit)


class Body(BaseModel):
    """A closed record: a field that is not named here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QuantityBody(Body):
    """So many of one unit."""

    value: DecimalText
    unit: Annotated[Unit, BeforeValidator(_unit)]

    def to_quantity(self) -> Quantity:
        """Make the kernel's quantity of it."""
        return Quantity(Decimal(self.value), self.unit)


class MoneyBody(Body):
    """An amount of one currency."""

    amount: DecimalText
    currency: Currency

    def to_money(self) -> Money:
        """Make the kernel's money of it."""
        return Money(Decimal(self.amount), self.currency)


class PriceBody(Body):
    """So much money for so much of a unit."""

    money: MoneyBody
    per: QuantityBody

    def to_price(self) -> Price:
        """Make the kernel's price of it."""
        return Price(self.money.to_money(), self.per.to_quantity())


class RequestedLineBody(Body):
    """One line of a requisition.

    The indirect flow wants ``cost_centre`` and ``account``; with ``description`` and ``price`` it
    is a line in free text.
    """

    item: Name
    quantity: QuantityBody
    needed_by: date
    supplier: Name | None = None
    cost_centre: Name | None = None
    account: Name | None = None
    description: Note | None = None
    price: PriceBody | None = None


class PlannedChargeBody(Body):
    """A charge that the order shall expect: freight, duty or a fee, untaxed and above zero.

    ``supplier`` says on whose order it is, where there will be several. ``billed_by`` names the
    carrier or broker who bills it; without it, the supplier of the goods does.
    """

    code: Annotated[str, Field(min_length=1, max_length=40, examples=["freight"])]
    amount: MoneyBody
    supplier: Name | None = None
    billed_by: Name | None = None

    def to_charge(self) -> RequestedCharge:
        """Make the act's charge of it."""
        return RequestedCharge(
            code=self.code,
            amount=self.amount.to_money(),
            supplier=self.supplier,
            billed_by=self.billed_by,
        )


class RequisitionBody(Body):
    """A need: what, how much, where, by when.

    The flow ``emergency`` wants ``cause``, and ``asset`` or ``customer_order``. For maintenance
    ``asset`` and ``downtime`` say what stands still, or will. ``planned`` are the charges that its
    orders shall expect; they are part of what is approved.
    """

    site: Name
    flow: Name = "direct"
    lines: Annotated[tuple[RequestedLineBody, ...], Field(min_length=1, max_length=500)]
    reference: Name | None = None
    note: Note | None = None
    customer_waiting: bool = False
    cause: Text | None = None
    asset: Name | None = None
    customer_order: Name | None = None
    downtime: Downtime | None = None
    planned: Annotated[tuple[PlannedChargeBody, ...], Field(max_length=20)] = ()


class NoteBody(Body):
    """A remark."""

    note: Note = ""


class ApproveBody(Body):
    """An approval of one step; the caller's own next step when none is named.

    ``with_others``: it is one of several approved at once, so policy must call it low risk.
    """

    step: int | None = None
    note: Note = ""
    with_others: bool = False


class RejectBody(Body):
    """A rejection, which needs a reason."""

    reason: Name
    note: Note = ""


class DelegationBody(Body):
    """Who may act for whom, for what, from when until when; ``end`` is exclusive."""

    from_person: Name
    to_person: Name
    document_types: tuple[Name, ...] = ()
    sites: tuple[Name, ...] = ()
    cap: MoneyBody | None = None
    start: datetime
    end: datetime


class CancelRemainderBody(Body):
    """What is not to come any more; every open line when none is named.

    ``beyond`` says what stands: ``confirmed``, what the supplier confirmed; ``delivered``, only
    what was shipped or received.
    """

    lines: tuple[Name, ...] = ()
    reason: Text
    beyond: Beyond = Beyond.CONFIRMED


class AssignLineBody(Body):
    """Which order line an invoice line bills, and why."""

    line: Name
    order: Name
    order_line: Name
    note: Text


class ReceivedLineBody(Body):
    """What was counted of one order line; ``item`` where another came than was ordered."""

    line: Name
    quantity: QuantityBody
    condition: Annotated[str, Field(pattern="^(good|damaged)$")] = "good"
    item: Name | None = None


class ReceiptBody(Body):
    """A receipt as the warehouse counted it."""

    receipt: Name
    order: Name
    site: Name
    received: date
    lines: Annotated[tuple[ReceivedLineBody, ...], Field(min_length=1, max_length=500)]
    shipment: Name | None = None


class ReleaseBody(Body):
    """The release of one hold of an invoice."""

    code: HoldCode
    line: Name | None = None
    reason: Text


class ResolveBody(Body):
    """How an exception ends; ``terms`` is what the resolution needs to be told besides.

    ``minutes`` of work and ``root_cause`` may be told; left out, they are not known.
    """

    resolution: Name
    note: Note = ""
    terms: dict[Name, Note] = Field(default_factory=dict, max_length=20)
    minutes: DecimalText | None = None
    root_cause: RootCause | None = None


class TurnBody(Body):
    """Whose move an exception is from now on."""

    turn: Turn
    note: Note = ""


class ReassignBody(Body):
    """Who owns an exception from now on."""

    owner: Name


class ReasonBody(Body):
    """Why."""

    reason: Text


class FactsBody(Body):
    """The facts of a decision to be tried; decimals and dates as strings."""

    facts: dict[str, str | bool | int]
    version: str | None = None
