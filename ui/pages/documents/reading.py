"""The sections and chunks of a revision, marked on the picture of their page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.services.documents import DocumentRow, RevisionRow, SectionView
from kbchat.types import Span
from ui.components.document_text import section_label, title_of
from ui.components.problem import show_error
from ui.escaping import literal_html, literal_label, one_line, visible_text
from ui.i18n import documents as words
from ui.i18n import language, say
from ui.pages.documents.place import Place

_WIDTH = 1100
_WITH_PICTURES = frozenset({"pdf", "image"})
_WHOLE = 0
_FEW, _LIST_HEIGHT = 7, 260
_LONGEST_LABEL = 160


def draw_reading(services: Services, place: Place, row: DocumentRow, revision: RevisionRow) -> None:
    """The page with the chosen section marked; beside it the list of all sections, and the text of this one."""
    sections = services.documents.sections(place.base, place.document, revision.id)
    if not sections:
        st.info(say(words.NO_SECTIONS))
        return
    key = f"knowledge_bases_section_{revision.id}"
    _turning(len(sections), key)
    has_pictures = revision.format in _WITH_PICTURES
    one, other = st.columns([3, 2] if has_pictures else [2, 3], gap="medium")
    with other if has_pictures else one:
        section = _choose_section(sections, key)
    chunk = _chosen_chunk(section, f"{key}_{section.id}")
    spans = section.spans if chunk == _WHOLE else section.chunks[chunk - 1].spans
    if has_pictures:
        with one:
            _page(services, row, revision, spans, f"{key}_{section.id}_{chunk}")
    with other:
        _choose_chunk(section, f"{key}_{section.id}")
        _text(section, spans)


def _turning(count: int, key: str) -> None:
    """To the section before and the one after, for those who read through."""

    def move(step: int) -> None:
        now = st.session_state.get(key) or 0
        st.session_state[key] = min(max(now + step, 0), count - 1)

    number = min(st.session_state.get(key) or 0, count - 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say(words.PREVIOUS),
            key=f"{key}_previous",
            icon=":material/keyboard_arrow_up:",
            disabled=number == 0,
            on_click=move,
            args=(-1,),
        )
        st.button(
            say(words.NEXT),
            key=f"{key}_next",
            icon=":material/keyboard_arrow_down:",
            disabled=number == count - 1,
            on_click=move,
            args=(1,),
        )
        st.caption(say(words.SECTION_OF, number=number + 1, count=count), width="content")


def _choose_section(sections: Sequence[SectionView], key: str) -> SectionView:
    """All sections in a list that scrolls by itself."""
    with st.container(height=_LIST_HEIGHT if len(sections) > _FEW else "content", key=f"{key}_list"):
        number = st.radio(
            say(words.SECTION),
            range(len(sections)),
            format_func=lambda one: literal_label(section_label(sections[one], language()), _LONGEST_LABEL),
            key=key,
            label_visibility="collapsed",
        )
    return sections[number or 0]


def _chosen_chunk(section: SectionView, key: str) -> int:
    """The number of the chunk that is marked, from 1; 0 for the whole section. Every section has a choice of its own."""
    chosen = st.session_state.get(f"{key}_chunk")
    return chosen if isinstance(chosen, int) and 0 <= chosen <= len(section.chunks) else _WHOLE


def _choose_chunk(section: SectionView, key: str) -> None:
    if len(section.chunks) < 2:
        return
    st.pills(
        say(words.CHUNKS),
        range(len(section.chunks) + 1),
        default=_WHOLE,
        required=True,
        format_func=lambda one: say(words.CHUNK, number=one) if one else say(words.WHOLE_SECTION),
        key=f"{key}_chunk",
        label_visibility="collapsed",
    )


def _page(services: Services, row: DocumentRow, revision: RevisionRow, spans: Sequence[Span], key: str) -> None:
    """The page on which ``spans`` begin, until another is turned to."""
    first = spans[0].page if spans else 1
    turned = f"{key}_page"
    number = int(st.session_state.get(turned) or first)
    marks = [(span.start, span.end) for span in spans if span.page == number]
    try:
        picture = services.sources.page_picture(revision.id, number, width_px=_WIDTH, highlights=marks)
    except KbchatError as error:
        show_error(error)
    else:
        with st.container(border=True):
            title = one_line(visible_text(title_of(row)), 80)
            alt = say(words.PICTURE, page=number, title=title)
            st.image(picture.png, width="stretch", alt=alt)
    if revision.pages > 1:
        st.pagination(revision.pages, default=first, key=turned, width="stretch")


def _text(section: SectionView, spans: Sequence[Span]) -> None:
    """The section's text; where a chunk was chosen, it is marked."""
    heading = literal_html(" › ".join(section.path))
    above = f'<p style="font-weight:600">{heading}</p>' if heading else ""
    st.caption(say(words.SECTION_KINDS[section.kind.value]))
    chunk = next((one for one in section.chunks if one.spans == tuple(spans)), None)
    body = literal_html(section.text)
    if chunk is not None and len(section.chunks) > 1:
        before, found, after = section.text.partition(chunk.text)
        if found:
            body = f"{literal_html(before)}<mark>{literal_html(found)}</mark>{literal_html(after)}"
    st.html(f'<div dir="auto" style="overflow-wrap:anywhere;line-height:1.7">{above}{body}</div>')
