"""Assistants: the built-in ones, their TOML form, and the shelf that keeps them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.assistants.assistant import Assistant, Mode, RetrievalChoice, check_id
from kbchat.assistants.shelf import AssistantShelf, built_in_assistants
from kbchat.assistants.toml_format import assistant_from_toml, assistant_from_values, assistant_to_toml
from kbchat.errors import ConflictError, InvalidInputError, NotFoundError
from kbchat.messages import Bilingual


class Kept:
    """A repository in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Assistant] = {}

    def assistants(self):
        return list(self.rows.values())

    def save_assistant(self, assistant):
        self.rows[assistant.id] = assistant

    def delete_assistant(self, assistant_id):
        return self.rows.pop(assistant_id, None) is not None


WARD = Assistant(
    "ward-7",
    Bilingual("Ward seven", "七病区"),
    Bilingual("Questions of ward seven", "七病区的问题"),
    Bilingual("", '只说"是"或"否"。\n反斜杠 \\ 与 """ 也行。'),
    knowledge_bases=("ward7", "default"),
    generator="openai:qwen@http://10.0.0.5:8000/v1",
    audience="clinician",
    retrieval=RetrievalChoice(passages=3, dense_weight=0.25),
    temperature=0.0,
    strict=True,
)


def test_the_built_in_assistants():
    names = [(one.name.zh, one.mode.value, one.audience) for one in built_in_assistants()]

    assert names == [
        ("用药助手", "documents", "patient"),
        ("健康科普", "documents", "patient"),
        ("在线问诊", "conversation", "patient"),
        ("报告解读", "conversation", "patient"),
        ("医师考题", "conversation", "clinician"),
        ("病历结构化", "text", "clinician"),
        ("通用", "documents", "patient"),
    ]
    assert all(one.built_in and one.prompt.zh and one.prompt.en for one in built_in_assistants())


def test_the_consultation_asks_one_thing_and_never_prescribes():
    prompt = next(one for one in built_in_assistants() if one.id == "consultation").prompt

    for words in ("每次只能提一个问题", "检验、检查", "就诊科室", "可能的原因", "不得开处方"):
        assert words in prompt.zh
    for words in ("one question at a time", "department", "possible causes", "Never write a prescription"):
        assert words in prompt.en


def test_patients_get_strict_answers_unless_told_otherwise():
    assert built_in_assistants()[0].is_strict
    assert not replace(WARD, strict=None).is_strict
    assert WARD.is_strict


@pytest.mark.parametrize("assistant", [*built_in_assistants(), WARD], ids=lambda one: one.id)
def test_toml_there_and_back(assistant):
    assert assistant_from_toml(assistant_to_toml(assistant), built_in=assistant.built_in) == assistant


@given(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=80),
    st.booleans(),
    st.sampled_from(list(Mode)),
    st.one_of(st.none(), st.floats(0, 2)),
)
def test_any_prompt_survives_toml(text, sources, mode, temperature):
    prompt = text.replace("\r\n", "\n").replace("\r", "\n").strip()  # line breaks are TOML's
    made = replace(WARD, prompt=Bilingual(prompt, prompt), show_sources=sources, mode=mode, temperature=temperature)

    assert assistant_from_toml(assistant_to_toml(made)) == made


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": "Ward 7"}, "id"),
        ({"mode": "magic"}, "mode"),
        ({"audience": "everyone"}, "audience"),
        ({"temperature": 3}, "temperature"),
        ({"retrieval": {"passages": 0}}, "retrieval.passages"),
        ({"sources": True}, "sources"),
        ({"name": {"zh": "七病区"}}, "name.en"),
        ({"name": {"zh": "七\n病区", "en": "x"}}, "name.zh"),
        ({"prompt": {"zh": "长" * 6001}}, "prompt.zh"),
    ],
)
def test_mistakes_are_named(change, named):
    values = {"id": "a", "name": {"zh": "甲", "en": "A"}, "description": {"zh": "甲", "en": "A"}} | change

    with pytest.raises(InvalidInputError, match=named.replace(".", r"\.")):
        assistant_from_values(values)


def test_broken_toml_names_the_line():
    with pytest.raises(InvalidInputError, match="line 2"):
        assistant_from_toml('id = "a"\nname = ?\n')


def test_ids():
    assert check_id("ward-7") == "ward-7"
    for wrong in ("", "7ward", "Ward", "a b", "../a", "a" * 65):
        with pytest.raises(InvalidInputError):
            check_id(wrong)


def test_the_shelf_finds_by_id_and_by_name_in_both_languages():
    shelf = AssistantShelf(Kept())
    shelf.create(WARD)

    assert shelf.get("用药助手").id == shelf.get("medication").id == shelf.get(" MEDICATION ").id
    assert shelf.get("七病区") == WARD
    assert [one.id for one in shelf.all()][-1] == "ward-7"
    with pytest.raises(NotFoundError, match="medication"):
        shelf.get("nobody")


def test_built_in_assistants_can_be_changed_and_restored_but_not_deleted():
    shelf = AssistantShelf(Kept())
    original = shelf.get("medication")
    changed = shelf.edit(replace(original, audience="clinician"))

    assert not changed.built_in
    assert shelf.get("用药助手").audience == "clinician"
    assert len(shelf.all()) == len(built_in_assistants())
    shelf.delete("medication")
    assert shelf.get("medication") == original
    with pytest.raises(ConflictError, match="built in"):
        shelf.delete("用药助手")


def test_names_are_taken_once():
    shelf = AssistantShelf(Kept())
    shelf.create(WARD)

    for taken in (WARD, replace(WARD, id="other"), replace(WARD, id="other", name=Bilingual("Exam", "用药助手"))):
        with pytest.raises(ConflictError, match="already"):
            shelf.create(taken)
    with pytest.raises(NotFoundError):
        shelf.edit(replace(WARD, id="unknown"))
    shelf.delete("ward-7")
    with pytest.raises(NotFoundError):
        shelf.delete("ward-7")
