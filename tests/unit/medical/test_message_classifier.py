from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from kbchat.errors import ConfigurationError
from kbchat.medical import message_classifier as module
from kbchat.medical.message_classifier import MANIFEST, WEIGHTS, load_classifier, message_classifier
from kbchat.medical.message_features import BUCKETS, buckets, concept_features, features_mark

DATA = Path(module.__file__).parent / "data"


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    for name in (WEIGHTS, MANIFEST):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    return tmp_path


def _rewrite(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8")) | changes
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")


def test_shipped_weights_are_whole_and_small(shipped: Path) -> None:
    classifier = load_classifier(shipped)
    assert classifier.labels == ("attack", "chitchat", "identity", "medical", "non_medical")
    assert classifier.weights.shape == (6, BUCKETS)
    assert (shipped / WEIGHTS).stat().st_size <= 1_500_000


def test_torn_weights_are_refused_with_a_remedy(shipped: Path) -> None:
    content = (shipped / WEIGHTS).read_bytes()
    (shipped / WEIGHTS).write_bytes(content[: len(content) // 2])
    with pytest.raises(ConfigurationError, match="SHA-256") as caught:
        load_classifier(shipped)
    assert "--force-reinstall" in caught.value.remedy.en
    assert "权重" in caught.value.user_message.zh


def test_weights_of_other_features_are_refused(shipped: Path) -> None:
    _rewrite(shipped, features="0-00000000")
    with pytest.raises(ConfigurationError, match="features"):
        load_classifier(shipped)


def test_absent_broken_or_misshapen_files_are_refused(shipped: Path) -> None:
    import hashlib

    content = save({"weights": np.zeros((2, 3), np.float16), "intercepts": np.zeros(2, np.float32)})
    (shipped / WEIGHTS).write_bytes(content)
    _rewrite(shipped, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(ConfigurationError, match="shape"):
        load_classifier(shipped)
    (shipped / WEIGHTS).write_bytes(b"no tensors")
    _rewrite(shipped, sha256=hashlib.sha256(b"no tensors").hexdigest())
    with pytest.raises(ConfigurationError):
        load_classifier(shipped)
    (shipped / MANIFEST).write_text("{", "utf-8")
    with pytest.raises(ConfigurationError):
        load_classifier(shipped)
    (shipped / MANIFEST).unlink()
    with pytest.raises(ConfigurationError):
        load_classifier(shipped)


def test_scores_are_the_same_in_another_process() -> None:
    texts = ["奶奶突然认不得人，右手没劲", "Which leaflet mentions irbesartan?", "", "😀"]
    here = [message_classifier().emergency(text) for text in texts]
    program = (
        "import json,sys; from kbchat.medical.message_classifier import message_classifier as m; "
        "print(json.dumps([m().emergency(text) for text in json.loads(sys.argv[1])]))"
    )
    there = subprocess.run(
        [sys.executable, "-c", program, json.dumps(texts)],
        capture_output=True,
        check=True,
        text=True,
        env={"PYTHONHASHSEED": "7"},
    )
    assert json.loads(there.stdout) == here


def test_an_emergency_in_a_long_story_is_not_lost() -> None:
    story = "我妈高血压好多年了，平时吃氨氯地平，血压控制得还可以，上个月复查医生说挺好，饮食也注意。" * 12
    emergency = "她突然倒在地上叫不醒，嘴歪了，没有反应，怎么办"
    classifier = message_classifier()
    assert classifier.emergency(story) < 0 < classifier.emergency(story + emergency)


def test_features_fold_what_looks_alike() -> None:
    assert buckets("ＣＨＥＳＴ pain") == buckets("chest pain")
    assert buckets("胸口劇痛") == buckets("胸口剧痛")
    assert buckets("") == []
    assert "<secretly&taken>" not in concept_features("你好")
    assert {"<chest>", "<sudden>"} <= concept_features("胸口突然发紧")
    assert features_mark().startswith("2-")
