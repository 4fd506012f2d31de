"""What is put behind the pages, and what is read off them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from streamlit.testing.v1 import AppTest

from kbchat.services import Services
from kbchat.testing import parsed_leaflet
from kbchat.types import SectionKind

PROBE = "<img src=x onerror=alert(1)> [here](javascript:alert(2)) $x^2$ :red[hot]"
"""Text of a person that must be shown letter by letter."""


def leaflet(services: Services, name: str, sections: dict[SectionKind, str], file: str = "") -> int:
    """Put a leaflet into ``demo``; the id of its document. The same name again makes the next revision."""
    app = services.app
    base = app.store.base("demo")
    parsed = parsed_leaflet(name, sections, revised_on="2021-04-22")
    content = "\n".join((name, *sections.values())).encode()
    sha = hashlib.sha256(content).hexdigest()
    incoming = app.store.data_layout.root / "incoming"
    incoming.write_bytes(content)
    app.store.save_original(incoming, sha)
    embedder = app.embedder_for(base)
    vectors = embedder.embed_documents([chunk.text for chunk in parsed.chunks]) if embedder else None
    kept = app.store.commit_document(
        base.id, source=f"upload:{name}", name=file or f"{name}.txt", sha256=sha, parsed=parsed, vectors=vectors
    )
    return kept.document_id


def said(page: AppTest) -> str:
    """Every text on the page."""
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.info, page.success, page.warning, page.error)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def tables(page: AppTest) -> list[dict[str, Any]]:
    """What the tables on the page were given to draw."""
    return [
        json.loads(one.proto.json) for one in page.get("bidi_component") if one.proto.component_name == "kbchat_table"
    ]


def cells(table: dict[str, Any]) -> list[list[str]]:
    """The texts of a table, row by row."""
    return [[cell["text"] for cell in row["cells"]] for row in table["rows"]]
