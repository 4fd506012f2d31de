"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data that lies beside the checkout; tests that need it skip where it is absent."""
    if not _SHARED.is_dir():
        pytest.skip("the real test data are not beside this checkout")
    return _SHARED
