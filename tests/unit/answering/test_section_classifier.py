"""The section asked, as it was learned: its files, its answers, and what it takes from the turn before."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest

from kbchat.answering.followups import resolve
from kbchat.answering.mentions import mentions_in
from kbchat.answering.misspelt import misspelt_drugs
from kbchat.answering.section_asked import section_reading
from kbchat.answering.section_classifier import MANIFEST, SECTIONS, WEIGHTS, load_section_classifier
from kbchat.answering.section_features import masked, section_features
from kbchat.errors import ConfigurationError
from kbchat.types import SectionKind, Turn


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("会不会让人老想上厕所", SectionKind.ADVERSE_REACTIONS),
        ("吃完老是打嗝，是药的关系吗", SectionKind.ADVERSE_REACTIONS),
        ("有没有猪源的成分", SectionKind.COMPOSITION),
        ("what's the active stuff inside it", SectionKind.COMPOSITION),
        ("吃下去几个钟头能起作用", SectionKind.PHARMACOLOGY),
        ("它凭什么能止咳", SectionKind.PHARMACOLOGY),
        ("who is not allowed to have it", SectionKind.CONTRAINDICATIONS),
        ("得过胃穿孔的人吃得不", SectionKind.CONTRAINDICATIONS),
        ("一天喷几回，一回几喷", SectionKind.DOSAGE),
        ("I forgot this morning's tablet, what now", SectionKind.DOSAGE),
        ("用药前要抽血查什么", SectionKind.WARNINGS),
        ("can I drive a van on it", SectionKind.WARNINGS),
        ("跟中药一道吃要紧不", SectionKind.INTERACTIONS),
        ("can I have it with a pint of beer", SectionKind.INTERACTIONS),
        ("我媳妇怀上了还能用吗", SectionKind.PREGNANCY),
        ("is it ok while nursing", SectionKind.PREGNANCY),
        ("三岁的伢能喝不", SectionKind.PEDIATRIC),
        ("may my six year old have it", SectionKind.PEDIATRIC),
        ("我外婆九十了，量要减吗", SectionKind.GERIATRIC),
        ("她一口气吞了半瓶，怎么办", SectionKind.OVERDOSE),
        ("he swallowed the whole strip by mistake", SectionKind.OVERDOSE),
        ("开了盖能搁几天", SectionKind.STORAGE),
        ("does it need the fridge", SectionKind.STORAGE),
        ("这是管什么病的", SectionKind.INDICATIONS),
        ("糖尿病人的餐后血糖要控制到多少", SectionKind.OTHER),
        ("how long must a covid patient isolate", SectionKind.OTHER),
    ],
)
def test_sections_in_many_wordings(question: str, section: SectionKind) -> None:
    assert section_reading(question).section is section


@pytest.mark.parametrize(
    ("earlier", "question", "section", "by_itself"),
    [
        ("普伐他汀没吃完的放哪儿", "那非诺贝特呢", SectionKind.STORAGE, False),
        ("Does naproxen make you sleepy?", "and celecoxib?", SectionKind.ADVERSE_REACTIONS, False),
        ("缬沙坦孕妇能吃吗", "拉贝洛尔也不行？", SectionKind.PREGNANCY, False),
        ("缬沙坦孕妇能吃吗", "一天最多吃几片", SectionKind.DOSAGE, True),
        ("What is nebivolol for?", "how should I store it", SectionKind.STORAGE, True),
    ],
)
def test_the_section_of_the_turn_before_is_kept_where_the_wording_asks_for_none(
    earlier: str, question: str, section: SectionKind, by_itself: bool
) -> None:
    reading = section_reading(question, previous=section_reading(earlier))
    assert (reading.section, reading.by_itself) == (section, by_itself)
    assert sum(reading.shares) == pytest.approx(1.0)


def test_writers_left_out_are_read_right() -> None:
    manifest = json.loads(resources.files("kbchat.medical").joinpath("data", MANIFEST).read_text("utf-8"))
    assert manifest["left_out_by_writer"]["accuracy"] >= 0.75  # most writers were asked to be hard


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("禁忌呢", "contraindications"),
        ("那副作用呢？", "adverse_reactions"),
        ("好的，适应症有哪些", "indications"),
        ("side effects?", "adverse_reactions"),
    ],
)
def test_a_heading_alone_asks_for_its_section_whatever_was_asked_before(question: str, section: str) -> None:
    reading = section_reading(question, previous=section_reading("华法林怎么吃"))
    assert (reading.section, reading.by_itself) == (section, True)


def test_names_do_not_change_the_reading() -> None:
    assert len({section_reading(text) for text in ("那厄贝沙坦呢", "那华法林呢")}) == 1
    assert masked("华法林能治房颤吗", mentions_in("华法林能治房颤吗", ())) == "X能治Y吗"


@pytest.mark.parametrize("text", ["", "？", "😀", "a" * 5000, "药" * 5000])
def test_any_text_is_read(text: str) -> None:
    assert section_features(text, ())
    assert section_reading(text, ()).section in SECTIONS


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


@pytest.mark.parametrize(
    "text",
    ["what is a positive attitude", "please explain everything", "今天天气怎么样啊", "in moderate kidney impairment"],
)
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
