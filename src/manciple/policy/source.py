"""From YAML to decision tables: every cell checked, every defect listed at once.

    table: criticality
    version: "2026-01"
    effective_from: 2026-01-01
    owner: Supply chain policy board
    description: How urgent a document is.
    hit: first
    inputs:
      - {name: flow, type: text, values: [direct, indirect]}
    outputs:
      - {name: lane, type: text, values: [critical, standard, bulk]}
    rows:
      - {id: r01, when: {flow: direct}, then: {lane: standard}, because: The usual case.}

A condition left out lets everything through; an answer left out must belong to an optional output.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass
from manciple.policy.conditions import (
    Anything,
    CellError,
    Condition,
    Type,
    read_condition,
    read_value,
)
from manciple.policy.table import Column, DecisionTable, Hit, Output, Row
from manciple.policy.yaml_text import YamlError, read_yaml

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TABLE_KEYS = {
    "table": str, "version": str, "effective_from": str, "owner": str, "description": str,
    "hit": str, "inputs": list, "outputs": list, "rows": list,
}  # fmt: skip
_COLUMN_KEYS = {"name", "type", "description", "values", "unit", "optional", "minimum"}
_ROW_KEYS = {"id", "when", "then", "because"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDefect:
    """One thing wrong with a table's text.

    Attributes:
        row: the row's id, or ``#3`` when it has none; empty when no row is at fault.
        column: the column or key at fault; empty when none is.
    """

    file: str
    row: str = ""
    column: str = ""
    wanted: str
    got: str

    def __str__(self) -> str:
        where = [self.file]
        where += [f"row {self.row}"] if self.row else []
        where += [f"column {self.column}"] if self.column else []
        return f"{', '.join(where)}: {self.wanted} wanted, got {self.got!r}"


class TableError(MancipleError):
    """Decision tables that can't be used; carries every defect of every file."""

    def __init__(self, defects: tuple[TableDefect, ...]) -> None:
        """Keep all defects."""
        super().__init__("\n".join(map(str, defects)))
        self.defects = defects


def read_tables(files: Mapping[str, bytes]) -> tuple[DecisionTable, ...]:
    """Read decision tables from YAML files by name.

    Raises:
        TableError: with every defect of every file; no table is read by half.
    """
    defects: list[TableDefect] = []
    tables: list[DecisionTable] = []
    for file in sorted(files):
        reader = _Reader(file)
        table = reader.read(files[file])
        defects += reader.defects
        if table is not None and not reader.defects:
            tables.append(table)
    if defects:
        raise TableError(tuple(defects))
    return tuple(tables)


class _Reader:
    """Reads one file and keeps a list of what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.defects: list[TableDefect] = []

    def read(self, data: bytes) -> DecisionTable | None:
        """Give the table; None when it can't even be laid out."""
        try:
            node = read_yaml(data)
        except YamlError as problem:
            self._wrong("", "", "a YAML document", str(problem))
            return None
        if not isinstance(node, dict):
            self._wrong("", "", "a mapping with the keys of a table", type(node).__name__)
            return None
        self._unknown_keys("", node, {*_TABLE_KEYS, "sources"})
        for key, kind in _TABLE_KEYS.items():
            if not isinstance(node.get(key), kind) or not node[key]:
                shape = "a text" if kind is str else "a list that is not empty"
                self._wrong("", key, shape, str(node.get(key, "nothing")))
        if self.defects:
            return None
        self._header(node)
        inputs = self._columns("inputs", node["inputs"])
        outputs = self._columns("outputs", node["outputs"])
        self._twice("columns", [column.name for column in (*inputs, *outputs)])
        if self.defects:
            return None
        rows = tuple(self._row(n, row, inputs, outputs) for n, row in enumerate(node["rows"], 1))
        self._twice("id", [row.id for row in rows])
        if self.defects:
            return None
        return DecisionTable(
            name=node["table"],
            version=node["version"],
            effective_from=date.fromisoformat(node["effective_from"]),
            owner=node["owner"],
            description=" ".join(node["description"].split()),
            hit=Hit(node["hit"]),
            inputs=inputs,
            outputs=outputs,
            rows=rows,
            sources=tuple(node.get("sources", ())),
        )

    def _header(self, node: dict[str, Any]) -> None:
        """Check name, version, day, hit policy and sources."""
        if not _NAME.fullmatch(node["table"]):
            self._wrong("", "table", "a lower-case name", node["table"])
        if not _ID.fullmatch(node["version"]):
            self._wrong("", "version", "a version such as 2026-01", node["version"])
        if node["hit"] not in list(Hit):
            self._wrong("", "hit", f"one of {', '.join(Hit)}", node["hit"])
        try:
            read_value(node["effective_from"], Type.DATE, name="effective_from")
        except CellError as problem:
            self._wrong("", "effective_from", problem.wanted, problem.got)
        sources = node.get("sources", [])
        if not isinstance(sources, list) or not all(isinstance(each, str) for each in sources):
            self._wrong("", "sources", "a list of texts", str(sources))

    def _columns(self, side: str, nodes: list[Any]) -> tuple[Column, ...]:
        """Read the columns of one side."""
        columns = []
        for place, node in enumerate(nodes, 1):
            where = f"{side} #{place}"
            if not isinstance(node, dict):
                self._wrong("", where, "a mapping with name and type", str(node))
                continue
            self._unknown_keys("", node, _COLUMN_KEYS)
            column = self._column(where, node, is_input=side == "inputs")
            if column is not None:
                columns.append(column)
        return tuple(columns)

    def _column(self, where: str, node: dict[str, Any], *, is_input: bool) -> Column | None:
        """Read one column."""
        name, type_ = node.get("name"), node.get("type")
        types = [each for each in Type if each is not Type.LIST or not is_input]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self._wrong("", where, "a lower-case name", str(name))
            return None
        if type_ not in types:
            self._wrong("", name, f"a type, one of {', '.join(types)}", str(type_))
            return None
        values = node.get("values", [])
        if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
            self._wrong("", name, "values as a list of texts", str(values))
            return None
        if values and type_ not in (Type.TEXT, Type.LIST):
            self._wrong("", name, f"values only for text, not {type_}", str(values))
            return None
        self._twice(name, values)
        try:
            optional = read_value(node.get("optional", "false"), Type.BOOL, name="optional")
            minimum = node.get("minimum")
            lowest = None if minimum is None else read_value(minimum, Type.DECIMAL, name="minimum")
        except CellError as problem:
            self._wrong("", name, problem.wanted, problem.got)
            return None
        assert lowest is None or isinstance(lowest, Decimal)
        return Column(
            name=name,
            type=Type(type_),
            description=str(node.get("description", "")),
            values=tuple(values),
            unit=str(node.get("unit", "")),
            optional=optional is True,
            minimum=lowest,
        )

    def _row(
        self, place: int, node: object, inputs: tuple[Column, ...], outputs: tuple[Column, ...]
    ) -> Row:
        """Read one row, cell by cell."""
        at = f"#{place}"
        if not isinstance(node, dict):
            self._wrong(at, "", "a mapping with id, when and then", str(node))
            return Row(id=at, when=(), then=())
        id_ = node.get("id")
        if isinstance(id_, str) and _ID.fullmatch(id_):
            at = id_
        else:
            self._wrong(at, "id", "an id such as r01", str(id_))
        self._unknown_keys(at, node, _ROW_KEYS)
        when, then = node.get("when", {}), node.get("then", {})
        for key, side, columns in (("when", when, inputs), ("then", then, outputs)):
            if not isinstance(side, dict):
                self._wrong(at, key, "a mapping of columns to cells", str(side))
                return Row(id=at, when=(), then=())
            self._unknown_keys(at, side, {column.name for column in columns})
        because = node.get("because", "")
        if not isinstance(because, str):
            self._wrong(at, "because", "a text", str(because))
        return Row(
            id=at,
            when=tuple(
                self._condition(at, column, when.get(column.name, "-")) for column in inputs
            ),
            then=tuple(self._answer(at, column, then.get(column.name, "-")) for column in outputs),
            because=str(because),
        )

    def _condition(self, at: str, column: Column, cell: object) -> Condition:
        """Read an input cell."""
        try:
            return read_condition(cell, column.type, values=column.values, name=column.name)
        except CellError as problem:
            self._wrong(at, column.name, problem.wanted, problem.got)
            return Anything()

    def _answer(self, at: str, column: Column, cell: object) -> Output:
        """Read an output cell."""
        if cell == "-":
            if not column.optional:
                self._wrong(at, column.name, f"an answer, {column.type}", "nothing")
            return None
        try:
            if column.type is Type.LIST:
                return self._listed(column, cell)
            return read_value(cell, column.type, values=column.values, name=column.name)
        except CellError as problem:
            self._wrong(at, column.name, problem.wanted, problem.got)
            return None

    def _listed(self, column: Column, cell: object) -> tuple[str, ...]:
        """Read a list of texts, which may be empty, each text once."""
        if not isinstance(cell, list):
            raise CellError(f"a list of texts for {column.name}", str(cell))
        texts = [
            str(read_value(each, Type.TEXT, values=column.values, name=column.name))
            for each in cell
        ]
        if len(set(texts)) < len(texts):
            raise CellError(f"each text once for {column.name}", ", ".join(texts))
        return tuple(texts)

    def _unknown_keys(self, row: str, node: dict[str, Any], known: set[str]) -> None:
        """Note every key that nobody reads: most often a typing error."""
        for key in node:
            if key not in known:
                self._wrong(row, key, f"one of the keys {', '.join(sorted(known))}", key)

    def _twice(self, column: str, names: list[str]) -> None:
        """Note every name that stands twice."""
        for name in sorted({each for each in names if names.count(each) > 1}):
            self._wrong("", column, "each name once", name)

    def _wrong(self, row: str, column: str, wanted: str, got: str) -> None:
        """Note a defect."""
        defect = TableDefect(file=self.file, row=row, column=column, wanted=wanted, got=got)
        self.defects.append(defect)
