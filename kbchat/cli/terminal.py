"""The terminal: streams that never fail on a character, errors in the reader's language, JSON, questions."""

from __future__ import annotations

import atexit
import io
import json
import os
import sys
import threading
from typing import Any

from kbchat.errors import ConflictError, KbchatError
from kbchat.messages import Bilingual, Language, system_language
from kbchat.text.visible import visible

_spoken: Language | None = None


def speak(language: Language) -> None:
    """Choose the language of messages for the rest of the process."""
    global _spoken  # noqa: PLW0603 - one command, one language
    _spoken = language


def spoken() -> Language:
    """The language of messages: chosen, or else the machine's."""
    return _spoken or system_language()


def prepare_streams() -> None:
    """Print every text somehow on any terminal, and UTF-8 into pipes and files."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="backslashreplace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def end_process() -> None:
    """End a process that did what it was asked, without freeing its objects one by one (0.2 s after a question).

    Returns where there is something to wait for: another thread, or output that could not be written.
    """
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        return
    atexit._run_exitfuncs()  # noqa: SLF001 - what others registered must run, as it does at an ordinary end
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(0)


def print_error(error: KbchatError) -> None:
    """The message and the remedy, on standard error."""
    language = spoken()
    label = Bilingual("Error", "错误").in_language(language)
    if sys.stderr.isatty() and "NO_COLOR" not in os.environ:
        label = f"\x1b[1;31m{label}\x1b[0m"
    lines = [f"{label}: {visible(error.user_message.in_language(language))}"]
    remedy = error.remedy.in_language(language)
    if remedy:
        lines.append(f"  {visible(remedy)}")
    sys.stderr.write("\n".join(lines) + "\n")


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def say(text: Bilingual) -> None:
    """One message on standard output."""
    sys.stdout.write(visible(text.in_language(spoken())) + "\n")


def confirm_by_typing(word: str, question: Bilingual) -> None:
    """Go on only when the person types ``word``. Raises ConflictError otherwise, also where nobody can answer."""
    sys.stderr.write(question.in_language(spoken()) + " ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip() if sys.stdin is not None else ""
    if answer != word:
        raise ConflictError(
            Bilingual("Not confirmed; nothing was changed.", "未确认，未做任何更改。"),
            Bilingual("Type the name exactly, or use --yes.", "请准确输入名称，或使用 --yes。"),
        )
