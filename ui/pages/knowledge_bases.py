"""Knowledge bases: the list, one base with its documents and uploads, one document."""

from __future__ import annotations

from kbchat.services import Services
from ui.pages.documents.base_list import draw_base_list
from ui.pages.documents.base_view import draw_base
from ui.pages.documents.document_view import draw_document
from ui.pages.documents.place import here


def render(services: Services) -> None:
    """Draw what the address names: all bases, one base, or one document of it."""
    place = here()
    if place.base and place.document:
        draw_document(services, place)
    elif place.base:
        draw_base(services, place.base)
    else:
        draw_base_list(services)
