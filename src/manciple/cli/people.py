"""``manciple people``: who may sign in to the pages."""

import sys
from typing import Any

import click
from rich.console import RenderableType

from manciple.cli.client import Api
from manciple.cli.drawing import lines
from manciple.cli.options import NUMBER, acts
from manciple.cli.output import Output


@click.group()
def people() -> None:
    """Give people a password for the pages, and take access away."""


@people.command()
@click.argument("person", type=NUMBER)
@click.option("--stdin", "from_stdin", is_flag=True, help="Read it from standard input.")
@acts
def password(api: Api, out: Output, person: str, *, from_stdin: bool) -> None:
    """Set the password with which PERSON signs in; it is asked for, and never shown."""
    if from_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
    else:
        text = str(
            click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
        )
    answer = api.post("/v1/people", person, "password", body={"password": text})
    out.show(answer, _view)


def _view(answer: Any) -> RenderableType:
    return lines([f"{answer['person']} signs in with the new password from now on"])


@people.command()
@click.argument("person", type=NUMBER)
@acts
def deactivate(api: Api, out: Output, person: str) -> None:
    """Take PERSON out of office; what waits for them goes to others at once."""
    answer = api.post("/v1/people", person, "deactivate", body={})
    out.show(answer, _gone)


def _gone(answer: Any) -> RenderableType:
    return lines([f"{answer['id']} can do nothing here any more"])
