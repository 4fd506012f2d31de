"""Which pairs are trained on, how often, and what is done to them."""

from __future__ import annotations

from embedding.bilingual import synonyms
from embedding.encoding import TokenIds, TokenisedPairs
from embedding.training import Group
from kbchat.medical.lexicon import Lexicon

_ALIGNED_RATES = {"med_zh_en_abs": 1.0, "med_zh_en_title": 1.0, "gen_zh_en_abs": 0.5, "gen_zh_en_title": 0.6}
_MONOLINGUAL_RATES = {
    "medquad": 1.0,
    "toyhom": 1.0,
    "toyhom_ask": 0.6,
    "zhongjing": 1.0,
    "medicalgpt": 1.0,
    "med_head_sec": 1.0,
    "med_title_abs": 1.0,
    "med_en_title_abs": 1.0,
    "gen_title_abs": 0.35,
    "gen_en_title_abs": 0.35,
}


def training_groups(data: TokenisedPairs, terms: Group, lexicon: Lexicon, tokens: TokenIds) -> list[Group]:
    """One group a source, the term pairs, and the lexicon's synonyms."""
    groups = [terms]
    for source in (*_ALIGNED_RATES, *_MONOLINGUAL_RATES):
        together = zip(data.pairs, data.anchors, data.positives, strict=True)
        rows = [(a, b) for pair, a, b in together if pair.source == source and len(a) and len(b)]
        one, other = [a for a, _ in rows], [b for _, b in rows]
        if source in _ALIGNED_RATES:
            groups.append(Group(source, one, other, _ALIGNED_RATES[source]))
        else:
            groups.append(Group(source, one, other, _MONOLINGUAL_RATES[source], translate=0.5, hide=0.5))
    same = synonyms(lexicon)
    groups.append(Group("synonyms", tokens([a for a, _ in same]), tokens([b for _, b in same])))
    return groups
