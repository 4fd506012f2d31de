"""``kbchat chat``: questions one after the other, follow-ups understood from what came before."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.assistants.assistant import Assistant
from kbchat.cli.kept_conversation import local_user
from kbchat.cli.rendering import print_answer, print_passages
from kbchat.errors import GeneratorError, InvalidInputError
from kbchat.messages import Bilingual, Language
from kbchat.services import Services
from kbchat.services.chat import ChatRequest, Done
from kbchat.services.keeping import turns_of
from kbchat.store import StoredConversation
from kbchat.types import Answer, Turn

_LEAVE = frozenset({"/quit", "/exit", "/q", "quit", "exit", "退出"})
_WELCOME = Bilingual(
    "Ask in Chinese or English. /sources shows the passages of the last answer, /new forgets the conversation, /quit leaves.",
    "请用中文或英文提问。/sources 查看上一个回答的原文，/new 开始新对话，/quit 退出。",
)
_FORGOTTEN = Bilingual("A new conversation.", "已开始新对话。")
_NOTHING_YET = Bilingual("There is no answer yet.", "还没有回答。")
_UNKNOWN = Bilingual(
    "There is no command {name}: /sources, /new or /quit.", "没有命令 {name}：可用 /sources、/new、/quit。"
)
_UNDERSTOOD = Bilingual("Understood as: {text}", "理解为：{text}")
_TURNS_KEPT = 20
_TURNS_SHOWN = 4


@dataclass(slots=True)
class Conversation:
    """The turns of one conversation and its last answer; ``id`` is its number in the store, where it is kept there."""

    bases: tuple[str, ...]
    assistant: str = ""
    turns: list[Turn] = field(default_factory=list)
    last: Answer | None = None
    id: int | None = None

    def add(self, question: str, done: Done) -> None:
        """Remember a question and its answer."""
        self.turns += [Turn("user", question), Turn("assistant", done.answer.text)]
        del self.turns[:-_TURNS_KEPT]
        self.last = done.answer
        self.id = done.conversation_id

    def forget(self) -> None:
        """Begin anew."""
        self.turns.clear()
        self.last = None
        self.id = None


@dataclass(frozen=True, slots=True)
class Screen:
    """Where and in which language to write; ``answers`` None means each answer's own language."""

    console: Console
    language: Language
    answers: Language | None
    sources: bool = True


def run_chat(
    app: App,
    base_names: Sequence[str],
    *,
    assistant: Assistant | None = None,
    kept: StoredConversation | None = None,
    language: Language | None = None,
    lines: Iterator[str] | None = None,
    console: Console | None = None,
) -> None:
    """Read questions until the input ends or /quit; ``lines`` replaces the keyboard (for scripts and tests).

    ``kept`` is an earlier conversation to go on with. A question that cannot be used is told and the conversation goes on,
    as it does when a model fails that a mode cannot do without. Raises what opening the bases raises.
    """
    shown = console or Console(highlight=False)
    spoken = language or app.settings.language
    app.answerer(base_names, assistant)  # a wrong --kb is told before the first question
    services = Services(app, local_principal(local_user()), channel="cli")
    turns = turns_of(app.store.messages(local_user(), kept.id), spoken)[-_TURNS_KEPT:] if kept else []
    conversation = Conversation(
        tuple(base_names), assistant.id if assistant else "", turns, id=kept.id if kept else None
    )
    screen = Screen(shown, spoken, language, assistant is None or assistant.show_sources)
    shown.print(_WELCOME.in_language(spoken), style="dim", markup=False)
    _show_earlier(conversation.turns, shown)
    for line in lines if lines is not None else _keyboard():
        text = line.strip()
        if text.lower() in _LEAVE:
            return
        if text.startswith("/"):
            _command(text, conversation, shown, spoken)
        elif text:
            try:
                _ask(services, text, conversation, screen)
            except (InvalidInputError, GeneratorError) as error:
                shown.print(error.in_language(spoken), style="yellow", markup=False)


def _command(text: str, conversation: Conversation, console: Console, language: Language) -> None:
    if text == "/new":
        conversation.forget()
        console.print(_FORGOTTEN.in_language(language), style="dim")
    elif text == "/sources" and conversation.last is not None:
        print_passages(conversation.last.passages, console, language)
    elif text == "/sources":
        console.print(_NOTHING_YET.in_language(language), style="dim")
    else:
        console.print(
            _UNKNOWN.in_language(language).format(name=text.split(maxsplit=1)[0]), style="yellow", markup=False
        )


def _show_earlier(turns: Sequence[Turn], console: Console) -> None:
    for turn in turns[-_TURNS_SHOWN:]:
        console.print(f"> {turn.content}" if turn.role == "user" else turn.content, style="dim", markup=False)


def _ask(services: Services, question: str, conversation: Conversation, screen: Screen) -> None:
    request = ChatRequest(
        question,
        conversation.bases,
        conversation.assistant,
        conversation.id,
        screen.answers,
        history=tuple(conversation.turns),
    )
    for event in services.chat.ask(request):
        if isinstance(event, Done):
            _show(question, event, screen)
            conversation.add(question, event)


def _show(question: str, done: Done, screen: Screen) -> None:
    if done.standalone != question:
        understood = _UNDERSTOOD.in_language(screen.language).format(text=done.standalone)
        screen.console.print(understood, style="dim", markup=False)
    print_answer(done.answer, screen.console, screen.language, sources=screen.sources)


def _keyboard() -> Iterator[str]:
    """Lines typed by a person, with editing where the terminal has it; the history stays in memory, as questions may hold personal data."""
    with contextlib.suppress(ImportError):  # absent on some platforms; input() works without it
        import readline  # noqa: PLC0415

        readline.set_history_length(500)
    while True:
        try:
            yield input("> ")
        except EOFError:
            return
