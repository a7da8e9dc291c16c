"""Builders of small X12 files for tests, right unless a test asks for a fault."""

from pathlib import Path

from manciple.formats.x12.envelope import read_envelopes
from manciple.formats.x12.findings import Finding
from manciple.formats.x12.messages import GroupResult, InterchangeResult, Message

DATA = Path(__file__).resolve().parents[1] / "data" / "x12"


def sample(name: str) -> bytes:
    return (DATA / name).read_bytes()


def isa(
    control: str = "000000001", *, element: str = "*", tail: str = ">~", ask: str = "0"
) -> str:
    values = (
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", "BUYER".ljust(15), "ZZ",
        "SELLER".ljust(15), "261122", "1200", "U", "00401", control, ask, "P",
    )  # fmt: skip
    return element.join(values) + element + tail


def message(*body: str, kind: str = "850", control: str = "0001", count: int | None = None) -> str:
    rows = [f"ST*{kind}*{control}", *body]
    return "~".join([*rows, f"SE*{count or len(rows) + 1}*{control}"]) + "~"


def file(
    *messages: str,
    kind: str = "PO",
    control: str = "000000001",
    ge: str | None = None,
    iea: str | None = None,
    ask: str = "0",
) -> bytes:
    gs = f"GS*{kind}*BUYER*SELLER*20261122*1200*7*X*004010~"
    end = f"GE*{len(messages)}*7~" if ge is None else ge
    last = f"IEA*1*{control}~" if iea is None else iea
    return (isa(control, ask=ask) + gs + "".join(messages) + end + last).encode()


ORDER = ("BEG*00*SA*PO-1**20261122", "PO1*1*5*EA*2.50**VP*NUT-8", "CTT*1")


def parts(
    data: bytes,
) -> tuple[list[Message], list[GroupResult], list[InterchangeResult]]:
    events = list(read_envelopes(data))
    return (
        [e for e in events if isinstance(e, Message)],
        [e for e in events if isinstance(e, GroupResult)],
        [e for e in events if isinstance(e, InterchangeResult)],
    )


def findings(data: bytes) -> list[Finding]:
    messages, groups, interchanges = parts(data)
    owned = [m.findings for m in messages]
    owned += [g.findings for g in groups]
    owned += [i.findings for i in interchanges]
    return [finding for findings in owned for finding in findings]


def texts(data: bytes) -> list[str]:
    return [finding.text for finding in findings(data)]
