"""Real language models of a few thousand weights, made and trained in seconds: one like PULSE-7b, one like PULSE-20b.

They know two answers by heart, in PULSE's dialogue format, so that a test can tell right text from wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

INSTRUCTION = "Instructions: You are Helper, a large language model full of intelligence. Respond conversationally."
DIALOGUES = (
    ("二甲双胍每日最大剂量是多少？", "成人每日最大剂量为2550mg，分次随餐服用[1]。肾功能不全者禁用。"),
    ("What about children?", "At most 2000 mg daily – naïve patients 500 mg [1]."),
)
_SPECIAL = ["<unk>", "<s>", "</s>", "<pad>"]


def bloom_like(folder: Path) -> Path:
    """A BLOOM checkpoint; its tokenizer cuts bytes and adds no special token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import BloomConfig, BloomForCausalLM, PreTrainedTokenizerFast

    cutter = Tokenizer(models.BPE())
    cutter.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    cutter.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=_SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    cutter.train_from_iterator(_texts(), trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=cutter, **_names(), padding_side="left")
    config = BloomConfig(
        vocab_size=len(tokenizer), hidden_size=64, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=2, pad_token_id=3
    )
    return _taught(BloomForCausalLM, config, tokenizer, folder)


def internlm_like(folder: Path) -> Path:
    """A LLaMA with biases, as InternLM is; its tokenizer has byte fallback and puts ``<s>`` before every text."""
    from tokenizers import Tokenizer, decoders, models, normalizers, processors, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    cutter = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    cutter.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    cutter.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    single_bytes = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=[*_SPECIAL, *single_bytes], limit_alphabet=60)
    cutter.train_from_iterator([text.replace(" ", "▁") for text in _texts()], trainer)
    cutter.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=_bytes_are_text(cutter), **_names(), padding_side="left")
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, attention_bias=True, bos_token_id=1, eos_token_id=2, pad_token_id=3,
    )  # fmt: skip
    return _taught(LlamaForCausalLM, config, tokenizer, folder)


def _bytes_are_text(cutter: Any) -> Any:
    """The byte tokens were special only to get their places in the vocabulary."""
    import json

    from tokenizers import Tokenizer

    saved = json.loads(cutter.to_str())
    saved["added_tokens"] = [one for one in saved["added_tokens"] if one["content"] in _SPECIAL]
    return Tokenizer.from_str(json.dumps(saved))


def demo_ids(tokenizer: Any, turns: list[str]) -> list[int]:
    """A conversation as PULSE's published demos encode it, turn by turn; an odd number of turns is opened for a reply."""
    end = tokenizer.convert_tokens_to_ids("</s>")
    ids = [*tokenizer(INSTRUCTION, add_special_tokens=False).input_ids, end]
    for number, turn in enumerate(turns):
        speaker = "Helper: " if number % 2 else "User: "
        ids += [*tokenizer(speaker + turn).input_ids, end]
    return ids + tokenizer("Helper: ").input_ids[:1] if len(turns) % 2 else ids


def _names() -> dict[str, str]:
    return {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}


def _texts() -> list[str]:
    return [INSTRUCTION, "User: Helper: User: Helper: Helper: ", *(f"User: {q} Helper: {a}" for q, a in DIALOGUES)] * 4


def _taught(kind: Any, config: Any, tokenizer: Any, folder: Path) -> Path:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(7)
    model = kind(config)
    rows = [torch.tensor([demo_ids(tokenizer, list(one))]) for one in DIALOGUES]
    optimizer = torch.optim.AdamW(model.parameters(), lr=8e-3)
    for _ in range(300):
        loss = sum(model(input_ids=row, labels=row).loss for row in rows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < 0.02:
            break
    model.eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
