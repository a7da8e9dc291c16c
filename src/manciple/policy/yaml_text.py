"""YAML read for people: every scalar stays text, no key twice, and errors name line and column.

Numbers are read by whoever knows what the number is, so no amount is ever a float and no ``NO``
ever a boolean.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from manciple.kernel.errors import MancipleError

Node: TypeAlias = "str | list[Any] | dict[str, Any]"
_LARGEST = 1_000_000
_DEEPEST = 40
"""Levels of nesting; libyaml's composer recurses in C, and dies of some ten thousand."""
_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)

if TYPE_CHECKING:
    _Base = yaml.BaseLoader
else:
    _Base = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class YamlError(MancipleError):
    """Bytes that are no YAML that we read; the message names line and column."""


class _Loader(_Base):
    """Reads plain text, lists and mappings; refuses double keys and references."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  PyYAML's signature
        """Build a mapping whose keys are texts, each once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                line, column = key.start_mark.line + 1, key.start_mark.column + 1
                raise YamlError(f"line {line}, column {column}: a key twice, or no plain text")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(data: bytes) -> Node:
    """Read one YAML document into texts, lists and mappings.

    Raises:
        YamlError: it is not UTF-8, not YAML, too large or too deep, has a key twice or an anchor.
    """
    if len(data) > _LARGEST:
        raise YamlError(f"{len(data)} bytes; at most {_LARGEST} are read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise YamlError(f"byte {problem.start} is not UTF-8") from problem
    try:
        _check_tokens(text)
        node = yaml.load(text, Loader=_Loader)  # noqa: S506  builds texts, lists and mappings only
    except yaml.YAMLError as problem:
        raise YamlError(" ".join(str(problem).split())) from problem
    if not isinstance(node, (str, list, dict)):
        raise YamlError("no document")
    return node


def _check_tokens(text: str) -> None:
    """Refuse anchors and deep nesting before anything is built."""
    depth = 0
    for token in yaml.scan(text, Loader=_Loader):
        if isinstance(token, (yaml.AnchorToken, yaml.AliasToken)):
            raise YamlError(f"line {token.start_mark.line + 1}: anchors are not read")
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > _DEEPEST:
            raise YamlError(f"line {token.start_mark.line + 1}: nested too deeply")
