"""The rules of who may import what, each with its reason, and the reading of imports that checks them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMPORT_ROOTS = ("kbchat", "ingest", "ui")


@dataclass(frozen=True, slots=True)
class Import:
    """``module`` imports ``target`` at ``line``; ``lazy``: inside a function or for type checking only."""

    module: str
    target: str
    line: int
    lazy: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """Modules matching ``who`` but not ``except_in`` must not import ``what`` (``lazy_allowed``: at module level)."""

    who: tuple[str, ...]
    what: tuple[str, ...]
    reason: str
    except_in: tuple[str, ...] = ()
    lazy_allowed: bool = False

    def broken_by(self, found: Import) -> bool:
        """Whether ``found`` breaks this rule."""
        return (
            matches(found.module, self.who)
            and not matches(found.module, self.except_in)
            and matches(found.target, self.what)
            and not (self.lazy_allowed and found.lazy)
        )


def matches(name: str, prefixes: tuple[str, ...]) -> bool:
    """Whether ``name`` is one of ``prefixes`` or lies below one."""
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


# Rooms from the ground up: a room may import from its own layer and those before it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("kbchat.messages", "kbchat.types", "kbchat.errors", "kbchat.settings", "kbchat.logs", "kbchat.atomic", "kbchat.disk_full",
     "kbchat.locks", "kbchat.text", "kbchat.medical", "kbchat.assistants", "kbchat.access"),
    ("kbchat.store", "kbchat.index", "kbchat.embedding"),
    ("kbchat.retrieval", "kbchat.generation"),
    ("kbchat.answering",),
    ("kbchat.app", "kbchat.evaluation"),
    ("kbchat.services",),
    ("kbchat.cli", "kbchat.server", "kbchat.__main__"),
    ("kbchat.testing",),
)  # fmt: skip
LAYER_REASON = "a question goes one way; no step calls back up"

_MODELS = ("torch", "transformers", "sentence_transformers", "accelerate", "peft", "bitsandbytes")
_NETWORK = ("requests", "httpx", "aiohttp", "urllib.request", "urllib3", "http.client", "socket", "ftplib", "smtplib")

RULES: tuple[Rule, ...] = (
    Rule(
        who=IMPORT_ROOTS,
        what=("kbchat.testing", "pytest", "hypothesis"),
        except_in=("kbchat.testing",),
        reason="fakes are for tests; no answer may come from one",
    ),
    Rule(
        who=("kbchat",),
        what=("ui",),
        reason="the engine runs without a screen",
    ),
    Rule(
        who=("ingest",),
        what=("ui", "kbchat.cli", "kbchat.server"),
        reason="ui -> ingest -> kbchat: documents are read without a command line, a server or a screen",
    ),
    Rule(
        who=("kbchat",),
        what=("ingest",),
        except_in=("kbchat.cli", "kbchat.server"),
        reason="answering must not depend on the readers of hostile files; only the entry points start an ingest",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=_MODELS,
        except_in=("kbchat.embedding", "kbchat.generation"),
        reason="the core installs and runs without torch",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=_MODELS,
        lazy_allowed=True,
        reason="torch takes seconds to load: only using a model may load it",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=("faiss", "tantivy"),
        except_in=("kbchat.index",),
        reason="the index is a seam: a cluster engine takes its place without a change elsewhere",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=("sqlalchemy", "alembic", "sqlite3"),
        except_in=("kbchat.store",),
        reason="the store is the only truth, and the only one who speaks SQL",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=("pypdf", "pypdfium2", "rapidocr", "docx", "pptx", "openpyxl"),
        except_in=("ingest.loaders", "kbchat.services.page_rendering", "kbchat.services.export"),
        reason="the readers of untrusted files stay in one room, and run in worker processes; pages are drawn in another "
        "process too, and conversations are written, not read, as docx",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=("streamlit",),
        except_in=("ui",),
        reason="only the screen draws",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=("fastapi", "starlette", "uvicorn"),
        except_in=("kbchat.server", "ui.serving"),
        reason="the engine runs without a server; the screen brings its own",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=("typer", "click"),
        except_in=("kbchat.cli",),
        reason="what a command does can be called without a command line",
    ),
    Rule(
        who=IMPORT_ROOTS,
        what=_NETWORK,
        except_in=(
            "kbchat.server",
            "ui.serving",
            "ui.undelayed",
            "kbchat.generation.served",
            "kbchat.embedding.served",
            "kbchat.cli.offline_job",
        ),
        reason="nothing reaches for the network unless the settings name the address (the offline job tries that it cannot)",
    ),
    Rule(
        who=("kbchat.types", "kbchat.messages"),
        what=("numpy", "pydantic", "kbchat.settings", "kbchat.errors", "kbchat.text"),
        reason="the types are the ground floor: standard library only",
    ),
    Rule(
        who=("kbchat.text",),
        what=("kbchat.medical",),
        reason="text is language; medicine is vocabulary on top of it",
    ),
)


def imports_of(source: str, module: str, *, package: bool, filename: str = "<source>") -> Iterator[Import]:
    """Every import of one module's source; relative ones are resolved, ``from a import b`` yields a.b."""
    tree = ast.parse(source, filename)
    yield from _walk(tree, module.split(".") if package else module.split(".")[:-1], module, lazy=False)


def _walk(node: ast.AST, package: list[str], module: str, *, lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(module, alias.name, child.lineno, lazy) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            start = package[: len(package) - child.level + 1] if child.level else []
            base = ".".join([*start, *([child.module] if child.module else [])])
            yield from (Import(module, f"{base}.{alias.name}", child.lineno, lazy) for alias in child.names)
        else:
            deferred = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from _walk(child, package, module, lazy=lazy or deferred or typing_only)


def project_imports() -> list[Import]:
    """Every import of the three import roots."""
    found: list[Import] = []
    for root in IMPORT_ROOTS:
        for path in sorted((ROOT / root).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            package = parts[-1] == "__init__"
            module = ".".join(parts[:-1] if package else parts)
            found += imports_of(path.read_text(encoding="utf-8"), module, package=package, filename=str(path))
    return found


def layer_of(name: str) -> int | None:
    """The layer of a module of kbchat; None for what has no room (the package itself, other libraries)."""
    return next((number for number, layer in enumerate(LAYERS) if matches(name, layer)), None)
