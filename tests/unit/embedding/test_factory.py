"""Choosing an embedder, and refusing the wrong one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kbchat.embedding.factory import check_embedder, embedder_from_spec
from kbchat.embedding.static import StaticEmbedder
from kbchat.embedding.vectors import embeddable, file_mark, unit_rows
from kbchat.errors import ConfigurationError, EmbedderError, EmbedderMismatchError
from kbchat.testing import HashEmbedder


def _save_static(folder: Path, seed: int = 0) -> Path:
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "dose": 1, "剂量": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    rows = np.random.default_rng(seed).standard_normal((3, 8)).astype(np.float32)
    StaticModel(rows, tokenizer).save_pretrained(folder)
    return folder


def test_none_means_words_alone() -> None:
    assert embedder_from_spec("none") is None


@pytest.mark.parametrize(
    "spec", ["", "static:", "sentence-transformers:", "openai:x", "none:x", "default:x", "/a/path"]
)
def test_what_names_no_embedder(spec: str) -> None:
    with pytest.raises(ConfigurationError, match="static:PATH"):
        embedder_from_spec(spec)


def test_static_by_path(tmp_path: Path) -> None:
    folder = _save_static(tmp_path / "医学 model")
    embedder = embedder_from_spec(f"static:{folder}")
    assert embedder is not None
    assert embedder.dimension == 8
    assert embedder.name.startswith("static:医学 model@")
    assert embedder.embed_query("剂量").any()


def test_names_tell_contents_apart(tmp_path: Path) -> None:
    one = StaticEmbedder(_save_static(tmp_path / "a" / "model", 0))
    other = StaticEmbedder(_save_static(tmp_path / "b" / "model", 1))
    same = StaticEmbedder(_save_static(tmp_path / "c" / "model", 0))
    assert one.name == same.name != other.name
    assert StaticEmbedder(tmp_path / "a" / "model", "static:named-1").name == "static:named-1"


def test_missing_and_broken_static_models(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="no such folder"):
        embedder_from_spec(f"static:{tmp_path / 'missing'}")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmbedderError, match="model2vec"):
        embedder_from_spec(f"static:{tmp_path / 'empty'}")
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        folder = _save_static(tmp_path / f"broken {name}")
        (folder / name).write_bytes(b"\x00\x01 not what it was")
        with pytest.raises(EmbedderError) as caught:
            embedder_from_spec(f"static:{folder}")
        assert str(folder) in caught.value.user_message.zh


def test_missing_sentence_transformers_model_without_network(tmp_path: Path) -> None:
    """Nothing is asked of the network: with every connection forbidden the error is the same."""
    pytest.importorskip("sentence_transformers")
    code = """
import socket, sys
def refuse(*args, **kwargs):
    sys.exit("a connection was tried")
socket.socket.connect = socket.create_connection = refuse
from kbchat.embedding.factory import embedder_from_spec
from kbchat.errors import EmbedderError
for place in (sys.argv[1], "no-such-owner/no-such-model"):
    try:
        embedder_from_spec("sentence-transformers:" + place)
    except EmbedderError as error:
        print(error.remedy.en)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("allow_download") == 2


def test_static_models_need_no_torch(tmp_path: Path) -> None:
    folder = _save_static(tmp_path / "model")
    code = (
        "import sys; from kbchat.embedding.factory import embedder_from_spec; "
        "embedder_from_spec('static:' + sys.argv[1]).embed_query('dose'); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'sentence_transformers')))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == 0


def test_the_right_embedder_passes() -> None:
    check_embedder("default", "hash:8", HashEmbedder(8))
    check_embedder("default", "", None)


@pytest.mark.parametrize(
    ("recorded", "embedder"), [("hash:8", HashEmbedder(9)), ("hash:8", None), ("", HashEmbedder(8))]
)
def test_another_embedder_is_refused_with_the_command(recorded: str, embedder: HashEmbedder | None) -> None:
    with pytest.raises(EmbedderMismatchError) as caught:
        check_embedder("pharmacy", recorded, embedder)
    for text in (caught.value.remedy.en, caught.value.remedy.zh):
        assert "kbchat reindex --kb pharmacy --re-embed" in text


def test_unit_rows() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0], [np.nan, 1], [np.inf, 1], [1e-20, 0]], np.float32))
    assert rows.dtype == np.float32
    assert np.allclose(rows, [[0.6, 0.8], [0, 0], [0, 0], [0, 0], [0, 0]])
    large = unit_rows(np.full((1, 4), 60_000, np.float16))
    assert np.allclose(large, 0.5)


def test_embeddable() -> None:
    assert embeddable("a\x00b\ud800") == "a b\ufffd"
    assert len(embeddable("长" * 100_000)) == 20_000


def test_file_mark(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(bytes(5 << 20))
    first = file_mark(path)
    with path.open("r+b") as stream:
        stream.seek(-10, 2)
        stream.write(b"x")
    assert file_mark(path) != first
