"""The source that an answer points at: the page with the quote highlighted, or the text around it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.services.sources import SourceView
from ui import bootstrap
from ui.browser_cookie import BROWSER_COOKIE, is_browser_id
from ui.browser_request import cookie
from ui.components.answer_view import Reference
from ui.components.chat_state import ChatState, OpenSource
from ui.components.page_picture import draw_page_picture
from ui.components.problem import show_error
from ui.components.source_text import heading_of, marked_html, quote_html, where_lines
from ui.escaping import literal_markdown, one_line, visible_text
from ui.i18n import language, say
from ui.i18n import source as words
from ui.original_links import opens_in_browser

_FOLDER = Path(__file__).parent
_WIDTH = 1200
_QUOTE_IN_ALT = 120
_heading = st.components.v2.component(
    "kbchat_source_heading",
    html='<h2 class="heading" tabindex="-1"></h2>',
    css=(_FOLDER / "source_heading.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "source_heading.js").read_text(encoding="utf-8"),
)


def draw_source(services: Services, state: ChatState, opened: OpenSource, reference: Reference) -> None:
    """The pane of ``reference`` on the page that ``opened`` names."""
    with st.container(border=True, key="chat_source"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            _heading(
                key="chat_source_heading",
                data={"text": say(words.SOURCE, number=reference.number), "token": opened.token},
            )
            st.button(
                say(words.CLOSE),
                key="chat_source_close",
                icon=":material/close:",
                type="tertiary",
                on_click=state.close_source,
            )
        try:
            view = services.sources.citation_view(reference.revision, reference.page, reference.start, reference.end)
        except KbchatError as error:
            show_error(error)
            return
        quoted = view.kind == "picture" and opened.page == reference.page
        st.html(
            heading_of(view, language())
            + where_lines(view, opened.page, language())
            + (quote_html(view.quote) if quoted else "")
        )
        if not view.current:
            st.warning(say(words.OUTDATED), icon=":material/history:")
        if view.kind == "picture":
            _pages(services, state, opened, reference, view)
        else:
            st.html(marked_html(view.text_before, view.text_quote, view.text_after))
        _original(services, view, opened.page)


def _pages(services: Services, state: ChatState, opened: OpenSource, reference: Reference, view: SourceView) -> None:
    cited = opened.page == reference.page
    highlights = [(reference.start, reference.end)] if cited else []
    try:
        picture = services.sources.page_picture(reference.revision, opened.page, width_px=_WIDTH, highlights=highlights)
    except KbchatError as error:
        st.info(say(words.NO_PICTURE, why=literal_markdown(error.in_language(language()))))
        st.html(marked_html(view.text_before, view.text_quote, view.text_after))
    else:
        title = one_line(visible_text(view.document_title), 80)
        quote = one_line(visible_text(view.quote), _QUOTE_IN_ALT)
        said = words.PICTURE if cited else words.PICTURE_PLAIN
        with st.container(key="chat_page_picture"):
            draw_page_picture(
                picture,
                alt=say(said, page=opened.page, title=title, quote=quote),
                token=f"{opened.token}:{opened.page}",
                key="chat_page",
            )
    _turning(state, opened, reference, view)


def _turning(state: ChatState, opened: OpenSource, reference: Reference, view: SourceView) -> None:
    """Previous and next page, and the way back to the cited one."""
    if view.pages <= 1:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.button(
            say(words.PREVIOUS),
            key="chat_source_previous",
            icon=":material/chevron_left:",
            disabled=opened.page <= 1,
            on_click=state.turn_page,
            args=(opened.page - 1,),
        )
        if opened.page != reference.page:
            st.button(
                say(words.CITED_PAGE),
                key="chat_source_cited",
                type="tertiary",
                on_click=state.turn_page,
                args=(reference.page,),
            )
        st.button(
            say(words.NEXT),
            key="chat_source_next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=opened.page >= view.pages,
            on_click=state.turn_page,
            args=(opened.page + 1,),
        )


def _original(services: Services, view: SourceView, page: int) -> None:
    """The file itself: in a tab of its own at the page where browsers show such files, else to be downloaded."""
    try:
        file = services.sources.original(view.revision_id)
    except KbchatError as error:  # an original that is gone must not take the source away
        st.caption(literal_markdown(error.in_language(language())))
        return
    browser = cookie(BROWSER_COOKIE)
    if is_browser_id(browser) and opens_in_browser(file):
        token = bootstrap.original_links().token(services.principal, view.revision_id, browser)
        place = f"#page={page}" if file.media_type == "application/pdf" else ""
        st.link_button(say(words.ORIGINAL), f"original/{token}{place}", icon=":material/open_in_new:", width="stretch")
        return
    st.download_button(
        say(words.ORIGINAL),
        data=file.path.read_bytes,
        file_name=file.name,
        mime=file.media_type,
        key="chat_source_original",
        icon=":material/description:",
        on_click="ignore",
        width="stretch",
    )
