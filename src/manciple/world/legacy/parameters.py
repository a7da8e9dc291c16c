"""The parameters of the operating model, each with its unit and its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path

from manciple.kernel.errors import MancipleError


class ParametersError(MancipleError):
    """The file of parameters can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The figures, whole numbers all; units and sources stand in the file."""

    inbox_checks: int
    mail_overlooked: int
    answers_compared: int
    answers_entered: int
    order_keyed: int
    keying_errors: int
    open_order_report: int
    receipt_batch: int
    receipts_lost: int
    invoice_keyed: int
    invoice_parked: int
    investigation: int
    investigation_p90: int
    wrong_bills_caught: int
    approval_sla: int
    answer_sla: int
    late_sla: int
    case_patience: int


def parameters(file: Path | None = None) -> tuple[Parameters, Mapping[str, str]]:
    """Read the parameters, the shipped ones unless another file is named; and their sources.

    Raises:
        ParametersError: one is missing, not known, no whole number, below zero or unsourced.
    """
    told = tomllib.loads(file.read_text("utf-8") if file else _shipped())
    wanted = [each.name for each in fields(Parameters)]
    if sorted(told) != sorted(wanted):
        odd = sorted(set(told) ^ set(wanted))
        raise ParametersError(f"one table for each parameter and no other; see {', '.join(odd)}")
    for name in wanted:
        row = told[name]
        if sorted(row) != ["source", "unit", "value"] or not row["source"] or not row["unit"]:
            raise ParametersError(f"[{name}] wants value, unit and source")
        if type(row["value"]) is not int or row["value"] < 0:
            raise ParametersError(f"[{name}] value must be a whole number of zero or more")
    values = Parameters(**{name: told[name]["value"] for name in wanted})
    if not 0 < values.investigation < values.investigation_p90:
        raise ParametersError("0 < investigation < investigation_p90 is wanted")
    return values, {name: told[name]["source"] for name in wanted}


def _shipped() -> str:
    return files("manciple.world.legacy").joinpath("parameters.toml").read_text("utf-8")
