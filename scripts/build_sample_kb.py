"""Build sample_kb/ from scripts/samples/sources: ``python scripts/build_sample_kb.py [TARGET]``.

The committed files are the output of this script; it is run again only when a source changes. It needs the packages of
the ``dev`` extra and, for the PDFs, Debian's fonts-wqy-microhei (Apache-2.0); only the glyphs used are embedded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from samples.office import write_docx, write_xlsx
from samples.pdf import register_font, write_pdf, write_scan
from samples.plain import write_gb18030, write_html, write_jsonl, write_markdown
from samples.source import Source, read_source

_ROOT = Path(__file__).resolve().parents[1]
SOURCES = _ROOT / "scripts" / "samples" / "sources"
WRITERS: dict[str, Callable[[Source, Path], None]] = {
    "pdf": write_pdf,
    "scan": write_scan,
    "docx": write_docx,
    "xlsx": write_xlsx,
    "html": write_html,
    "md": write_markdown,
    "gb18030": write_gb18030,
    "jsonl": write_jsonl,
}


def build(target: Path) -> list[Path]:
    """Write every sample document below ``target`` and return their paths."""
    register_font()
    written = []
    for path in sorted(SOURCES.glob("*.txt")):
        source = read_source(path)
        out = target / source.out
        out.parent.mkdir(parents=True, exist_ok=True)
        WRITERS[source.format](source, out)
        written.append(out)
    return written


def main() -> None:
    """Build into the folder named, by default ``sample_kb`` of this checkout."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else _ROOT / "sample_kb"
    for path in build(target):
        print(f"{path.stat().st_size:>8}  {path}")


if __name__ == "__main__":
    main()
