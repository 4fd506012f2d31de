"""What is remembered of one state of the documents: no longer than that, and not without bound."""

from __future__ import annotations

from kbchat.answering.remembered import Remembered


def test_is_worked_out_once_for_each_generation() -> None:
    asked: list[str] = []

    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    memory: Remembered[str, int] = Remembered(8)
    assert [memory.get(text, (1,), length) for text in ("a", "bb", "a", "bb")] == [1, 2, 1, 2]
    assert asked == ["a", "bb"]
    memory.get("a", (2,), length)
    memory.get("a", (1,), length)
    assert asked == ["a", "bb", "a", "a"]


def test_what_does_not_hold_is_remembered_too() -> None:
    asked: list[str] = []
    memory: Remembered[str, bool] = Remembered(8)

    def never(text: str) -> bool:
        asked.append(text)
        return False

    assert not memory.get("a", (1,), never)
    assert not memory.get("a", (1,), never)
    assert asked == ["a"]


def test_the_least_lately_used_goes_first() -> None:
    memory: Remembered[str, str] = Remembered(2)
    for key in ("a", "b", "a", "c"):
        memory.get(key, (1,), str.upper)
    assert memory.get("a", (1,), lambda _: "forgotten") == "A"
    assert memory.get("b", (1,), lambda _: "forgotten") == "forgotten"


def test_a_state_that_passed_meanwhile_is_not_taken_for_the_new_one() -> None:
    memory: Remembered[str, str] = Remembered(2)

    def slowly(_: str) -> str:
        memory.get("other", (2,), str.upper)  # the documents change while this is worked out
        return "old"

    assert memory.get("a", (1,), slowly) == "old"
    assert memory.get("a", (2,), lambda _: "new") == "new"
