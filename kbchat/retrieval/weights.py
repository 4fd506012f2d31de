"""The numbers that order passages, in one place, each with what it is for.

Set on the development questions by ``benchmarks/retrieval.py``; see docs/measurements.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """How much each reason counts in :class:`~kbchat.types.ScoreParts`."""

    lexical: float = 1.0
    """BM25 of the chunk, as a share of the best candidate's."""
    dense: float = 0.6
    """Cosine of question and chunk."""
    coverage: float = 1.3
    """Share of the question's information (IDF) that stands in the chunk, its heading or title."""
    covered: int = 80
    """Candidates whose coverage is worked out, best first by the other parts."""
    entity: float = 0.5
    """The document or section is about a name in the question."""
    entity_exact: float = 0.1
    """The section's subject is the name as written, not only its core."""
    entity_mentioned: float = 0.15
    """The name stands in the chunk's text only."""
    section: float = 0.3
    """The section answers what is asked for (side effects, dose ...), for the most specific intent."""
    section_bare: float = 0.9
    """Added to it in proportion to how much of the question is the drug's name: then the section is all that is asked."""
    section_next: float = 0.12
    """The same for the further intents."""
    section_guideline: float = 0.1
    """A guideline's treatment section, whatever is asked: it holds doses, cautions and groups together."""
    expansion: float = 0.75
    """Weight of a word of the other language (or a synonym) against a word of the question."""
    entity_token: float = 0.6
    """Weight of the words of a matched name in lexical search, since the name is rewarded by itself."""
    topic: float = 0.15
    """The document is about the disease or topic named (a guideline's title holds it)."""
    selector: float = 0.4
    """The document is the one that the question names ("in the 2018 HIV guideline")."""
    selector_token: float = 0.2
    """Weight of the words that name the document, in lexical search."""
    same_language: float = 0.35
    """The chunk is written in the language of the question: of two that say the same, the reader's own comes first."""
    older_edition: float = -0.25
    """Another edition of the same document, among the candidates, is newer."""
    fragment: float = -0.25
    """The chunk is hardly longer than a heading and not of a section asked for."""
    other_drug: float = -0.35
    """The document is about another drug than the ones named."""
    contents_only: float = -0.4
    """The chunk is a heading without text, a table of contents or a list of references."""
