"""A question being answered behind the page.

The answer is made by a thread of its own, so that a page that is drawn again (a citation opened, a switch turned) finds it
going on, and a slow model never keeps a session from reacting. Only the Stop button ends it early.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from kbchat.errors import KbchatError
from kbchat.messages import Bilingual
from kbchat.services.chat import ChatEvent, Done, Draft, Piece, Progress

_log = logging.getLogger(__name__)


class _UnderWay:
    """How many questions this process is answering, and when the last one began."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._last = float("-inf")

    def begin(self) -> None:
        with self._changed:
            self._count += 1
            self._last = time.monotonic()

    def end(self) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def is_quiet(self, since: float, wait: float) -> bool:
        """Whether nothing is being answered, looking ``wait`` seconds at most, and nothing began in the last ``since``."""
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0, timeout=wait)
            return self._count == 0 and time.monotonic() - self._last >= since


_under_way = _UnderWay()


def nobody_waits(since: float, wait: float) -> bool:
    """Whether nobody in this process waits for an answer, nor has asked in the last ``since`` seconds; told within ``wait`` seconds."""
    return _under_way.is_quiet(since, wait)


@dataclass(frozen=True, slots=True)
class Heard:
    """How far it is. ``draft`` is unchecked text of a model, ``text`` checked text; ``done`` the whole answer.

    ``error`` is an error meant for people, ``failed`` tells of any other (it is in the log); ``ended`` that nothing more comes.
    """

    progress: Bilingual | None = None
    draft: str = ""
    text: str = ""
    done: Done | None = None
    error: KbchatError | None = None
    failed: bool = False
    ended: bool = False


class Asking:
    """One question on its way; ``events`` begins to answer it when called."""

    def __init__(self, question: str, events: Callable[[], Iterator[ChatEvent]]) -> None:
        self.question = question
        self._events = events
        self._heard = Heard()
        self._news = threading.Condition()
        self._stopped = threading.Event()
        self._started = time.monotonic()
        _under_way.begin()
        threading.Thread(target=self._run, name="asking", daemon=True).start()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._started

    def heard(self) -> Heard:
        """How far it is now."""
        with self._news:
            return self._heard

    def wait(self, known: Heard, seconds: float, *, least: float = 0.0) -> Heard:
        """How far it is, as soon as that is more than ``known``, or after ``seconds``.

        ``least`` seconds pass in any case, unless nothing more comes: what grows word by word need not be drawn so often.
        """
        with self._news:
            self._news.wait_for(lambda: self._heard.ended, timeout=least)
            self._news.wait_for(lambda: self._heard is not known, timeout=max(0.0, seconds - least))
            return self._heard

    def until_ended(self, seconds: float) -> Heard:
        """How far it is when nothing more comes, or after ``seconds``."""
        with self._news:
            self._news.wait_for(lambda: self._heard.ended, timeout=seconds)
            return self._heard

    def at_once(self, seconds: float) -> Heard:
        """How far it is when nothing more comes, after ``seconds``, or as soon as a model begins to write."""
        with self._news:
            self._news.wait_for(lambda: self._heard.ended or bool(self._heard.draft), timeout=seconds)
            return self._heard

    def stop(self) -> None:
        """Let go of it: the model stops at its next word, and nothing is kept."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            with closing(_closable(self._events())) as events:
                for event in events:
                    if self._stopped.is_set():
                        break
                    self._tell(_after(self.heard(), event))
        except KbchatError as error:
            self._tell(replace(self.heard(), error=error))
        except Exception:  # noqa: BLE001 - a thread has nobody above it who would tell of the error
            _log.exception("answering failed")
            self._tell(replace(self.heard(), failed=True))
        finally:
            _under_way.end()
            self._tell(replace(self.heard(), ended=True))

    def _tell(self, heard: Heard) -> None:
        with self._news:
            self._heard = heard
            self._news.notify_all()


def _closable(events: Iterator[ChatEvent]) -> Generator[ChatEvent, None, None]:
    """The same events from a generator, whose closing closes ``events`` where that can be closed."""
    yield from events


def _after(heard: Heard, event: ChatEvent) -> Heard:
    match event:
        case Progress():
            return replace(heard, progress=event.detail)
        case Draft():
            return replace(heard, draft=heard.draft + event.text)
        case Piece():
            return replace(heard, draft="", text=heard.text + event.text)
        case Done():
            return replace(heard, done=event)
