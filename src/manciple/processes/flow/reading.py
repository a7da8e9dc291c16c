"""From YAML to a flow, and its JSON Schema: both follow the records' own annotations."""

import types
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from manciple.policy.yaml_text import YamlError, read_yaml
from manciple.processes.flow.check import TABLES, check
from manciple.processes.flow.definition import Defect, Flow, FlowError, is_required
from manciple.processes.ports import PAYLOADS

T = TypeVar("T")
_DIGITS = 7


def load_flow(
    data: bytes,
    *,
    tables: Collection[str] = TABLES,
    verbs: Collection[str] = tuple(PAYLOADS),
    acts: Collection[str] | None = None,
) -> Flow:
    """Read a flow from YAML that has nothing wrong with it.

    Raises:
        FlowError: with every defect.
    """
    flow, defects = read_flow(data)
    if flow == Flow() and defects:
        raise FlowError(defects)
    told = {defect.path for defect in defects}
    found = check(flow, tables=tables, verbs=verbs, acts=acts)
    defects += tuple(defect for defect in found if defect.path not in told)
    if defects:
        raise FlowError(defects)
    return flow


def read_flow(data: bytes) -> tuple[Flow, tuple[Defect, ...]]:
    """Read a flow as far as it goes, with the defects of its form.

    What is missing is left empty, so that ``check`` can say what else is wrong.
    """
    defects: list[Defect] = []
    try:
        node = read_yaml(data)
    except YamlError as problem:
        return Flow(), (Defect(path="", rule="not-yaml", fix=str(problem)),)
    return _build(Flow, node, "", defects), tuple(defects)


def _build(kind: type[T], node: object, path: str, defects: list[Defect]) -> T:
    """Build a record from a mapping, noting unknown keys and values of another type."""
    hints = get_type_hints(kind)
    if not isinstance(node, Mapping):
        defects.append(_wrong(path, "a mapping", node))
        node = {}
    for key in node:
        if key not in hints:
            known = ", ".join(hints)
            fix = f"remove it, or use one of {known}"
            defects.append(Defect(path=_join(path, str(key)), rule="unknown-key", fix=fix))
    values = {
        key: _value(hint, node[key], _join(path, key), defects)
        for key, hint in hints.items()
        if key in node
    }
    return kind(**{key: value for key, value in values.items() if value is not None})


def _value(hint: Any, node: object, path: str, defects: list[Defect]) -> object:
    """Read one value by its annotation; None, with a defect, when it is of another type."""
    if get_origin(hint) is types.UnionType:
        hint = get_args(hint)[0]
    if get_origin(hint) is tuple:
        if not isinstance(node, list):
            defects.append(_wrong(path, "a list", node))
            return None
        member = get_args(hint)[0]
        parts = (_value(member, each, f"{path}.{n}", defects) for n, each in enumerate(node, 1))
        return tuple(part for part in parts if part is not None)
    if is_dataclass(hint):
        return _build(cast("type[object]", hint), node, path, defects)
    return _scalar(hint, node, path, defects)


def _scalar(hint: type, node: object, path: str, defects: list[Defect]) -> object:
    """Read one text, number or word of a closed set."""
    text = " ".join(node.split()) if isinstance(node, str) else None
    value: object = text
    wanted = "a text"
    if text is not None and issubclass(hint, StrEnum):
        value = hint(text) if text in list(hint) else None
        wanted = f"one of {', '.join(hint)}"
    elif text is not None and hint is int:
        is_number = text.isascii() and text.isdigit() and len(text) < _DIGITS
        value = int(text) if is_number else None
        wanted = "a whole number"
    if value is None:
        defects.append(_wrong(path, wanted, node))
    return value


def _wrong(path: str, wanted: str, node: object) -> Defect:
    """Note a value of another type."""
    got = node if isinstance(node, str) else type(node).__name__
    return Defect(path=path, rule="wrong-type", fix=f"{wanted} is wanted, not {got}")


def _join(path: str, key: str) -> str:
    """Give the dotted path of a key."""
    return f"{path}.{key}" if path else key


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a flow's file, in step with the records."""
    definitions: dict[str, Any] = {}
    root = _schema(Flow, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A flow's definition",
        **root,
        "$defs": definitions,
    }


def _schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Describe one annotation."""
    if get_origin(hint) is types.UnionType:
        return _schema(get_args(hint)[0], definitions)
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _schema(get_args(hint)[0], definitions)}
    if is_dataclass(hint):
        name = cast("type[object]", hint).__name__
        if name not in definitions:
            hints = get_type_hints(hint)
            definitions[name] = {}
            definitions[name] = {
                "type": "object",
                "description": str(hint.__doc__).splitlines()[0],
                "properties": {key: _schema(each, definitions) for key, each in hints.items()},
                "required": [
                    field.name for field in fields(hint) if is_required(name, field.name)
                ],
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}
    if issubclass(hint, StrEnum):
        return {"enum": list(hint)}
    if hint is int:
        return {"type": "integer", "minimum": 1}
    return {"type": "string", "minLength": 1}
