"""A real BERT classifier of a few thousand weights, taught three verdicts, and folders that hold no such thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kbchat.answering.checks import AnswerChecker
from kbchat.errors import GeneratorError
from kbchat.generation.entailment import CrossEncoder, Verdict
from kbchat.settings import GenerationSettings

CPU = GenerationSettings(device_map="cpu")
PREMISE = "示例片 用法用量\n老年人应适当减量。"
PAIRS = {
    "entailment": (PREMISE, "老年人服用须减量。"),
    "contradiction": (PREMISE, "老年人服用须加倍。"),
    "neutral": (PREMISE, "应密封保存。"),
}


def nli_folder(folder: Path, labels: tuple[str, ...], targets: tuple[int, ...] = (0, 1, 2)) -> Path:
    """A BERT-like checkpoint that knows the verdicts of ``PAIRS`` (in that order) by the label ids ``targets``."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir(parents=True)
    letters = sorted({letter for pair in PAIRS.values() for text in pair for letter in text})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    tokenizer = BertTokenizerFast(vocab={word: number for number, word in enumerate(words)})
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(letters) + 5, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=48, id2label=dict(enumerate(labels)), label2id={name: n for n, name in enumerate(labels)},
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.1,
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    encoded = tokenizer(
        [a for a, _ in PAIRS.values()], [b for _, b in PAIRS.values()], padding=True, return_tensors="pt"
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(120):
        optimizer.zero_grad()
        model(**encoded, labels=torch.tensor(targets)).loss.backward()
        optimizer.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def nli(tmp_path_factory) -> Path:
    pytest.importorskip("transformers")
    return nli_folder(tmp_path_factory.mktemp("nli") / "nli", ("entailment", "contradiction", "neutral"))


def _judged(folder: Path) -> dict[str, Verdict]:
    return dict(zip(PAIRS, CrossEncoder(str(folder), CPU).judge(list(PAIRS.values())), strict=True))


def test_entailed_contradicted_and_neither(nli):
    verdicts = _judged(nli)

    assert verdicts["entailment"].entailment > 0.9
    assert verdicts["contradiction"].contradicts
    assert verdicts["contradiction"].entailment < 0.1
    assert verdicts["neutral"].entailment < 0.1
    assert not verdicts["neutral"].contradicts


def test_the_order_of_labels_is_read_from_the_model(tmp_path):
    pytest.importorskip("transformers")
    folder = nli_folder(tmp_path / "nli", ("CONTRADICTION", "NEUTRAL", "ENTAILMENT"), targets=(2, 0, 1))
    verdicts = _judged(folder)

    assert verdicts["entailment"].entailment > 0.9
    assert verdicts["contradiction"].contradicts


def test_a_model_of_two_labels_never_contradicts(tmp_path):
    pytest.importorskip("transformers")
    folder = nli_folder(tmp_path / "nli", ("not_entailment", "entailment"), targets=(1, 0, 0))
    verdicts = _judged(folder)

    assert verdicts["entailment"].entailment > 0.9
    assert verdicts["contradiction"].entailment < 0.1
    assert verdicts["contradiction"].contradiction == 0.0


def test_long_pairs_are_cut_to_what_the_model_takes(nli):
    (verdict,) = CrossEncoder(str(nli), CPU).judge([(PREMISE * 50, "老人减量" * 20)])

    assert 0.0 <= verdict.entailment <= 1.0


def test_a_batch_gives_what_single_pairs_give(nli):
    model = CrossEncoder(str(nli), CPU)
    together = model.judge([*PAIRS.values()] * 7)
    alone = [model.judge([pair])[0] for pair in PAIRS.values()]

    assert len(together) == 21
    assert [one.entailment for one in together[18:]] == pytest.approx([one.entailment for one in alone], abs=1e-4)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(GeneratorError) as raised:
        CrossEncoder(str(tmp_path / "absent"), CPU).load()

    assert "no such folder" in raised.value.user_message.en
    assert "answer.support_model" in raised.value.remedy.zh


def test_a_name_is_not_downloaded():
    pytest.importorskip("transformers")
    with pytest.raises(GeneratorError, match="nobody/no-such-nli"):
        CrossEncoder("nobody/no-such-nli", CPU).load()


def test_a_language_model_is_no_entailment_model(bloom_folder):
    with pytest.raises(GeneratorError) as raised:
        CrossEncoder(str(bloom_folder), CPU).load()

    assert "no classification model" in raised.value.user_message.en


def test_a_classifier_of_something_else_is_refused(tmp_path):
    pytest.importorskip("transformers")
    folder = nli_folder(tmp_path / "stars", ("1 star", "2 stars", "3 stars"))
    with pytest.raises(GeneratorError, match="names entailment"):
        CrossEncoder(str(folder), CPU).load()


def test_the_checks_of_an_answer_take_its_verdicts(nli, make_passage):
    checker = AnswerChecker([make_passage("老年人应适当减量。")], entailment=CrossEncoder(str(nli), CPU))
    checked = checker.check("老年人服用须减量。老年人服用须加倍。", "zh", strict=False)

    assert checked.unsupported_sentences == ("老年人服用须加倍。",)
    assert [citation.quote for citation in checked.citations] == ["老年人应适当减量。"]
