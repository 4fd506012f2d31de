"""Chunks kept in memory are as the database has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kbchat.store import Store
from kbchat.store.known_chunks import KnownChunks, Owner
from kbchat.store.records import StoredChunk
from kbchat.testing import parsed_leaflet
from kbchat.types import DocumentCard, DocumentKind, SectionKind


def chunk(number: int, text: str, revision: int = 1) -> StoredChunk:
    return StoredChunk(
        number,
        1,
        1,
        revision,
        "a.md",
        "A",
        "A",
        "",
        DocumentKind.LEAFLET,
        1,
        SectionKind.OTHER,
        (),
        "",
        (),
        (),
        text,
        "",
        0,
    )


def test_the_least_used_go_first() -> None:
    known = KnownChunks(most_characters=1000)
    owners = {1: Owner(DocumentCard(DocumentKind.LEAFLET, "A", "en"), "a.md", 1, 1)}
    known.keep(owners, [chunk(1, "x" * 100), chunk(2, "y" * 100)], 0)
    assert set(known.chunks([1])) == {1}
    known.keep(owners, [chunk(3, "z" * 100)], 0)
    assert set(known.chunks([1, 2, 3])) == {1, 3}


def test_what_was_read_before_a_change_is_not_kept() -> None:
    known = KnownChunks()
    known.follow(7, frozenset({1}))
    known.keep({1: Owner(DocumentCard(DocumentKind.LEAFLET, "A", "en"), "a.md", 1, 1)}, [chunk(1, "x")], 6)
    assert not known.owners([1])
    assert not known.chunks([1])


def test_a_change_touches_its_document_alone() -> None:
    known = KnownChunks()
    owners = {number: Owner(DocumentCard(DocumentKind.LEAFLET, "A", "en"), "a.md", number, 1) for number in (1, 2)}
    known.keep(owners, [chunk(1, "x", 1), chunk(2, "y", 2)], 0)
    known.follow(1, frozenset({2}))
    assert set(known.chunks([1, 2])) == {1}
    known.follow(2, None)
    assert not known.chunks([1, 2])


def test_chunks_of_a_superseded_revision_take_no_room() -> None:
    known = KnownChunks(most_characters=1100)
    card = DocumentCard(DocumentKind.LEAFLET, "A", "en")
    known.keep({1: Owner(card, "a.md", 1, 1)}, [chunk(1, "x" * 100, 1)], 0)
    known.keep({2: Owner(card, "b.md", 2, 1)}, [chunk(2, "y" * 100, 2)], 0)
    assert set(known.chunks([2, 1])) == {1, 2}  # the second is now the one used least lately
    known.follow(1, frozenset({1}))
    known.keep({3: Owner(card, "a.md", 1, 1)}, [chunk(3, "z" * 100, 3)], 1)
    assert set(known.chunks([1, 2, 3])) == {2, 3}


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Store, Store]:
    """One reads and remembers, the other stands for another process."""
    return Store.open(tmp_path), Store.open(tmp_path)


def test_renaming_correcting_and_deleting_elsewhere_are_seen(stores: tuple[Store, Store]) -> None:
    reader, writer = stores
    base = writer.create_base("b")
    done = writer.commit_document(
        base.id,
        source="a.md",
        name="a.md",
        sha256="0" * 64,
        parsed=parsed_leaflet("Metformin", {SectionKind.DOSAGE: "500 mg"}),
        vectors=None,
    )
    ids = [one for section in writer.document_sections(done.revision_id) for one in writer.chunk_spans(section.id)]
    assert {one.document for one in reader.chunks(ids).values()} == {"a.md"}

    writer.move_document(done.document_id, source="c.md", name="c.md")
    assert {one.document for one in reader.chunks(ids).values()} == {"c.md"}

    card = writer.document(done.document_id).card
    writer.change_card(done.revision_id, replace(card, title="Another title"))
    assert {one.document_title for one in reader.chunks(ids).values()} == {"Another title"}

    writer.delete_base("b")
    assert not reader.chunks(ids)
    reader.close()
    writer.close()
