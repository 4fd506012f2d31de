"""The route that opens the original of a source in a tab of its own; see ``ui.original_links``."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.services.originals import OriginalFile
from ui import bootstrap
from ui.browser_cookie import BROWSER_COOKIE, is_browser_id
from ui.i18n import source as words
from ui.original_links import opens_in_browser

PATH = "/original/{token}"
# A picture needs nothing. A PDF is drawn by a viewer of the browser, apart from the page, which a sandbox would switch off.
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PICTURE = f"{_NOTHING}; img-src 'self'; style-src 'unsafe-inline'; sandbox"
_PDF = f"{_NOTHING}; object-src 'self'; plugin-types application/pdf; img-src 'self'; style-src 'unsafe-inline'"


def open_original(request: Request) -> Response:
    """The file for the one who may read it; for everybody else the same words, whatever the reason."""
    browser = request.cookies.get(BROWSER_COOKIE, "")
    links = bootstrap.original_links()
    link = links.find(request.path_params["token"], browser) if is_browser_id(browser) else None
    if link is None:
        return _gone()
    try:
        file = Services(bootstrap.application(), link.principal, channel="ui").sources.original(link.revision)
    except KbchatError:
        return _gone()
    return _shown(file) if opens_in_browser(file) else _gone()


def _shown(file: OriginalFile) -> Response:
    headers = {
        "content-disposition": f"inline; filename*=utf-8''{quote(file.name, safe='')}",
        "content-security-policy": _PDF if file.media_type == "application/pdf" else _PICTURE,
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-store",
        "referrer-policy": "no-referrer",
    }
    return FileResponse(file.path, media_type=file.media_type, headers=headers)


def _gone() -> Response:
    both = f"{words.ORIGINAL_GONE.zh}\n{words.ORIGINAL_GONE.en}\n"
    return PlainTextResponse(both, status_code=404, headers={"cache-control": "no-store"})
