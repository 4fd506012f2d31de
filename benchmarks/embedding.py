"""The built-in embedding and the bilingual lexicon, measured without the engine.

    python benchmarks/embedding.py [--data-dir DIR]

- cross-lingual: hit@1 and hit@5 of a paragraph's translation among all paragraphs of the other language
  (``embedding_pairs/crosslingual_dev.jsonl``), by the embedding alone, by BM25 (the peer) and by BM25 with the lexicon;
- MedicineQA with distractors: BM25, and BM25 with the embedding (min-max fusion), hit@1 and hit@5;
- size on disk, chunks of 200 characters a second on one core and seconds to load in a fresh process, both in processor
  time, so that other programs on the machine do not count; the peer is model2vec's own ``StaticModel`` over the same folder, in the same run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # one core is measured

import numpy as np
from gold import SHARED, Shown, json_records, medicine_questions, medicine_rank
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi
from results_file import print_table, write_results

from kbchat.embedding.builtin import FILES, builtin_embedder, builtin_folder
from kbchat.medical.lexicon import Lexicon
from kbchat.messages import Language
from kbchat.text.tokens import index_tokens, query_tokens

_CHUNK = 200
_CHUNKS = 3000
_ROUNDS = 3
_DENSE_WEIGHT = 0.5
_LOAD = (
    "import time, sys; import numpy, kbchat.text.tokens, safetensors.numpy, tokenizers; "
    "from kbchat.embedding.builtin import builtin_embedder; t = time.process_time(); builtin_embedder(); "
    "print(time.process_time() - t, 'torch' in sys.modules)"
)
_LOAD_PEER = (
    "import time, sys; from model2vec import StaticModel; t = time.process_time(); "
    f"StaticModel.from_pretrained({str(builtin_folder())!r}, force_download=False); "
    "print(time.process_time() - t, 'torch' in sys.modules)"
)


def own_column_rates(scores: NDArray[Any]) -> dict[str, float]:
    """hit@1 and hit@5 where row i should find column i; a column that scores the same counts as ahead of it."""
    own = np.diag(scores)[:, None]
    ahead = (scores > own).sum(axis=1) + ((scores == own).sum(axis=1) - 1)
    return {f"hit@{k}": round(float((ahead < k).mean()), 4) for k in (1, 5)}


def expanded_scores(bm25: BM25Okapi, question: str, language: Language) -> NDArray[Any]:
    """BM25 of the question plus, for each term found in it, the best of its other names, weighed."""
    own = query_tokens(question)
    total = np.asarray(bm25.get_scores(own))
    by_term: dict[str, NDArray[Any]] = {}
    for item in Lexicon.builtin().expand(question, language):
        tokens = [token for token in query_tokens(item.term) if token not in own]
        if tokens:
            scores = item.weight * np.asarray(bm25.get_scores(tokens)) / len(tokens) ** 0.5
            by_term[item.source_term] = np.maximum(by_term.get(item.source_term, 0), scores)
    return total + sum(by_term.values(), start=np.zeros_like(total))


def crosslingual(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Direction -> method -> hit rates."""
    rows = json_records(path)
    texts: dict[Language, list[str]] = {"zh": [row["zh"] for row in rows], "en": [row["en"] for row in rows]}
    vectors = {language: builtin_embedder().embed_documents(found) for language, found in texts.items()}
    directions: tuple[tuple[Language, Language], ...] = (("en", "zh"), ("zh", "en"))
    found: dict[str, dict[str, dict[str, float]]] = {}
    for one, other in directions:
        bm25 = BM25Okapi([index_tokens(text) for text in texts[other]])
        plain = np.stack([bm25.get_scores(query_tokens(text)) for text in texts[one]])
        expanded = np.stack([expanded_scores(bm25, text, one) for text in texts[one]])
        found[f"{one}->{other}"] = {
            "embedding": own_column_rates(vectors[one] @ vectors[other].T),
            "BM25": own_column_rates(plain),
            "BM25 + lexicon": own_column_rates(expanded),
        }
    return found


def medicineqa(folder: Path) -> dict[str, dict[str, float]]:
    """Method -> hit rates on MedicineQA with distractors."""
    texts = [
        doc
        for name in ("medicineqa", "demo")
        for row in json_records(folder / f"corpus_{name}.jsonl")
        for doc in row["docs"]
    ]
    texts = list(dict.fromkeys(texts)) + [row["text"] for row in json_records(folder / "distractors.jsonl")]
    passages = [Shown("", text.split("\n", 1)[0], text) for text in texts]
    bm25 = BM25Okapi([index_tokens(text) for text in texts])
    embedder = builtin_embedder()
    vectors = embedder.embed_documents(texts)
    ranks: dict[str, list[int]] = {"BM25": [], "embedding": [], "BM25 + embedding": []}
    for question in medicine_questions(folder):
        lexical = np.asarray(bm25.get_scores(query_tokens(question.question)))
        dense = vectors @ embedder.embed_query(question.question)
        fused = _min_max(lexical) + _DENSE_WEIGHT * _min_max(dense)
        for method, scores in zip(ranks, (lexical, dense, fused), strict=True):
            best = np.argsort(-scores, kind="stable")[:5]
            ranks[method].append(medicine_rank(question, [passages[i] for i in best]))
    return {
        method: {f"hit@{k}": round(sum(0 < rank <= k for rank in found) / len(found), 4) for k in (1, 5)}
        for method, found in ranks.items()
    }


def _min_max(scores: NDArray[Any]) -> NDArray[Any]:
    return np.asarray((scores - scores.min()) / (np.ptp(scores) + 1e-9))


def chunks_a_second(encode: Callable[[Sequence[str]], object], chunks: Sequence[str]) -> float:
    """The best of some rounds, in processor time."""
    best = float("inf")
    for _ in range(_ROUNDS):
        began = time.process_time()
        encode(chunks)
        best = min(best, time.process_time() - began)
    return round(len(chunks) / best)


def load_seconds(program: str) -> tuple[float, bool]:
    """Median processor seconds of five fresh processes, and whether torch was imported."""
    times, torch = [], False
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
        seconds, imported = done.stdout.split()
        times.append(float(seconds))
        torch = torch or imported == "True"
    return round(statistics.median(times), 3), torch


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=SHARED)
    data = parser.parse_args().data_dir
    from model2vec import StaticModel

    embedder, peer = builtin_embedder(), StaticModel.from_pretrained(builtin_folder(), force_download=False)
    text = "".join(row["text"] for row in json_records(data / "medicineqa" / "distractors.jsonl"))
    chunks = [text[i * _CHUNK : (i + 1) * _CHUNK] for i in range(min(_CHUNKS, len(text) // _CHUNK))]
    load, torch = load_seconds(_LOAD)
    figures: dict[str, Any] = {
        "model": embedder.name,
        "crosslingual_dev": crosslingual(data / "embedding_pairs" / "crosslingual_dev.jsonl"),
        "medicineqa_with_distractors": medicineqa(data / "medicineqa"),
        "bytes_on_disk": sum((builtin_folder() / name).stat().st_size for name in FILES),
        "chunks_of_200_characters_a_second": {
            "kbchat": chunks_a_second(embedder.embed_documents, chunks),
            "model2vec": chunks_a_second(lambda found: peer.encode(list(found), use_multiprocessing=False), chunks),
        },
        "load_seconds": {"kbchat": load, "model2vec": load_seconds(_LOAD_PEER)[0], "torch_imported": torch},
    }
    print_table(("what", "target", "measured", "peer"), _table(figures))
    print(write_results("embedding", "python benchmarks/embedding.py", figures))


def _table(figures: dict[str, Any]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for direction, methods in figures["crosslingual_dev"].items():
        name, peer = f"crosslingual_dev {direction} hit@5", f"BM25 {methods['BM25']['hit@5']}"
        rows.append((f"{name}, embedding", ">= 0.70", methods["embedding"]["hit@5"], peer))
        rows.append((f"{name}, BM25 + lexicon", "", methods["BM25 + lexicon"]["hit@5"], peer))
    fused, lexical = (figures["medicineqa_with_distractors"][name] for name in ("BM25 + embedding", "BM25"))
    rows += [
        (
            f"MedicineQA {rank}, BM25 + embedding",
            ">= BM25" if rank == "hit@1" else "",
            fused[rank],
            f"BM25 {lexical[rank]}",
        )
        for rank in ("hit@1", "hit@5")
    ]
    speed, load = figures["chunks_of_200_characters_a_second"], figures["load_seconds"]
    rows.append(("size on disk, MB", "<= 12", round(figures["bytes_on_disk"] / 1e6, 2), ""))
    rows.append(("chunks of 200 characters/s, one core", ">= 5000", speed["kbchat"], f"model2vec {speed['model2vec']}"))
    rows.append(("load, s", "<= 0.15", load["kbchat"], f"model2vec {load['model2vec']}"))
    rows.append(("torch imported", "no", "yes" if load["torch_imported"] else "no", ""))
    return rows


if __name__ == "__main__":
    main()
