"""What somebody sees whom nobody knows yet; and, for those who are known, their name and the way out."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from kbchat.messages import Bilingual
from ui.components.language_switch import language_switch
from ui.components.problem import show_error
from ui.escaping import literal_html, literal_markdown
from ui.i18n import frame, say
from ui.i18n import sign_in as words
from ui.identity import SignedIn, SignedOut, leave, use_token
from ui.sign_in import SignIn

_ASK = "sign_in_token"
_ask_address = st.components.v2.component(
    "kbchat_host_token", js=Path(__file__).with_name("host_token.js").read_text(encoding="utf-8")
)


def sign_in_page(sign_in: SignIn, found: SignedOut) -> None:
    """A page with the ways to sign in, and nothing of the app."""
    looked = not sign_in.takes_tokens or _token_in_address(sign_in, found.ended)
    with st.container(horizontal_alignment="center"), st.container(width=460, border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.html(f'<div class="kb-product">{literal_html(say(frame.PRODUCT))}</div>', width="content")
            language_switch()
        st.subheader(say(words.TITLE), anchor=False)
        if not looked and found.error is None:
            st.caption(say(words.WAITING))
            return
        if found.error is not None:
            show_error(found.error)
        elif found.ended:
            st.info(say(words.ENDED))
        if sign_in.offers_openid:
            _openid()
        if sign_in.takes_tokens:
            st.markdown(say(words.AGAIN_FROM_PORTAL if found.ended or found.error else words.FROM_PORTAL))
        elif not sign_in.offers_openid and not sign_in.single_user:
            st.markdown(say(words.BY_PROXY))


def _openid() -> None:
    st.markdown(say(words.SIGN_IN_TEXT))
    if st.button(say(words.SIGN_IN), type="primary", key="sign_in_openid", width="stretch"):
        st.login()
    if st.user.is_logged_in and st.button(say(words.SIGN_OUT), key="sign_in_leave", width="stretch"):
        st.logout()


def _token_in_address(sign_in: SignIn, ended: str) -> bool:
    """Whether the browser has looked for a token behind the # of its address; one that is found is used at once.

    It looks again after each session that ``ended``, also where what looked before that session is still on the page.
    """
    looked = bool((st.session_state.get(_ASK) or {}).get("looked"))

    def given() -> None:
        token = (st.session_state.get(_ASK) or {}).get("token")
        if isinstance(token, str) and token:
            use_token(sign_in, token)

    _ask_address(
        key=_ASK,
        data={"looked": looked, "ended": ended},
        height=1,
        on_token_change=given,
        on_looked_change=lambda: None,
    )
    return looked


def nothing_open(found: SignedIn) -> None:
    """For somebody known who has no role here."""
    st.warning(say(words.NO_ROLE, name=literal_markdown(found.name or found.principal.user)))


def person(found: SignedIn) -> None:
    """Who is signed in, and the way out where this app has one: a proxy has its own."""
    if found.principal.method == "local":
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_signed_in(words.SIGNED_IN, found), width="content")
        leaving = found.principal.method != "proxy" and st.button(
            say(words.SIGN_OUT), key="sign_in_out", icon=":material/logout:", type="tertiary"
        )
    if not leaving:
        return
    leave()  # here, not in a callback: those of other parts may look for what is forgotten
    if found.principal.method == "oidc":
        st.logout()
    else:
        st.rerun()


def _signed_in(text: Bilingual, found: SignedIn) -> str:
    return say(text, name=literal_markdown(found.name or found.principal.user))
