from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest

from kbchat.errors import ConfigurationError
from kbchat.medical.phi import find_identifiers
from kbchat.medical.phi_name_features import candidates, tokens_of
from kbchat.medical.phi_name_model import MANIFEST, WEIGHTS, load_name_model, name_model
from kbchat.medical.phi_tables import IdentifierSpan

DATA = Path(str(resources.files("kbchat.medical").joinpath("data")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (WEIGHTS, MANIFEST):
        shutil.copy(DATA / name, tmp_path / name)
    return tmp_path


def test_an_identifier_found_is_one_token() -> None:
    tokens = tokens_of("苗青，手机13900005566 Bed", [IdentifierSpan(5, 16, "PHONE")])
    assert [token.symbol for token in tokens] == ["苗", "青", "，", "手", "机", "<PHONE>", "bed"]


def test_candidates_leave_out_medicines_titles_and_lower_case() -> None:
    text = "金水宝胶囊，李医生，anna"
    assert [text[c.start : c.end] for c in candidates(text, [], [(0, 5)])] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("麻烦查一下师旷野的甲功", "师旷野"),
        ("我太太佐藤美咲对头孢过敏", "佐藤美咲"),
        ("Question for Hope Winterbourne: can she crush the tablets?", "Hope Winterbourne"),
        ("Signed, Tomasz Kowalski", "Tomasz Kowalski"),
    ],
)
def test_names_that_no_pattern_foresaw(text: str, name: str) -> None:
    assert [text[span.start : span.end] for span in find_identifiers(text) if span.type == "NAME"] == [name]


@pytest.mark.parametrize(
    "text", ["石斛，黄芪，党参各10g", "Hope this helps, what about Iron?", "李医生，您好", "张仲景的方子"]
)
def test_words_that_look_like_names(text: str) -> None:
    assert find_identifiers(text) == ()


def test_a_long_message_is_read_up_to_a_limit() -> None:
    assert name_model().names("好" * 5000 + "，我是师旷野，", []) == ()


def test_weights_that_were_changed_are_refused(folder: Path) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (folder / WEIGHTS).write_bytes(content)
    with pytest.raises(ConfigurationError, match="SHA-256"):
        load_name_model(folder)


def test_weights_of_other_features_are_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    (folder / MANIFEST).write_text(json.dumps(manifest | {"features": "0"}), "utf-8")
    with pytest.raises(ConfigurationError, match="features"):
        load_name_model(folder)


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        load_name_model(tmp_path)
