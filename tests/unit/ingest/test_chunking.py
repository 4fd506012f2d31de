"""Chunks: exact, inside one section, whole where a reader needs them whole."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunking import chunk_sections
from ingest.structure import structure
from ingest.structure.lines import is_contents_title
from kbchat.settings import ChunkSettings
from kbchat.text.spans import SpannedText
from kbchat.types import Block, BlockKind, Chunk, LoadedFile, Page, Section, SectionKind, Span

SMALL = ChunkSettings(target=80, maximum=160)


def whole(pages: list[Page], heading: str = "x") -> Section:
    spans = tuple(Span(page.number, 0, len(page.text)) for page in pages if page.text)
    text = SpannedText.of({page.number: page.text for page in pages}, spans).text
    return Section(1, SectionKind.OTHER, "s", (heading,), spans, text)


def blocks_of(rows: list[tuple[str, BlockKind, int]], number: int = 1) -> Page:
    text, blocks = "", []
    for content, kind, table in rows:
        blocks.append(Block(kind, len(text), len(text) + len(content), table=table))
        text += content + "\n"
    return Page(number, text[:-1], blocks=tuple(blocks))


def check(pages: list[Page], sections: tuple[Section, ...], chunks: tuple[Chunk, ...]) -> None:
    texts = {page.number: page.text for page in pages}
    by_id = {section.id: section for section in sections}
    covered: dict[int, list[Span]] = {section.id: [] for section in sections}
    assert [chunk.id for chunk in chunks] == list(range(1, len(chunks) + 1))
    for chunk in chunks:
        assert chunk.text == SpannedText.of(texts, chunk.spans).text
        assert chunk.text.strip()
        for span in chunk.spans:
            assert any(
                outer.page == span.page and outer.start <= span.start and span.end <= outer.end
                for outer in by_id[chunk.section_id].spans
            )
        covered[chunk.section_id].extend(chunk.spans)
    for section in sections:
        joined = "".join(texts[span.page][span.start : span.end] for span in covered[section.id])
        expected = "".join(texts[span.page][span.start : span.end] for span in section.spans)
        assert "".join(joined.split()) == "".join(expected.split())


PIECES = st.lists(
    st.sampled_from(
        [
            "【用法用量】", "【不良反应】口服一次0.3g。", "一次0.3g，一日3次。", "Take 0.5 mg, e.g. at night.", "4.8 Undesirable effects",
            "列 | 值", "1.5～2.0", "请告知医生：", "• 头痛", "推荐意见1：建议使用（1A）。", " ", "", "第一章 总则", "3.1 范围", "药" * 50 + "。",
            "没有句号的一段", "2. Second", "目录", "Package leaflet: Information for the user",
        ]
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=4), st.integers(80, 300), st.integers(120, 400))
def test_structure_and_chunks_are_exact(rows: list[list[str]], target: int, maximum: int) -> None:
    pages = [Page(number, "\n".join(lines)) for number, lines in enumerate(rows, start=1)]
    _, sections = structure(LoadedFile(tuple(pages), "txt"), "x.txt")
    texts = {page.number: page.text for page in pages}
    flat = "".join(texts[span.page][span.start : span.end] for section in sections for span in section.spans)
    assert "".join(flat.split()) == "".join("".join(texts.values()).split()), "sections cover the text once, in order"
    assert all(section.text == SpannedText.of(texts, section.spans).text for section in sections)
    kept = tuple(section for section in sections if not is_contents_title("".join(section.heading_path[-1:])))
    chunks = chunk_sections(pages, sections, ChunkSettings(target=target, maximum=maximum))
    check(pages, kept, chunks)
    assert chunks == chunk_sections(pages, sections, ChunkSettings(target=target, maximum=maximum))


@given(st.lists(st.integers(5, 150), min_size=1, max_size=30))
def test_no_chunk_is_longer_than_the_maximum(lengths: list[int]) -> None:
    text = "\n".join("药" * (length - 1) + "。" for length in lengths)
    pages = [Page(1, text)]
    section = whole(pages)
    chunks = chunk_sections(pages, (section,), SMALL)
    check(pages, (section,), chunks)
    assert all(len(chunk.text) <= SMALL.maximum for chunk in chunks)


def test_a_single_sentence_may_be_longer() -> None:
    pages = [Page(1, "短句。" + "很" * 300 + "长。" + "短句。")]
    chunks = chunk_sections(pages, (whole(pages),), SMALL)
    assert max(len(chunk.text) for chunk in chunks) == 302


def test_paragraphs_are_kept_whole_where_they_fit() -> None:
    paragraphs = ["甲" * 60 + "。", "乙" * 50 + "。", "丙" * 70 + "。"]
    pages = [Page(1, "\n".join(paragraphs))]
    assert [chunk.text for chunk in chunk_sections(pages, (whole(pages),), SMALL)] == paragraphs


def test_a_sentence_over_the_page_break_is_kept_whole() -> None:
    pages = [Page(1, "甲" * 70 + "。每日最大剂量为0.3"), Page(2, "g，分三次服用。" + "乙" * 70 + "。")]
    chunks = chunk_sections(pages, (whole(pages),), SMALL)
    check(pages, (whole(pages),), chunks)
    [holding] = [chunk for chunk in chunks if "最大剂量" in chunk.text]
    assert "分三次服用" in holding.text
    assert (holding.page_start, holding.page_end) == (1, 2)


def test_a_lead_in_stays_with_its_list() -> None:
    lead = "有下列情况的患者在开始治疗之前应当告知医生："
    pages = [Page(1, "甲" * 60 + "。\n" + lead + "\n" + "\n".join(f"• 情况{'乙' * 20}{n}" for n in range(6)))]
    chunks = chunk_sections(pages, (whole(pages),), SMALL)
    [holding] = [chunk for chunk in chunks if lead in chunk.text]
    assert "情况" in holding.text.partition(lead)[2]


def test_table_rows_repeat_their_header() -> None:
    rows = [("表1 常用药物", BlockKind.PARAGRAPH, 0), ("药名 | 剂量 | 次数", BlockKind.TABLE_HEADER, 1)]
    rows += [(f"药物{'丙' * 10}{n} | {n}0～{n}5 mg | 每日{n}次", BlockKind.TABLE_ROW, 1) for n in range(1, 10)]
    pages = [blocks_of(rows)]
    chunks = chunk_sections(pages, (whole(pages),), SMALL)
    check(pages, (whole(pages),), chunks)
    assert len(chunks) > 2
    assert chunks[0].text.startswith("表1 常用药物\n药名 | 剂量")
    assert chunks[0].table_header == "", "the header stands in the chunk itself"
    assert all(chunk.table_header == "药名 | 剂量 | 次数" for chunk in chunks[1:])
    assert all(line.endswith("次") or "|" in line for chunk in chunks for line in chunk.text.split("\n")[1:])


def test_small_remainders_join_their_neighbour() -> None:
    pages = [Page(1, "甲" * 75 + "。\n乙。")]
    assert len(chunk_sections(pages, (whole(pages),), SMALL)) == 1


def test_a_table_of_contents_gives_no_chunks() -> None:
    pages = [Page(1, "目录\n第一章 总则 ...... 1")]
    assert chunk_sections(pages, (whole(pages, "目录"),), SMALL) == ()


@pytest.mark.parametrize(
    "text",
    [
        "." * 200_000 + "x",
        "\n".join(f"{n}. Item" for n in range(1, 20_000)),
        "\n".join(f"{n % 40}.{n % 7} 标题{n}" for n in range(20_000)),
        "【" + "[ " * 5_000 + "】",
        "[ " * 60 + "x",
        "\n".join(["【适应症】用于疼痛。【用法用量】口服。"] * 5_000),
        "推荐意见1：" + "（1A" * 20_000,
        "What you need to know before " * 5_000,
        "药" * 300_000,
    ],
    ids=["dots", "numbers", "decimals", "brackets", "marks", "leaflets", "grades", "phrases", "one word"],
)
def test_odd_text_does_not_take_for_ever(text: str) -> None:
    pages = [Page(1, text)]
    begin = time.perf_counter()
    _, sections = structure(LoadedFile(tuple(pages), "txt"), "x.txt")
    check(pages, sections, chunk_sections(pages, sections, ChunkSettings()))
    assert time.perf_counter() - begin < 60


@pytest.mark.parametrize("pages", [[], [Page(1, "")], [Page(1, " \n ")]])
def test_nothing_gives_nothing(pages: list[Page]) -> None:
    assert chunk_sections(pages, (), SMALL) == ()
