"""Routes, one module a subject: each reads the request, calls a service, and gives back what it returned."""

from __future__ import annotations

from kbchat.server.routes import bases, completions, documents, health, search, session, uploads

ROUTERS = (
    health.router,
    completions.router,
    session.router,
    bases.router,
    documents.router,
    uploads.router,
    search.router,
)
"""In the order of the OpenAPI document."""
