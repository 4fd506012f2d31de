"""The learned half of the section asked: its files, its answers, and what it leaves to the rules."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest

from kbchat.answering.followups import resolve
from kbchat.answering.mentions import mentions_in
from kbchat.answering.misspelt import misspelt_drugs
from kbchat.answering.section_asked import section_asked
from kbchat.answering.section_classifier import MANIFEST, WEIGHTS, load_section_classifier, section_classifier
from kbchat.answering.section_features import masked, section_features
from kbchat.errors import ConfigurationError
from kbchat.types import SectionKind, Turn


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("会不会让人老想上厕所", SectionKind.ADVERSE_REACTIONS),
        ("有没有猪源的成分", SectionKind.COMPOSITION),
        ("吃下去几个钟头能起作用", SectionKind.PHARMACOLOGY),
        ("what's the active stuff inside it", SectionKind.COMPOSITION),
        ("how fast does it start working", SectionKind.PHARMACOLOGY),
        ("who is not allowed to have it", SectionKind.CONTRAINDICATIONS),
        ("那某某呢", None),
    ],
)
def test_sections_in_wording_that_no_rule_was_written_for(question: str, section: SectionKind | None) -> None:
    assert section_asked(question.replace("某某", "厄贝沙坦"), has_drug=True) is section


def test_cross_validation_beats_the_rules() -> None:
    manifest = json.loads(resources.files("kbchat.medical").joinpath("data", MANIFEST).read_text("utf-8"))
    figures = manifest["cross_validation"]
    assert figures["accuracy"] >= figures["rules_alone"] + 0.15


def test_names_do_not_change_the_guess() -> None:
    guesses = {
        section_classifier().guess(text, mentions_in(text, ()), by_rules=None, has_drug=True)
        for text in ("那厄贝沙坦呢", "那华法林呢")
    }
    assert len(guesses) == 1
    assert masked("华法林能治房颤吗", mentions_in("华法林能治房颤吗", ())) == "X能治Y吗"


@pytest.mark.parametrize("text", ["", "？", "😀", "a" * 5000, "药" * 5000])
def test_any_text_has_features(text: str) -> None:
    assert section_features(text, (), by_rules=None, has_drug=False)
    section_classifier().guess(text, (), by_rules=None, has_drug=False)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    data = Path(str(resources.files("kbchat.medical").joinpath("data")))
    for name in (WEIGHTS, MANIFEST):
        shutil.copy(data / name, tmp_path / name)
    content = bytearray((tmp_path / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (tmp_path / WEIGHTS).write_bytes(bytes(content))
    with pytest.raises(ConfigurationError, match="SHA-256"):
        load_section_classifier(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(ConfigurationError):
        load_section_classifier(tmp_path)


@pytest.mark.parametrize("text", ["can i take metfromin", "is levothyroxin safe", "阿托伐他丁怎么吃"])
def test_a_name_with_one_slip_is_a_drug(text: str) -> None:
    assert [mention.drug for mention in mentions_in(text, ())] == [True]


@pytest.mark.parametrize("text", ["what is a positive attitude", "please explain everything", "今天天气怎么样啊"])
def test_plain_words_are_no_misspelt_drugs(text: str) -> None:
    assert misspelt_drugs(text) == []


@pytest.mark.parametrize(
    ("earlier", "question", "entities"),
    [
        (("奥美拉唑和法莫替丁哪个好",), "后者一天吃几次", {"法莫替丁"}),
        (("厄贝沙坦怎么吃", "氨氯地平会水肿吗"), "前面那个药孕妇能用吗", {"厄贝沙坦"}),
        (("Is warfarin or apixaban safer?",), "what is the dose of the second one", {"apixaban"}),
        (("阿莫西林治什么",), "我对青霉素过敏能吃吗", {"阿莫西林", "青霉素"}),
        (("Can I take aspirin with ibuprofen?",), "what about naproxen", {"aspirin", "naproxen"}),
    ],
)
def test_earlier_drugs_allergies_and_other_partners(
    earlier: tuple[str, ...], question: str, entities: set[str]
) -> None:
    turns = [turn for text in earlier for turn in (Turn("user", text), Turn("assistant", "…"))]
    assert set(resolve(turns, question).entities) == entities
