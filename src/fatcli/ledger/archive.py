"""A run's outcome as a stored document, and back: what its files are written from again."""

import datetime as dt
import json
import types
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import polars as pl

from fatcli.result import VIOLATIONS, Paid


def canonical(paid: Paid) -> bytes:
    """The outcome as JSON, the same bytes for the same outcome.

    Left out are its run, which is not yet known, and what each file names, of which no file of a run is written.
    """
    plain = _plain(replace(paid, run=None, checked=replace(paid.checked, named={})))
    del plain["checked"]["named"]
    return json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def restored(document: bytes) -> Paid:
    """The outcome of `canonical`; fields that a later version added have their defaults."""
    paid: Paid = _typed(json.loads(document), Paid)
    return paid


def packed(document: bytes) -> bytes:
    return zlib.compress(document)


def unpacked(blob: bytes) -> bytes:
    """Raises zlib.error for anything but one whole compressed document."""
    stream = zlib.decompressobj()
    document = stream.decompress(blob)
    if not stream.eof or stream.unused_data:
        raise zlib.error
    return document


def _plain(value: Any) -> Any:  # noqa: ANN401  # any field of a result
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, pl.DataFrame):
        return value.with_columns(pl.col(pl.Date).dt.to_string()).to_dict(as_series=False)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _typed(value: Any, kind: Any) -> Any:  # noqa: ANN401  # any field of a result
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _typed(value, next(part for part in inner if part is not types.NoneType))
    if origin is tuple:
        return tuple(_typed(item, inner[0]) for item in value)
    if origin is Literal or origin is not None or kind in (str, int, bool):
        return value
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if kind is pl.DataFrame:
        return _violations(value)
    hints = _hints(kind)
    return kind(**{name: _typed(value[name], hint) for name, hint in hints.items() if name in value})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _violations(columns: Mapping[str, list[Any]]) -> pl.DataFrame:
    stored = {name: pl.String() if kind == pl.Date else kind for name, kind in VIOLATIONS.items()}
    height = len(columns["rule"])
    frame = pl.DataFrame({name: columns.get(name, [None] * height) for name in VIOLATIONS}, schema=stored)
    return frame.with_columns(pl.col(name).str.to_date() for name, kind in VIOLATIONS.items() if kind == pl.Date)
