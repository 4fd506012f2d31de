"""Values parted by commas, semicolons, tabs or bars: a table, or questions with answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from ingest.loaders.charset import decode
from ingest.loaders.options import LoadOptions
from ingest.loaders.qa_columns import find_qa_columns
from ingest.loaders.records import RecordWriter
from ingest.loaders.sheet_tables import add_questions, add_tables
from kbchat.types import LoadedFile

_DELIMITERS = (",", "\t", ";", "|", "，")
_SAMPLE_LINES = 50
_LARGEST_FIELD = 1 << 24


def load_csv(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a csv or tsv file as one page; charset and delimiter are told from the content.

    Raises what :func:`ingest.loaders.charset.decode` raises.
    """
    del options
    text, charset = decode(path.read_bytes())
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    rows = _parse(text, detect_delimiter(text))
    writer = RecordWriter()
    columns = find_qa_columns(rows)
    if columns is not None:
        add_questions(writer, rows, columns)
        return LoadedFile(writer.builder.pages(), "qa", {"charset": charset})
    add_tables(writer.builder, rows)
    return LoadedFile(writer.builder.pages(), "csv", {"charset": charset})


def detect_delimiter(text: str) -> str:
    """The delimiter that gives the first lines the most even number of columns (a comma when none does)."""
    sample = "\n".join(text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES])
    scores = {delimiter: _evenness(_parse(sample, delimiter)) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _parse(text: str, delimiter: str) -> list[list[str]]:
    previous = csv.field_size_limit(_LARGEST_FIELD)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:  # a field beyond the limit: quotes that never close
        return [line.split(delimiter) for line in text.split("\n")]
    finally:
        csv.field_size_limit(previous)


def _evenness(rows: Sequence[Sequence[str]]) -> float:
    """The share of lines with the commonest number of columns, and a little for more columns; 0 for one column."""
    counts = [len(row) for row in rows if any(cell.strip() for cell in row)]
    if not counts:
        return 0.0
    commonest = max(set(counts), key=lambda count: (counts.count(count), count))
    return 0.0 if commonest < 2 else counts.count(commonest) / len(counts) + min(commonest, 20) / 1000
