"""``manciple exceptions``: what went wrong, who owns it, and the ways to end it."""

from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.app.definitions import (
    acting_resolutions,
    allowed_resolutions,
    load_flows,
    load_policies,
    shipped,
)
from manciple.cases.playbook import Playbook, PlaybookError, lint_playbooks, read_playbooks
from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, lines, listed, page
from manciple.cli.files import taken
from manciple.cli.options import NUMBER, acts, asks, json_option
from manciple.cli.output import Output
from manciple.cli.papers import all_option, limit_option, note_option, now_stands, reason_option
from manciple.runtime.codec import plain

_PATH = "/v1/exceptions"
_CODES = "/v1/exception-codes"
_LISTED = (
    ("exception", "id"), ("what", "title"), ("site", "site"), ("supplier", "supplier"),
    ("role", "role"), ("owner", "owner"), ("due", "due_at"),
)  # fmt: skip
_ORDERED = (
    ("", "rank>"), ("exception", "id"), ("what", "title"), ("site", "site"), ("role", "role"),
    ("due", "due_at"), ("impact", "impact>"), ("why", "why"),
)  # fmt: skip
_CODE_COLUMNS = (("code", "code"), ("what", "title"), ("playbook", "playbook.version"))
_ROUTING = (("lane", "lane"), ("owner", "owner_role"), ("business hours", "sla_hours>"),
            ("may end by", "resolutions"))  # fmt: skip
_HEAD = (
    ("code", "code"), ("what", "title"), ("about", "subject"), ("thread", "thread"),
    ("site", "site"), ("supplier", "supplier"), ("owner role", "owner_role"), ("owner", "owner"),
    ("opened", "opened_at"), ("due", "due_at"), ("may end by", "resolutions"),
    ("whose move", "age.turn"), ("business days old", "age.business_days"),
    ("of that with the supplier", "age.waiting_on_supplier"), ("caused by", "cause"),
    ("root cause", "root_cause"), ("minutes of work", "work.minutes"), ("cost", "work.cost"),
    ("expected", "discrepancy.expected"),
    ("came", "discrepancy.actual"), ("differs by", "discrepancy.variance"),
    ("worth", "discrepancy.amount"), ("in words", "discrepancy.text"),
    ("ended by", "resolution"),
)  # fmt: skip


@click.group()
def exceptions() -> None:
    """See and end what went wrong."""


def _terms(said: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in said]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise click.BadParameter(f"{name!r}: write NAME=TEXT", param_hint="--with")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _view(case: Any) -> RenderableType:
    guide = case["guide"]
    head = Text(f"exception {case['id']}: {case['state']}", style="bold")
    return page(
        head,
        facts(case, _HEAD),
        lines([f"{guide['title']}. {guide['what_happened']}"]),
        lines(["Check:", *(f"  - {each}" for each in guide["check"])]),
        lines(["Steps:", *(f"  {n}. {each}" for n, each in enumerate(guide["steps"], 1))]),
        lines([text for option in guide["options"] for text in _option(option)]),
    )


def _option(option: Any) -> list[str]:
    """Tell one resolution: whether it may be chosen, what it does, needs and costs."""
    can = "may be chosen" if option["possible"] else f"not now: {option['why_not']}"
    texts = [f"{option['name']} ({can})", f"    does: {option['effect']}"]
    texts += [f"    when: {option['choose_when']}", f"    costs: {option['costs']}"]
    return texts + [text for each in option["terms"] for text in _term(each)]


def _term(term: Any) -> list[str]:
    must = "needs" if term["required"] else "may be told"
    told = f"    {must}: --with {term['name']}=... {term['text']}"
    return [told, *(f"        {offer}" for offer in term["offers"])]


def _code_view(code: Any) -> RenderableType:
    book = code["playbook"]
    texts = []
    for choice in code["resolutions"]:
        texts.append(choice["name"])
        texts += [f"    does ({', '.join(e['on'])}): {e['effect']}" for e in choice["effects"]]
        texts += [f"    when: {choice['choose_when']}", f"    costs: {choice['costs']}"]
    return page(
        Text(f"{code['code']}: {book['title']}", style="bold"),
        lines([book["what_happened"]]),
        lines(["Check:", *(f"  - {each}" for each in book["check"])]),
        lines(["Steps:", *(f"  {n}. {each}" for n, each in enumerate(book["steps"], 1))]),
        lines(texts),
        grid(code["routing"], _ROUTING),
        lines([f"playbook {book['version']} of {book['effective_from']}, owner {book['owner']}"]),
    )


@exceptions.command("list")
@click.option(
    "--whose", type=click.Choice(["mine", "all"]), default="all", show_default=True,
    help="What waits for the caller, or all that the caller may see.",
)  # fmt: skip
@click.option(
    "--order", type=click.Choice(["impact", "oldest", "due"]),
    help="By what is at stake per minute of work, by age, or by due time; by lane if left out.",
)  # fmt: skip
@limit_option
@all_option
@asks
def list_queue(
    api: Api,
    out: Output,
    whose: str,
    order: str | None,
    limit: int,
    everything: bool,  # noqa: FBT001
) -> None:
    """List open exceptions by lane, then due time; or in an order, with the reasons of each."""
    asked = {"whose": whose} | ({"order": order} if order else {})
    with out.working("reading open exceptions"):
        page_of_rows = api.rows(_PATH, most=None if everything else limit, **asked)
    columns = _ORDERED if order else _LISTED
    out.show(page_of_rows, listed(columns, "No open exceptions wait here."))


@exceptions.command()
@click.argument("number", type=NUMBER)
@asks
def show(api: Api, out: Output, number: str) -> None:
    """Show an exception, or a code such as SHORTAGE: what happened, the playbook, the ways out."""
    if number.startswith("CASE-"):
        out.show(api.get(_PATH, number), _view)
    else:
        out.show(api.get(_CODES, number.upper()), _code_view)


@exceptions.command()
@asks
def codes(api: Api, out: Output) -> None:
    """List the codes of exceptions."""
    out.show(api.get(_CODES), listed(_CODE_COLUMNS, "There are no codes."))


@exceptions.command("check")
@click.argument("files", nargs=-1, metavar="[FILE]...",
                type=click.Path(path_type=Path, allow_dash=True))  # fmt: skip
@json_option
@click.pass_context
def check_files(ctx: click.Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """List every defect of playbooks, all at once; the shipped ones without a FILE.

    A code without a playbook, a resolution that does not exist or that policy does not allow for
    the code, one that it allows and no word is said of, a step without a text. FILEs stand in
    for the shipped playbooks of their codes. Exit 1 if there is a defect.
    """
    shipped_files = {path.name: path for path in sorted(shipped("playbooks").glob("*.yaml"))}
    try:
        shipped_books = read_playbooks({n: p.read_bytes() for n, p in shipped_files.items()})
        given = read_playbooks({str(file): taken(file) for file in files})
    except PlaybookError as problem:
        defects = problem.defects
    else:
        stood_in = {book.code for book in given}
        books: tuple[Playbook, ...] = (
            *(book for book in shipped_books if book.code not in stood_in),
            *given,
        )
        allowed = allowed_resolutions(load_policies())
        acting = acting_resolutions(load_flows())
        defects = lint_playbooks(books, allowed=allowed, remedies=acting)
    rows = [plain(each) | {"message": str(each)} for each in defects]
    Output(as_json=as_json).show({"defects": len(rows), "rows": rows}, _check_view)
    ctx.exit(1 if rows else 0)


def _check_view(answer: Any) -> RenderableType:
    return lines([each["message"] for each in answer["rows"]] or ["The playbooks have no defect."])


@exceptions.command()
@click.argument("number", type=NUMBER)
@click.option("--resolution", required=True, help="One of those that `show` lists.")
@click.option(
    "--with",
    "terms",
    multiple=True,
    metavar="NAME=TEXT",
    help="What the resolution needs to be told, such as supplier=BLUE; may be repeated.",
)
@click.option("--minutes", help="The work that it took; left out: not known.")
@click.option("--root-cause", help="What lay at the bottom, one of those that `show` lists.")
@note_option
@acts
def resolve(
    api: Api,
    out: Output,
    number: str,
    resolution: str,
    terms: tuple[str, ...],
    minutes: str | None,
    root_cause: str | None,
    note: str,
) -> None:
    """End an exception by one of its allowed resolutions, which acts."""
    body = {
        "resolution": resolution,
        "note": note,
        "terms": _terms(terms),
        "minutes": minutes,
        "root_cause": root_cause,
    }
    out.show(api.post(_PATH, number, "resolve", body=body), now_stands("exception"))


@exceptions.command()
@click.argument("number", type=NUMBER)
@click.option("--owner", required=True, type=NUMBER, help="The person who has it from now on.")
@acts
def reassign(api: Api, out: Output, number: str, owner: str) -> None:
    """Give an exception to another owner."""
    body = {"owner": owner}
    out.show(api.post(_PATH, number, "reassign", body=body), now_stands("exception"))


@exceptions.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def reopen(api: Api, out: Output, number: str, reason: str) -> None:
    """Open a settled exception again: it is not settled after all, and its age goes on."""
    body = {"reason": reason}
    out.show(api.post(_PATH, number, "reopen", body=body), now_stands("exception"))


@exceptions.command()
@click.argument("number", type=NUMBER)
@click.option("--on", "turn", required=True, type=click.Choice(["supplier", "us"]),
              help="Whose move it is from now on.")  # fmt: skip
@note_option
@acts
def wait(api: Api, out: Output, number: str, turn: str, note: str) -> None:
    """Note whose move it is; time with the supplier is a slice of the age, never taken off it."""
    body = {"turn": turn, "note": note}
    out.show(api.post(_PATH, number, "turn", body=body), now_stands("exception"))


@exceptions.command()
@asks
def aging(api: Api, out: Output) -> None:
    """Show open exceptions by age in business days, by code and owner."""
    out.show(api.get(_PATH, "aging"), _aging_view)


def _aging_view(answer: Any) -> RenderableType:
    buckets = answer["buckets"]
    columns = [("code", "code"), ("owner role", "owner_role"), ("open", "open>")]
    columns += [(name, f"b{n}>") for n, name in enumerate(buckets)]
    rows = [
        row | {f"b{n}": row["buckets"][name] for n, name in enumerate(buckets)}
        for row in answer["rows"]
    ]
    left = answer["left_out"]
    more = f" The {left} least urgent are not counted." if left else ""
    return page(
        grid(rows, columns) if rows else Text("No exception is open."),
        lines([f"open: {answer['open']}, opened again: {answer['reopened']}.{more}"]),
    )
