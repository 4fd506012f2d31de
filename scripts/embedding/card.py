"""The model card that ships beside the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXT = """\
---
license: apache-2.0
language: [zh, en]
library_name: model2vec
tags: [embeddings, static-embeddings, medical]
---

# {name}

A static embedding of Chinese and English medical text: one vector of {dimension} numbers (int8) for each of {size} tokens; a text
is the weighted mean of its tokens, scaled to length 1. No network, no GPU, no torch. It ships inside kbchat
(`kbchat.embedding.builtin`) and is a plain model2vec folder: `StaticModel.from_pretrained("{name}")`. kbchat folds a text
before (NFKC, lower case, traditional characters to simplified); the tokenizer itself does the first two. The first 128 and the first
64 numbers of a vector are usable alone (Matryoshka).

It is made for finding passages: a question near the text that answers it, also in the other language, also in other words. It
is no classifier and no judge of what is medically right. It knows nothing of word order or negation; numbers weigh little. kbchat
uses it beside a word index, never alone.

## How it was made

`{command}` (seed {seed}, {epochs} epochs, {seconds} s, {made_with})

1. **Vocabulary.** Chinese words (as jieba cuts them) and characters, English words and pieces, numbers, and the names of kbchat's
   lexicon, counted over the pairs, medical sources weighing full; a Unigram model cuts by the most probable path.
2. **Word translations.** IBM Model 1, both ways, over aligned titles and abstracts, keyword pairs and the lexicon.
3. **Start.** Cross-lingual latent semantic indexing over the pairs, each text joined with its translation (or its words' translations).
4. **Training.** Multiple negatives ranking at 256, 128 and 64 numbers over {pairs} pairs. Half of the one-language pairs have one side
   translated word by word; from half of the rest the words that question and answer share are dropped at random, so that the model
   learns what a word index cannot. The result is averaged with the start ({share:.0%} trained), which keeps seldom seen words in place.
5. **int8**, a factor for each token.

Data (SHA-256): {hashes}

## Figures

{figures}

crosslingual_dev: {note}

## Sources and attribution

| source | pairs | licence |
|---|---|---|
| ChinaXiv (chinaxiv.org): titles, abstracts, section headings and keyword lists of papers (`med_*`, `gen_*`, `term_pairs`) | titles with abstracts, headings with sections, Chinese with English | [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); the authors of the papers |
| MedQuAD (Ben Abacha and Demner-Fushman 2019, "A question-entailment approach to question answering", BMC Bioinformatics) | questions and answers from NIH websites | [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/) |
| Chinese-medical-dialogue-data (Toyhom) | questions and answers | MIT, Copyright (c) Toyhom |
| Zhongjing (SupritYoung), CMtMedQA | questions and answers | Apache-2.0 |
| MedicalGPT (shibing624), medical data | questions and answers | Apache-2.0 |
| kbchat's lexicon (`kbchat/medical/data`) | names of drugs, clinical words | written for kbchat; `mined.tsv` CC BY 4.0, ChinaXiv |

Changes made: texts were folded, deduplicated, cut, partly translated word by word; the weights contain no text of them. The weights
are offered under Apache-2.0 with this attribution. Laymen's answers on the web were among the training texts; they shape which words
are near each other and are never shown.
"""


def model_card(facts: Mapping[str, Any], size: int, dimension: int) -> str:
    """The card as Markdown. ``facts`` are those of the manifest."""
    rows = ["| what | figure |", "|---|---|"]
    for group, values in facts["figures"].items():
        rows += [f"| {group}: {name} | {value:.3f} |" for name, value in values.items()]
    return _TEXT.format(
        name=facts["name"],
        dimension=dimension,
        size=size,
        command=facts["command"],
        seed=facts["recipe"]["seed"],
        epochs=facts["recipe"]["epochs"],
        share=facts["recipe"]["share"],
        seconds=facts["seconds"],
        made_with=", ".join(f"{key} {value}" for key, value in facts["made_with"].items()),
        pairs=facts["pairs"],
        hashes=", ".join(f"`{name}` {value}" for name, value in facts["data_sha256"].items()),
        figures="\n".join(rows),
        note="120 aligned paragraphs of a treatment plan, never trained on; hit@k of a paragraph's translation among all "
        "paragraphs of the other language, by the embedding alone.",
    )
