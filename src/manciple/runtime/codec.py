"""Records to bytes and back: JSON with sorted keys, the same bytes for the same record.

Decimals are strings, times ISO 8601 in UTC, enums their values.
"""

from typing import Any, TypeVar, cast

import msgspec

from manciple.kernel.errors import MancipleError

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder(order="deterministic", decimal_format="string")
_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


class CodecError(MancipleError):
    """Bytes or values that are not the record they should be; the message names the field."""


def encode(record: object) -> bytes:
    """Write a record as canonical JSON bytes."""
    return _ENCODER.encode(record)


def decode(data: bytes, kind: type[T]) -> T:
    """Read a record from JSON bytes.

    Raises:
        CodecError: a field is missing or of another type; the message names its path.
    """
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    try:
        return cast("T", decoder.decode(data))
    except msgspec.MsgspecError as problem:
        raise CodecError(str(problem)) from problem


def plain_values(data: bytes) -> Any:
    """Read JSON bytes as plain values."""
    return msgspec.json.decode(data)


def plain(record: object) -> Any:
    """Turn a record into plain JSON values."""
    return msgspec.to_builtins(record)


def record(value: Any, kind: type[T]) -> T:
    """Build a record from plain JSON values.

    Raises:
        CodecError: a field is missing or of another type; the message names its path.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.MsgspecError as problem:
        raise CodecError(str(problem)) from problem
