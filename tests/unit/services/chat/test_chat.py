"""Asking through the service: what is told, what is kept, what is counted, what a reader who leaves leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kbchat.access.principal import Role
from kbchat.assistants.shelf import built_in_assistants
from kbchat.errors import ForbiddenError, GeneratorBusyError, GeneratorError, InvalidInputError, NotFoundError
from kbchat.generation.protocol import GenerationRequest
from kbchat.messages import Bilingual
from kbchat.services.chat import ChatRequest, Done, Draft, Piece, Progress, Step
from kbchat.services.chat_events import pieces_of
from kbchat.types import Outcome, Turn

DOSE = "华法林钠片怎么吃？"


class Scripted:
    """Writes ``pieces`` one by one, and notes when it is stopped; raises ``error`` instead when given one."""

    name = "scripted"

    def __init__(self, *pieces: str, error: GeneratorError | None = None) -> None:
        self.pieces, self.error = pieces, error
        self.written: list[str] = []
        self.stopped = 0
        self.requests: list[GenerationRequest] = []

    def stream(self, request: GenerationRequest) -> Iterator[str]:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        try:
            for piece in self.pieces:
                self.written.append(piece)
                yield piece
        except GeneratorExit:
            self.stopped += 1
            raise


GOOD = ("成人常用量：第1-3天一次3-4mg，", "一日1次[1]。", "老年人应适当减量[1]。")


def text_of(events, kind):
    return "".join(event.text for event in events if isinstance(event, kind))


def test_an_answer_is_told_step_by_step_and_kept(app, services_of, ask):
    services = services_of(app)
    done, events = ask(services, DOSE)

    steps = [event.step for event in events if isinstance(event, Progress)]
    assert steps[:2] == [Step.SEARCHING, Step.READING]
    assert Step.WRITING in steps
    assert all(event.detail.en and event.detail.zh for event in events if isinstance(event, Progress))
    assert text_of(events, Piece) == done.answer.text
    assert not text_of(events, Draft)
    kept = services.conversations.get(done.conversation_id)
    assert [one.text for one in kept.messages] == [DOSE, done.answer.text]
    assert kept.messages[1].number == done.message_number
    assert kept.messages[1].answer["citations"][0]["quote"]


def test_a_follow_up_is_understood_from_the_kept_conversation(app, services_of, ask):
    services = services_of(app)
    first, _ = ask(services, "二甲双胍怎么吃？")
    second, events = ask(services, "那孕妇呢？", conversation_id=first.conversation_id)

    assert "二甲双胍" in second.standalone
    assert any("二甲双胍" in event.detail.zh for event in events if isinstance(event, Progress))
    assert "孕妇不宜使用" in second.answer.text
    assert second.conversation_id == first.conversation_id


def test_a_conversation_goes_on_with_what_was_chosen_last(app, services_of, ask):
    services = services_of(app)
    first, _ = ask(services, "二甲双胍怎么吃？")
    ask(services, "那孕妇呢？", conversation_id=first.conversation_id, assistant="medication")

    about = services.conversations.get(first.conversation_id).about
    assert (about.assistant, about.bases) == ("medication", ("default",))


def test_a_given_history_does_for_a_conversation(app, services_of, ask):
    history = (Turn("user", "二甲双胍怎么吃？"), Turn("assistant", "口服。"))
    done, _ = ask(services_of(app), "那孕妇呢？", history=history, save=False)

    assert "孕妇不宜使用" in done.answer.text
    assert done.conversation_id is None


def test_drafts_flow_before_the_checks_and_only_where_they_are_not_strict(open_app, services_of, ask):
    done, events = ask(services_of(open_app(Scripted(*GOOD), strict=False)), DOSE)
    assert text_of(events, Draft) == "".join(GOOD)
    assert text_of(events, Piece) == done.answer.text
    kinds = [type(event) for event in events]
    assert kinds.index(Piece) > max(i for i, kind in enumerate(kinds) if kind is Draft)

    done, events = ask(services_of(open_app(Scripted(*GOOD * 3), strict=True)), DOSE)
    assert not text_of(events, Draft)
    counted = [event.detail.en for event in events if isinstance(event, Progress) and event.step is Step.WRITING]
    assert any(any(letter.isdigit() for letter in detail) for detail in counted)
    assert not any("3-4mg" in detail for detail in counted)


def test_the_answer_is_the_same_told_or_not(open_app):
    answerer = open_app(Scripted(*GOOD), strict=False).answerer()
    *_, final = answerer.stream(DOSE)

    assert replace(final.answer, timings={}) == replace(answerer.answer(DOSE), timings={})


def test_leaving_stops_the_model_and_keeps_what_was_shown(open_app, services_of):
    generator = Scripted("成人常用量：", "第1-3天一次3-4mg[1]，", "一日1次。")
    app = open_app(generator, strict=False)
    services = services_of(app)
    events = services.chat.ask(ChatRequest(DOSE))
    shown = ""
    for event in events:
        if isinstance(event, Draft):
            shown += event.text
            if "3-4mg" in shown:
                break
    events.close()

    assert generator.stopped == 1
    assert generator.written == ["成人常用量：", "第1-3天一次3-4mg[1]，"]
    (row,) = services.conversations.list().items
    _, answer = services.conversations.get(row.id).messages
    assert (answer.outcome, answer.stopped, answer.unchecked) == ("stopped", True, True)
    assert answer.text == "成人常用量：第1-3天一次3-4mg，"  # no marker that leads nowhere


def test_leaving_while_the_answer_is_shown_keeps_its_beginning_with_its_sources(app, services_of, ask):
    services = services_of(app)
    whole, _ = ask(services_of(app), "二甲双胍的药物相互作用和禁忌")
    events = services.chat.ask(ChatRequest("二甲双胍的药物相互作用和禁忌"))
    for event in events:
        if isinstance(event, Piece) and "[1]" in event.text:
            break
    events.close()

    (row,) = services.conversations.list().items
    answer = services.conversations.get(row.id).messages[1]
    assert answer.stopped
    assert not answer.unchecked
    assert whole.answer.text.startswith(answer.text)
    assert [one["number"] for one in answer.answer["citations"]] == [1]


def test_leaving_before_anything_was_shown_keeps_the_question_for_follow_ups(open_app, services_of, ask):
    services = services_of(open_app())
    events = services.chat.ask(ChatRequest("二甲双胍怎么吃？"))
    next(events)
    events.close()

    (row,) = services.conversations.list().items
    done, _ = ask(services, "那孕妇呢？", conversation_id=row.id)
    assert "孕妇不宜使用" in done.answer.text


def test_a_silent_model_can_be_left(open_app, services_of):
    """A reader is not held by a model that has not begun to write."""
    from kbchat.generation.background import BackgroundText

    gone = threading.Event()

    class Silent:
        name = "silent"

        def stream(self, _request):
            def write(sink):
                if sink.stopped.wait(60):
                    gone.set()

            return BackgroundText(write, silence=90, total=90, name="silent")

    services = services_of(open_app(Silent(), strict=False))
    events = services.chat.ask(ChatRequest(DOSE))
    waiting = 0
    for event in events:
        waiting += isinstance(event, Progress) and event.step is Step.WRITING
        if waiting == 2:
            break
    events.close()

    assert gone.wait(60)


def test_a_busy_model_is_told_and_the_documents_speak_instead(open_app, services_of, ask, busy):
    done, _ = ask(services_of(open_app(Scripted(error=busy))), DOSE)

    assert done.answer.outcome is Outcome.ANSWERED
    assert "模型正忙" in done.answer.fallback
    assert done.answer.citations


def test_an_assistant_that_needs_the_model_fails_with_the_reason_and_is_counted(open_app, services_of, busy):
    app = open_app(Scripted(error=busy))
    services = services_of(app)
    before = app.store.add_question  # rows are counted below
    rows = []
    app.store.add_question = lambda row: rows.append(row) or before(row)  # type: ignore[method-assign]
    with pytest.raises(GeneratorBusyError):
        list(services.chat.ask(ChatRequest("我咳嗽三天了", assistant="consultation")))

    assert [row.outcome for row in rows] == ["failed"]
    assert services.conversations.list().total == 0


def test_asking_again_and_editing_take_the_place_of_the_last_question(app, services_of, ask):
    services = services_of(app)
    first, _ = ask(services, "二甲双胍怎么吃？")
    number = first.conversation_id
    ask(services, "禁忌是什么？", conversation_id=number)

    *_, again = services.chat.ask(ChatRequest("", conversation_id=number, regenerate=True))
    texts = [one.text for one in services.conversations.get(number).messages]
    assert texts[0] == "二甲双胍怎么吃？"
    assert texts[2:] == ["禁忌是什么？", again.answer.text]

    *_, edited = services.chat.ask(ChatRequest("孕妇能用吗？", conversation_id=number, regenerate=True))
    messages = services.conversations.get(number).messages
    assert [one.text for one in messages][2:] == ["孕妇能用吗？", edited.answer.text]
    assert "二甲双胍" in edited.standalone
    assert messages[3].number == edited.message_number > again.message_number


def test_an_edited_first_question_gives_the_title(app, services_of, ask):
    services = services_of(app)
    first, _ = ask(services, "二甲双胍怎么吃？")
    number = first.conversation_id
    list(services.chat.ask(ChatRequest("二甲双胍的禁忌", conversation_id=number, regenerate=True)))
    assert services.conversations.get(first.conversation_id).about.title == "二甲双胍的禁忌"

    services.conversations.rename(first.conversation_id, "糖尿病")
    list(services.chat.ask(ChatRequest("二甲双胍怎么保存？", conversation_id=number, regenerate=True)))
    assert services.conversations.get(first.conversation_id).about.title == "糖尿病"


def test_an_answer_that_is_stopped_while_made_again_takes_the_old_ones_place(app, services_of, ask):
    services = services_of(app)
    first, _ = ask(services, "二甲双胍怎么吃？")
    events = services.chat.ask(ChatRequest("", conversation_id=first.conversation_id, regenerate=True))
    next(events)
    events.close()

    messages = services.conversations.get(first.conversation_id).messages
    assert [one.outcome for one in messages] == ["", "stopped"]


@pytest.mark.parametrize("conversation", [None, "empty"])
def test_nothing_can_be_asked_again_where_nothing_was_asked(app, services_of, conversation):
    services = services_of(app)
    number = None
    if conversation:
        number = app.store.create_conversation(services.principal.user, "x").id
    with pytest.raises(InvalidInputError):
        services.chat.ask(ChatRequest("", conversation_id=number, regenerate=True))


def test_nobody_goes_on_with_anothers_conversation(app, services_of, ask):
    done, _ = ask(services_of(app), DOSE)
    other = services_of(app)

    for touch in (
        lambda: other.chat.ask(ChatRequest("那孕妇呢", conversation_id=done.conversation_id)),
        lambda: other.chat.ask(ChatRequest("", conversation_id=done.conversation_id, regenerate=True)),
        lambda: other.conversations.get(done.conversation_id),
        lambda: other.conversations.export(done.conversation_id, "md"),
        lambda: other.conversations.delete(done.conversation_id),
        lambda: other.feedback.give(done.conversation_id, done.message_number, "up"),
    ):
        with pytest.raises(NotFoundError):
            touch()


def test_what_cannot_be_asked_is_told_at_once(app, services_of):
    services = services_of(app)
    limited = services_of(app, bases=frozenset({"other"}))

    with pytest.raises(InvalidInputError):
        services.chat.ask(ChatRequest("  "))
    with pytest.raises(NotFoundError):
        services.chat.ask(ChatRequest(DOSE, bases=("nowhere",)))
    with pytest.raises(NotFoundError):
        services.chat.ask(ChatRequest(DOSE, assistant="nobody"))
    with pytest.raises(NotFoundError):
        limited.chat.ask(ChatRequest(DOSE, bases=("default",)))
    with pytest.raises(NotFoundError):
        limited.chat.ask(ChatRequest(DOSE))
    with pytest.raises(ForbiddenError):
        services.chat.ask(ChatRequest(DOSE, trial=built_in_assistants()[0]))


def test_an_assistant_can_be_tried_before_it_is_kept(app, services_of, ask):
    services = services_of(app, Role.ADMIN)
    trial = replace(built_in_assistants()[0], id="new", name=Bilingual("New", "新"), audience="clinician")
    done, _ = ask(services, DOSE, trial=trial)

    assert done.answer.footer == ""
    assert done.conversation_id is None


def test_identifiers_are_masked_in_what_is_kept_and_counted(app, services_of, ask):
    services = services_of(app, Role.ADMIN)
    done, _ = ask(services, "我叫李晓梅，电话13812345678，华法林钠片怎么吃？")

    kept = services.conversations.get(done.conversation_id)
    said = repr(kept) + repr(app.store.asked_questions(kept.about.created_at.replace(year=2000)))
    assert "13812345678" not in said
    assert "李晓梅" not in said


@pytest.mark.parametrize(("keep", "save"), [(True, False), (False, True)])
def test_what_is_not_to_be_kept_leaves_no_words(open_app, services_of, ask, keep, save):
    app = open_app(keep_conversations=keep)
    services = services_of(app)
    rows = []
    before = app.store.add_question
    app.store.add_question = lambda row: rows.append(row) or before(row)  # type: ignore[method-assign]
    done, _ = ask(services, DOSE, save=save)

    assert (done.conversation_id, done.message_number) == (None, None)
    assert services.conversations.list().total == 0
    (row,) = rows
    assert (row.question, row.outcome) == ("", "answered")
    assert row.documents
    assert row.seconds >= row.first_seconds > 0


def test_every_question_is_in_the_audit_with_what_was_cited(app, services_of, ask):
    services = services_of(app, Role.ADMIN)
    done, _ = ask(services, DOSE)
    entry = app.store.audit_entries(after=0, limit=1000)[-1]

    assert entry.action == "ask"
    assert entry.outcome == "answered"
    assert set(entry.revisions) == {one.revision_id for one in done.answer.citations}
    assert DOSE not in repr(entry)


def test_pieces_make_the_text_and_tear_no_marker():
    text = "**标题** (2020) · 用法\n- 一次0.25g，一日2次。 [1]\n" + "word " * 60 + "[12]\n\n" + "字" * 300 + " [3]"
    pieces = list(pieces_of(text))

    assert "".join(pieces) == text
    assert all(piece.count("[") == piece.count("]") for piece in pieces)
    assert len(pieces) > 5
    assert list(pieces_of("")) == []


def test_answerers_are_made_once_until_documents_change(app):
    assert app.answerer() is app.answerer()
    assert app.answerer(("default",), built_in_assistants()[0]) is not app.answerer()


def test_sixteen_threads_ask_at_once(open_app, services_of, ask):
    """Different people, one app that nothing has been asked of yet: no error, each with the right answer."""
    app = open_app()
    questions = {
        "华法林钠片怎么吃？": "2.5-5mg",
        "二甲双胍最多一日多少？": "2g",
        "二甲双胍的药物相互作用": "格列本脲",
        "华法林钠片的禁忌": "严重肝肾功能损害",
    }
    wrong: list[str] = []
    start = threading.Barrier(16)

    def run(number: int) -> None:
        services = services_of(app, user=f"thread{number}")
        start.wait()
        try:
            for turn in range(4):
                question, expected = list(questions.items())[(number + turn) % 4]
                done, _ = ask(services, question)
                if expected not in done.answer.text:
                    wrong.append(f"{question}: {done.answer.text}")
            if services.conversations.list().total != 4:
                wrong.append("conversations lost")
        except Exception as error:  # noqa: BLE001 - every kind counts
            wrong.append(repr(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert wrong == []


def test_a_done_event_is_always_last(app, services_of):
    events = list(services_of(app).chat.ask(ChatRequest("你好")))

    assert isinstance(events[-1], Done)
    assert events[-1].answer.outcome is Outcome.OUT_OF_SCOPE
    assert sum(isinstance(event, Done) for event in events) == 1
