"""The built-in embedding: its files, its vectors, what it refuses."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kbchat.embedding.builtin import FILES, BuiltinEmbedder, builtin_embedder, builtin_folder
from kbchat.embedding.protocol import Embedder
from kbchat.errors import EmbedderError

TEXTS = ["阿哌沙班的不良反应有哪些？", "Store below 25 °C in the original pack.", "收縮壓≥140mmHg", "拉肚子"]


def similarity(one: str, other: str) -> float:
    embedder = builtin_embedder()
    return float(embedder.embed_query(one) @ embedder.embed_query(other))


def test_is_an_embedder_with_a_versioned_name() -> None:
    embedder = builtin_embedder()
    assert isinstance(embedder, Embedder)
    assert embedder.name == "static:kbchat-zh-en-1"
    assert embedder.embed_documents(TEXTS).shape == (len(TEXTS), embedder.dimension)


def test_every_shipped_file_has_the_hash_of_the_manifest_and_the_model_is_small() -> None:
    folder = builtin_folder()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(FILES) < set(manifest["sha256"])
    for name, expected in manifest["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected, name
    assert sum((folder / name).stat().st_size for name in FILES) <= 12_000_000


def test_the_card_attributes_every_source_and_names_the_data() -> None:
    folder = builtin_folder()
    card = (folder / "README.md").read_text(encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for source in ("ChinaXiv", "CC BY 4.0", "MedQuAD", "Toyhom", "MIT", "Zhongjing", "MedicalGPT", "Apache-2.0"):
        assert source in card
    assert all(digest in card for digest in manifest["data_sha256"].values())
    assert manifest["command"] in card


def test_documents_and_questions_get_the_same_unit_vectors_whatever_the_batch() -> None:
    embedder = builtin_embedder()
    together = embedder.embed_documents(TEXTS)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for row, text in zip(together, TEXTS, strict=True):
        np.testing.assert_array_equal(row, embedder.embed_query(text))
        np.testing.assert_array_equal(row, embedder.embed_documents([text])[0])


def test_more_texts_than_a_batch_stay_in_order() -> None:
    embedder = builtin_embedder()
    texts = [f"{TEXTS[i % 4]} {i}" for i in range(600)]
    vectors = embedder.embed_documents(texts)
    for i in (0, 255, 256, 511, 512, 599):
        np.testing.assert_array_equal(vectors[i], embedder.embed_query(texts[i]))


@pytest.mark.parametrize("text", ["", "   \n\t", "😀🎉", "。，；…—", "\x00\x00"])
def test_a_text_without_known_tokens_gets_the_zero_vector(text: str) -> None:
    vector = builtin_embedder().embed_query(text)
    assert vector.shape == (256,)
    assert not vector.any()


@pytest.mark.parametrize(
    "text", ["高血压" * 200_000, "a\x00b高\x00血压", "\ud800 blood pressure", "㊙高血压", "ﷺ pain", "x"]
)
def test_odd_texts_get_finite_unit_vectors(text: str) -> None:
    vector = builtin_embedder().embed_query(text)
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_traditional_characters_and_case_make_no_difference() -> None:
    embedder = builtin_embedder()
    np.testing.assert_array_equal(embedder.embed_query("高血壓藥物"), embedder.embed_query("高血压药物"))
    np.testing.assert_array_equal(embedder.embed_query("HUMIRA"), embedder.embed_query("humira"))


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [
        ("拉肚子怎么办", "腹泻的处理", "骨折的处理"),
        ("副作用", "不良反应", "适应症"),
        ("kidney problems", "肾功能不全", "肝硬化"),
        ("heart attack", "心肌梗死", "糖尿病"),
        ("how should the tablets be stored", "贮藏：密封保存", "用法用量：口服"),
        ("Eliquis", "阿哌沙班", "阿达木单抗"),
        ("怀孕能吃吗", "use during pregnancy", "use in renal impairment"),
        ("修美乐", "adalimumab", "atorvastatin"),
    ],
)
def test_what_means_the_same_is_nearer_than_what_does_not(one: str, near: str, far: str) -> None:
    assert similarity(one, near) > similarity(one, far) + 0.05


def test_vectors_are_the_same_in_another_process_and_torch_is_not_imported() -> None:
    program = (
        "import sys, hashlib; from kbchat.embedding.builtin import builtin_embedder as b; "
        f"v = b().embed_documents({TEXTS!r}); assert not {{'torch', 'model2vec', 'scipy', 'sklearn'}} & set(sys.modules); "
        "print(hashlib.sha256(v.tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", program]
    outputs = {subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip() for _ in range(2)}
    assert outputs == {hashlib.sha256(builtin_embedder().embed_documents(TEXTS).tobytes()).hexdigest()}


def test_model2vec_reads_the_folder_and_gives_the_same_directions() -> None:
    from model2vec import StaticModel

    model = StaticModel.from_pretrained(builtin_folder(), force_download=False)
    texts = [TEXTS[0], TEXTS[1], TEXTS[3]]  # no traditional characters, which only kbchat folds
    np.testing.assert_allclose(model.encode(texts), builtin_embedder().embed_documents(texts), atol=1e-5)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(builtin_folder(), tmp_path / "model"))


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_refused(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(EmbedderError, match=name) as caught:
        BuiltinEmbedder(copy)
    assert "--force-reinstall" in caught.value.remedy.en
    assert caught.value.remedy.zh


def test_a_tampered_file_is_refused(copy: Path) -> None:
    content = bytearray((copy / "model.safetensors").read_bytes())
    content[-1000] ^= 1
    (copy / "model.safetensors").write_bytes(bytes(content))
    with pytest.raises(EmbedderError, match="SHA-256"):
        BuiltinEmbedder(copy)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(EmbedderError):
        BuiltinEmbedder(copy)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"sha256": {}}', '{"sha256": null}', "{"])
def test_a_broken_manifest_is_refused(copy: Path, manifest: str) -> None:
    (copy / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(EmbedderError):
        BuiltinEmbedder(copy)


def test_hashes_that_match_a_file_that_is_no_model_are_refused(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "model.safetensors").write_bytes(b"nothing")
    manifest["sha256"]["model.safetensors"] = hashlib.sha256(b"nothing").hexdigest()
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(EmbedderError):
        BuiltinEmbedder(copy)
