"""Several worker processes behind one listening socket, watched over by uvicorn's supervisor (docs/adr/0012)."""

from __future__ import annotations

__all__: list[str] = []
