"""The example in the reference page of the ports runs as it stands there."""

import re
from pathlib import Path

from manciple.processes.ports import PAYLOADS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "erp-port.md"


def test_the_example_of_the_page_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)

    exec(compile(example, str(PAGE), "exec"), {})


def test_the_page_names_every_verb_with_its_payload() -> None:
    page = PAGE.read_text("utf-8")

    for verb, payload in PAYLOADS.items():
        assert f"| `{verb}` | `{payload.__name__}` |" in page
