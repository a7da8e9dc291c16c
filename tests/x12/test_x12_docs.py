"""The examples of the page about reading partner files are run."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "reading-partner-files.md"


def test_examples_of_the_page_run() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert examples
    for example in examples:
        exec(compile(example, str(PAGE), "exec"), {})
