"""Routes, one module a subject: each reads the request, calls a service, and gives back what it returned."""

from __future__ import annotations

from kbchat.server.routes import (
    assistants,
    bases,
    completions,
    conversations,
    documents,
    feedback,
    figures,
    health,
    operation,
    search,
    session,
    sources,
    status,
    uploads,
    widget,
)

ROUTERS = (
    health.router,
    completions.router,
    session.router,
    bases.router,
    documents.router,
    uploads.router,
    sources.router,
    search.router,
    conversations.router,
    feedback.router,
    assistants.router,
    figures.router,
    operation.router,
    status.router,
    widget.router,
)
"""In the order of the OpenAPI document."""
