"""What of a chunk is embedded: its text under the names it belongs to.

A chunk of a leaflet seldom repeats the drug's name or its heading, and a question nearly always has one of them. Ingest
and re-embedding use this one function, so that vectors made at different times are alike.
"""

from __future__ import annotations

from collections.abc import Sequence


def passage_text(subject: str, heading_path: Sequence[str], table_header: str, text: str) -> str:
    """Subject, the two innermost headings, the table's header row and the text, each on a line of its own.

    A heading that repeats the subject, and a header row with which the text already begins, are left out.
    """
    headings = [heading for heading in heading_path[-2:] if heading and heading != subject]
    lines = [subject, " ".join(headings)]
    if table_header and not text.startswith(table_header):
        lines.append(table_header)
    return "\n".join(line for line in (*lines, text) if line)
