"""What ``kbchat doctor --offline`` runs in a guarded process: the guard tried, then the main job, told as JSON lines."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from pathlib import Path

_OUTSIDE = "192.0.2.1"  # reserved for documentation, belongs to nobody
_NAME = "kbchat.invalid"  # reserved, resolves to nothing
_NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000  # CLONE_NEWUSER | CLONE_NEWNET of Linux
SAMPLES = {
    "示例甲片说明书.md": "# 示例甲片说明书\n\n【通用名称】示例甲片\n\n## 【用法用量】\n\n口服。成人一次0.2g，一日3次，餐后服用。\n\n"
    "## 【禁忌】\n\n对示例甲过敏者禁用。\n",
    "Exampline tablets.md": "# Exampline 50 mg tablets\n\n## Contraindications\n\nDo not use Exampline in patients with "
    "active bleeding.\n\n## Posology\n\nThe recommended dose is 50 mg twice daily.\n",
}
QUESTIONS = (("示例甲片一次吃多少？", "0.2g"), ("When is Exampline contraindicated?", "active bleeding"))


def tell(step: str, *, ok: bool, detail: str = "") -> None:
    """One line for the parent."""
    sys.stdout.write(json.dumps({"step": step, "ok": ok, "detail": detail}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    """Run all of it in ``folder``."""
    tell("kernel", ok=_leave_network(), detail=", ".join(sorted(name for _, name in socket.if_nameindex())))
    tell("guard", ok=_is_refused_connecting() and _is_refused_resolving())
    _main_job(folder)


def _leave_network() -> bool:
    """Go into a network without a way out, where the system lets an ordinary user do so (Linux)."""
    if not sys.platform.startswith("linux") or threading.active_count() > 1:
        return False
    import ctypes  # noqa: PLC0415 - only here

    try:
        return int(ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER_AND_NETWORK)) == 0
    except (OSError, AttributeError):
        return False


def _is_refused_connecting() -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        try:
            probe.connect((_OUTSIDE, 80))
        except PermissionError as error:
            return "doctor" in str(error)
        except OSError:
            return False
    return False


def _is_refused_resolving() -> bool:
    try:
        socket.getaddrinfo(_NAME, 443)
    except PermissionError as error:
        return "doctor" in str(error)
    except OSError:
        return False
    return False


def _main_job(folder: Path) -> None:
    from ingest.pipeline import IngestOptions  # noqa: PLC0415 - after the guard was tried
    from kbchat.app import App  # noqa: PLC0415
    from kbchat.cli.ask import ask_once  # noqa: PLC0415
    from kbchat.cli.ingesting import ingest_into  # noqa: PLC0415
    from kbchat.settings import load_settings  # noqa: PLC0415

    documents = folder / "documents"
    documents.mkdir()
    for name, text in SAMPLES.items():
        (documents / name).write_text(text, encoding="utf-8")
    app = App(load_settings(data_dir=folder / "data"))
    report = ingest_into(app, [documents], "default", IngestOptions(), silent=True)
    tell("ingest", ok=report.exit_code == 0, detail=f"{len(report.files)}")
    for question, expected in QUESTIONS:
        answer = ask_once(app, question, ("default",))
        cited = [one for one in answer.citations if _stands_there(app, one.revision_id, one.page, one.quote)]
        tell("ask", ok=expected in answer.text.replace(" ", "") + answer.text and bool(cited), detail=question)
        tell("cite", ok=len(cited) == len(answer.citations) > 0, detail=f"{len(cited)}/{len(answer.citations)}")
    app.close()


def _stands_there(app: object, revision_id: int, page: int, quote: str) -> bool:
    from kbchat.app import App  # noqa: PLC0415

    assert isinstance(app, App)
    text = app.store.page(revision_id, page).text
    return "".join(quote.split()) in "".join(text.split())


if __name__ == "__main__":
    main(Path(os.fsdecode(sys.argv[1])))
