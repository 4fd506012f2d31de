"""Which versions of what are installed."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from kbchat import __version__

PACKAGES = (
    "pypdfium2",
    "rapidocr",
    "onnxruntime",
    "tantivy",
    "faiss-cpu",
    "sqlalchemy",
    "langchain-core",
    "model2vec",
)
OPTIONAL_PACKAGES = ("torch", "transformers", "sentence-transformers")


def versions() -> dict[str, str]:
    """kbchat, Python, the system and the packages that matter; absent optional ones are left out."""
    found = {"kbchat": __version__, "python": platform.python_version(), "system": platform.platform()}
    for package in (*PACKAGES, *OPTIONAL_PACKAGES):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
