"""What a question takes from the turns before it: certain wording, the learned half, and the files of its weights."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from kbchat.answering.carry_features import BUCKETS, asked_turn, carry_features
from kbchat.answering.carry_over import (
    MANIFEST,
    WEIGHTS,
    CarriedOver,
    CarryModel,
    candidates,
    carried_over,
    carry_model,
    load_carry_model,
)
from kbchat.answering.earlier_names import earlier_names, is_kin, named_turn
from kbchat.answering.followup_cues import allergens, is_partner, is_put_aside, pointed_back
from kbchat.errors import ConfigurationError

_KEEPS_NOTHING = CarryModel(np.zeros(BUCKETS, dtype=np.float32), -5.0)
_KEEPS_ALL = CarryModel(np.zeros(BUCKETS, dtype=np.float32), 5.0)


def _after(*turns: str, model: CarryModel | None = None) -> CarriedOver:
    *before, question = map(named_turn, turns)
    return carried_over(question, before, model=model)


@pytest.mark.parametrize(
    ("turns", "kept"),
    [
        (("缬沙坦什么时候吃", "我爷爷九十了，有什么要格外小心的"), {"缬沙坦"}),
        (("来氟米特治什么", "在喂奶能不能吃"), {"来氟米特"}),
        (("孟鲁司特晚上吃吗", "做噩梦是它弄的么"), {"孟鲁司特"}),
        (("What is febuxostat for?", "can I still drive"), {"febuxostat"}),
        (("同事被针扎了，病人有艾滋病", "那药要吃几天"), {"艾滋病"}),
    ],
)
def test_a_question_without_an_object_keeps_what_was_talked_about(turns: tuple[str, ...], kept: set[str]) -> None:
    assert kept <= {name.text for name in _after(*turns).kept}


@pytest.mark.parametrize(
    ("turns", "kept", "exchanged"),
    [
        (("替米沙坦会咳嗽吗", "那培哚普利呢"), set(), "替米沙坦"),
        (("托吡酯孕妇能用吗", "拉莫三嗪呢", "左乙拉西坦呢"), set(), "拉莫三嗪"),
        (
            ("多替拉韦跟二甲双胍能一起吃吗", "拉替拉韦有没有这个问题"),
            {"二甲双胍"},
            "多替拉韦",
        ),
        (("Can I take aspirin with ibuprofen?", "what about naproxen"), {"aspirin"}, "ibuprofen"),
    ],
)
def test_another_drug_takes_the_place_of_its_kind(turns: tuple[str, ...], kept: set[str], exchanged: str) -> None:
    found = _after(*turns)
    assert found.exchanged == exchanged
    assert set(found.medicines) == kept


@pytest.mark.parametrize(
    "turns",
    [
        ("厄贝沙坦早上吃吗", "和氯化钾一起用行吗"),
        ("卡马西平治什么", "跟左炔诺孕酮能一块儿吃吗"),
        ("Is clarithromycin for chest infections?", "can I take it with simvastatin?"),
    ],
)
def test_a_partner_joins(turns: tuple[str, ...]) -> None:
    found = _after(*turns, model=_KEEPS_NOTHING)
    assert found.joined
    assert len(found.medicines) == 1


@pytest.mark.parametrize(
    "turns",
    [
        ("螺内酯一天几次", "换一床：6岁，28kg，阿莫西林怎么算量"),
        ("螺内酯一天几次", "跳个话题，脂肪肝靠什么确诊"),
        ("Is metformin safe?", "different question: how are specimens packed?"),
    ],
)
def test_an_announced_subject_leaves_everything(turns: tuple[str, ...]) -> None:
    found = _after(*turns, model=_KEEPS_ALL)
    assert found.left
    assert found.kept == ()


def test_a_bare_name_takes_over_the_whole_question() -> None:
    found = _after("达比加群合并房颤要注意什么", "艾多沙班呢", model=_KEEPS_NOTHING)
    assert found.own == ("艾多沙班",)
    assert [name.text for name in found.kept] == ["房颤"]


def test_a_drug_somebody_takes_is_joined_by_one_asked_about() -> None:
    found = _after("my wife takes lithium", "is diclofenac ok for her?", model=_KEEPS_NOTHING)
    assert found.joined
    assert found.medicines == ("lithium",)


def test_what_came_after_a_drug_pointed_back_to_is_left() -> None:
    found = _after("替米沙坦怎么吃", "非洛地平会头痛吗", "前面那个药老人能用吗", model=_KEEPS_ALL)
    assert [name.text for name in found.kept] == ["替米沙坦"]


def test_a_name_taken_back_is_neither_own_nor_kept() -> None:
    found = _after("Is ramipril safe when trying for a baby?", "sorry, I meant Karvea, not ramipril", model=_KEEPS_ALL)
    assert found.own == ("Karvea",)
    assert found.medicines == ()


def test_the_model_decides_where_wording_does_not() -> None:
    turns = ("阿托伐他汀怎么吃", "血压高平时注意什么")
    assert _after(*turns, model=_KEEPS_ALL).medicines == ("阿托伐他汀",)
    assert _after(*turns, model=_KEEPS_NOTHING).left


def test_an_older_drug_is_no_candidate_once_another_came() -> None:
    names = {name.text: name for name in earlier_names([named_turn("缬沙坦怎么吃"), named_turn("比索洛尔呢")])}
    assert not names["缬沙坦"].latest
    assert names["比索洛尔"].latest
    joined = {
        name.text: name for name in earlier_names([named_turn("缬沙坦怎么吃"), named_turn("和比索洛尔一起吃行吗")])
    }
    assert joined["缬沙坦"].latest
    assert joined["比索洛尔"].partner


def test_own_names_are_no_candidates() -> None:
    assert candidates(named_turn("他克莫司要查浓度吗"), [named_turn("他克莫司怎么吃")]) == ()


def test_cues_about_one_name() -> None:
    assert is_partner("能跟华法林一起吃吗", "华法林")
    assert not is_partner("达格列净也得跟饭一起吃吗", "达格列净")
    assert not is_partner("same with doxycycline?", "doxycycline")
    assert is_put_aside("不是卡托普利，是依那普利", "卡托普利")
    assert not is_put_aside("是不是卡托普利引起的", "卡托普利")
    assert allergens("我对青霉素过敏，能吃阿莫西林吗", ["青霉素", "阿莫西林"]) == {"青霉素"}
    assert pointed_back("后者一天几次", ["甲药", "乙药"], ["甲药", "乙药"]) == "乙药"
    assert pointed_back("第二个月还要吃吗", ["甲药", "乙药"], ["甲药", "乙药"]) is None


def test_kin_by_ending_and_by_heading() -> None:
    assert is_kin("普伐他汀", ["阿托伐他汀"])
    assert is_kin("ibuprofen", ["naproxen"])
    assert not is_kin("warfarin", ["metformin"])


def test_features_do_not_depend_on_which_drug_it_is() -> None:
    read = []
    for drug in ("厄贝沙坦", "度洛西汀"):
        question, before = named_turn("孕妇能用吗"), [named_turn(f"{drug}一天几次")]
        earlier = earlier_names(before)
        read.append(carry_features(earlier[0], asked_turn(question, before), earlier))
    assert read[0] == read[1]
    assert all(0 <= bucket < BUCKETS for bucket in read[0])


@pytest.mark.parametrize("text", ["", "？", "😀", "a" * 5000])
def test_any_question_can_be_read(text: str) -> None:
    _after("缬沙坦怎么吃", text)


def _copied(folder: Path) -> Path:
    for name in (WEIGHTS, MANIFEST):
        with resources.as_file(resources.files("kbchat.medical").joinpath("data", name)) as path:
            shutil.copy(path, folder / name)
    return folder


def test_the_shipped_weights_are_those_of_the_features() -> None:
    assert carry_model().weights.shape == (BUCKETS,)
    assert carry_model() is carry_model()


def test_damaged_weights_are_told(tmp_path: Path) -> None:
    folder = _copied(tmp_path)
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-1] + b"x")
    with pytest.raises(ConfigurationError, match="SHA-256"):
        load_carry_model(folder)


def test_weights_of_other_features_are_told(tmp_path: Path) -> None:
    folder = _copied(tmp_path)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    (folder / MANIFEST).write_text(json.dumps(manifest | {"features": "0-0"}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"train_followups\.py"):
        load_carry_model(folder)


def test_what_was_taken_along_is_left_when_something_else_is_asked_of_another_drug() -> None:
    taken = _after("阿司匹林肠溶片怎么吃", "和华法林一起吃行吗", "换成二甲双胍呢，孕妇能用吗")
    assert taken.medicines == ()
