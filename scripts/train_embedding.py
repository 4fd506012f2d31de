"""Train the built-in embedding and write it into the package.

    python scripts/train_embedding.py DATA_FOLDER [--output FOLDER]

DATA_FOLDER holds ``pairs.jsonl.gz`` and ``term_pairs.tsv`` (and, for the figures in the card only,
``crosslingual_dev.jsonl``, which is never trained on). Needs the extras ``local`` and ``dev``; two CPU cores take about a quarter
of an hour. The same data give the same vocabulary; the vectors agree to rounding, as far as the BLAS library repeats its sums.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import asdict, replace
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch
from numpy.typing import NDArray

from embedding.bilingual import term_pairs, translation_tables
from embedding.card import model_card
from embedding.corpus import read_corpus
from embedding.encoding import Encoder, TokenIds, TokenisedPairs
from embedding.evaluation import crosslingual, held_out, read_aligned
from embedding.export import Quantised, quantise, write_model
from embedding.plan import training_groups
from embedding.start import starting_vectors, translation_matrix
from embedding.training import Group, Recipe, train
from embedding.vocabulary import build_tokenizer, choose_vocabulary, count_words
from kbchat.embedding.builtin import MODEL_NAME, builtin_folder
from kbchat.medical.lexicon import Lexicon

_VOCABULARY = 40_000
_DIMENSION = 256


def main() -> None:
    """Read, count, align, start, train, quantise, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=builtin_folder())
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--without-lexicon", action="store_true", help="to see what the lexicon adds")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    began = time.monotonic()
    recipe = replace(Recipe(), epochs=options.epochs)

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)

    corpus, lexicon = read_corpus(options.data), Lexicon() if options.without_lexicon else Lexicon.builtin()
    tokenizer = build_tokenizer(choose_vocabulary(count_words(corpus), lexicon, _VOCABULARY))
    tokens = TokenIds(tokenizer)
    say(f"{len(corpus.train)} pairs, {len(corpus.held_out)} held out, {tokens.size} tokens")

    data = TokenisedPairs.of(corpus.train, tokens)
    terms, weights = _term_group(tokens, term_pairs(corpus, lexicon))
    tables = translation_tables(data, terms, weights, tokens)
    say("word translations")
    vectors = starting_vectors(
        data.joined(aligned=False),
        data.joined(aligned=True) + [np.concatenate(pair) for pair in zip(terms.anchors, terms.positives, strict=True)],
        translation_matrix(tables, tokens.size),
        dimension=_DIMENSION,
        seed=recipe.seed,
    )
    say("starting vectors")
    encoder = Encoder(tokens)
    aligned = read_aligned(options.data / "crosslingual_dev.jsonl")

    def figures(found: NDArray[np.float32]) -> dict[str, dict[str, float]]:
        return {
            "crosslingual_dev": crosslingual(lambda texts: encoder.encode(texts, found), *aligned),
            "held-out pairs, hit@1": held_out(lambda texts: encoder.encode(texts, found), corpus.held_out),
        }

    say(f"start: {figures(vectors)}")
    groups = training_groups(data, terms, lexicon, tokens)
    trained = train(
        vectors, groups, tables, recipe, lambda epoch, _, found: say(f"epoch {epoch + 1}: {figures(found)}")
    )
    quantised = _without_unknown(quantise(trained))
    measured = figures(quantised.rows * quantised.factors[:, None])
    facts = {
        "name": MODEL_NAME,
        "data_sha256": corpus.hashes,
        "command": "python scripts/train_embedding.py DATA_FOLDER",
        "recipe": asdict(recipe),
        "pairs": len(corpus.train),
        "figures": {k: {key: round(value, 4) for key, value in v.items()} for k, v in measured.items()},
        "seconds": round(time.monotonic() - began),
        "made_with": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }
    manifest = write_model(options.output, quantised, tokenizer, model_card(facts, tokens.size, _DIMENSION), facts)
    say(json.dumps(manifest["figures"]))


def _term_group(tokens: TokenIds, terms: list[tuple[str, str, float]]) -> tuple[Group, list[float]]:
    zh, en = tokens([a for a, _, _ in terms]), tokens([b for _, b, _ in terms])
    kept = [i for i in range(len(terms)) if len(zh[i]) and len(en[i])]
    return Group("terms", [zh[i] for i in kept], [en[i] for i in kept], rate=0.5), [terms[i][2] for i in kept]


def _without_unknown(quantised: Quantised) -> Quantised:
    """The unknown token (0) adds nothing to a text."""
    quantised.rows[0] = 0
    quantised.factors[0] = 0
    return quantised


if __name__ == "__main__":
    main()
