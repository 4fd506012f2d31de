"""From trained vectors to the shipped folder: centred, quantised to int8, described, hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from kbchat.embedding.builtin import FILES


@dataclass(frozen=True, slots=True)
class Quantised:
    """Rows of int8 and the factor of each row: ``vectors = rows * factors[:, None]``."""

    rows: NDArray[np.int8]
    factors: NDArray[np.float32]


def quantise(vectors: NDArray[np.float32]) -> Quantised:
    """Each row to int8 by its own greatest value."""
    factors = (np.abs(vectors).max(axis=1) / 127).astype(np.float32)
    safe = np.where(factors > 0, factors, 1)
    return Quantised(np.rint(vectors / safe[:, None]).astype(np.int8), factors)


def write_model(
    folder: Path, quantised: Quantised, tokenizer: Tokenizer, card: str, facts: Mapping[str, object]
) -> dict[str, object]:
    """Write the model as model2vec reads it, its card, and ``manifest.json`` with the hash of every file."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"embeddings": quantised.rows, "weights": quantised.factors}, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = {"model_type": "model2vec", "normalize": True, "max_length": None, "embedding_dtype": "int8"}
    (folder / "model.safetensors").chmod(0o644)  # safetensors writes 600
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(card, encoding="utf-8")
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (*FILES, "README.md")}
    sizes = {name: (folder / name).stat().st_size for name in FILES}
    manifest = {**facts, "dimension": quantised.rows.shape[1], "vocabulary": len(quantised.rows)}
    manifest |= {"bytes": sizes, "sha256": hashes}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest
