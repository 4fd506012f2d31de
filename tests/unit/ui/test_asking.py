from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from kbchat.errors import GeneratorBusyError
from kbchat.messages import Bilingual
from kbchat.services.chat import ChatEvent, Done, Draft, Piece, Progress, Step
from kbchat.types import Answer, Checks, Outcome
from ui.components.asking import Asking, nobody_waits

DONE = Done(Answer("x", (), (), Outcome.ANSWERED, Checks()), 1, 2, 3, "x")


def test_it_hears_the_draft_then_the_text_then_the_answer():
    def events() -> Iterator[ChatEvent]:
        yield Progress(Step.SEARCHING, Bilingual("Searching", "检索"))
        yield Draft("un")
        yield Draft("checked")
        yield Piece("che")
        yield Piece("cked")
        yield DONE

    heard = Asking("q", events).until_ended(60)

    assert heard.progress == Bilingual("Searching", "检索")
    assert (heard.draft, heard.text, heard.done) == ("", "checked", DONE)
    assert heard.ended
    assert heard.error is None


def test_stopping_closes_the_events():
    closed = threading.Event()

    def events() -> Iterator[ChatEvent]:
        try:
            while True:
                yield Draft("word ")
                time.sleep(0.01)
        finally:
            closed.set()

    asking = Asking("q", events)
    asking.wait(asking.heard(), 60)
    asking.stop()

    assert asking.until_ended(60).ended
    assert closed.is_set()
    assert asking.heard().done is None


def test_an_error_for_people_is_kept_and_any_other_is_only_told_of(caplog):
    def busy() -> Iterator[ChatEvent]:
        raise GeneratorBusyError(Bilingual("busy", "忙"), Bilingual("wait", "等"))
        yield DONE

    def broken() -> Iterator[ChatEvent]:
        raise ValueError("inside")
        yield DONE

    assert Asking("q", busy).until_ended(60).error is not None
    heard = Asking("q", broken).until_ended(60)
    assert heard.failed
    assert heard.error is None
    assert "inside" in caplog.text


@pytest.mark.parametrize("seconds", [0.05])
def test_waiting_ends_when_there_is_no_news(seconds):
    go = threading.Event()

    def events() -> Iterator[ChatEvent]:
        go.wait(60)
        yield DONE

    asking = Asking("q", events)
    known = asking.heard()
    began = time.monotonic()
    assert asking.wait(known, seconds) is known
    assert time.monotonic() - began < 20
    go.set()
    assert asking.until_ended(60).done is DONE


def test_an_answer_that_comes_at_once_is_waited_for_but_not_a_model_that_writes():
    go = threading.Event()

    def writing() -> Iterator[ChatEvent]:
        yield Draft("word")
        go.wait(60)
        yield DONE

    assert Asking("q", lambda: iter([Piece("x"), DONE])).at_once(60).done is DONE
    began = time.monotonic()
    asking = Asking("q", writing)
    assert not asking.at_once(50).ended
    assert time.monotonic() - began < 20
    go.set()
    assert asking.until_ended(60).done is DONE


def test_words_that_come_fast_are_heard_together_but_the_end_at_once():
    go = threading.Event()

    def events() -> Iterator[ChatEvent]:
        for _ in range(5):
            yield Draft("word ")
            time.sleep(0.01)
        go.wait(60)
        yield DONE

    asking = Asking("q", events)
    heard = asking.wait(asking.heard(), 3, least=2)
    assert heard.draft == "word " * 5
    go.set()
    began = time.monotonic()
    asking.until_ended(60)
    assert asking.wait(heard, 50, least=50).ended
    assert time.monotonic() - began < 20


def test_it_is_told_whether_anybody_waits_for_an_answer():
    go = threading.Event()

    def events() -> Iterator[ChatEvent]:
        go.wait(60)
        yield DONE

    asking = Asking("q", events)
    assert not nobody_waits(0.0, 0.01)
    go.set()
    asking.until_ended(60)

    assert nobody_waits(0.0, 60)
    assert not nobody_waits(3600.0, 0.0)
