"""The built-in generator: verbatim sentences of the documents, picked and ordered to answer the question.

No language model. Every sentence it writes stands word for word in a passage and carries that passage's marker; lists stay
lists, table rows bring their header row, and the sentences of one document and section stand together under its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kbchat.generation.protocol import GenerationRequest
from kbchat.generation.selection import Picked, pick_sentences
from kbchat.generation.sentence_scoring import score_sentences
from kbchat.types import Passage

_LINE_BREAKS = re.compile(r"\s*\n\s*")
_BULLET = re.compile(r"^[•·・●○■◆▪◦‣\-–—*]\s*")
_LONGEST_TITLE = 40


class ExtractiveGenerator:
    """Answers by quoting."""

    name = "extractive"

    def stream(self, request: GenerationRequest) -> Iterator[str]:
        """The answer, group by group; nothing when no sentence fits the question at all."""
        scored = request.sentences or score_sentences(request.query, request.passages, request.information)
        picked = pick_sentences(request.query, request.passages, scored, request.information, request.max_characters)
        for number, group in enumerate(_groups(picked, request.passages)):
            yield ("\n\n" if number else "") + _rendered(group, request.passages)


def _groups(picked: Sequence[Picked], passages: Sequence[Passage]) -> list[list[Picked]]:
    """Sentences by document and section, the group with the best sentence first, in reading order inside."""
    groups: dict[tuple[int, tuple[str, ...]], list[Picked]] = {}
    for sentence in picked:
        passage = passages[sentence.passage]
        groups.setdefault((passage.revision_id, passage.section_path), []).append(sentence)
    ordered = sorted(groups.values(), key=lambda group: -max(sentence.score for sentence in group))
    for group in ordered:
        group.sort(key=lambda sentence: _reading_order(passages[sentence.passage], sentence))
    return ordered


def _reading_order(passage: Passage, sentence: Picked) -> tuple[int, int, int]:
    begin = passage.spans[0]
    return (begin.page, begin.start, sentence.start)


def _rendered(group: Sequence[Picked], passages: Sequence[Passage]) -> str:
    lines = [heading(passages[group[0].passage])]
    picked = {_one_line(passages[s.passage].text[s.start : s.end]) for s in group if s.is_row}
    shown_header = ""
    listed = len(group) > 1
    for sentence in group:
        passage = passages[sentence.passage]
        if sentence.is_row and passage.table_header and passage.table_header != shown_header:
            shown_header = passage.table_header
            if _one_line(shown_header) not in picked:  # else the header stands in the answer with its marker
                lines.append(_one_line(shown_header))
        text = _one_line(passage.text[sentence.start : sentence.end])
        prefix = "- " if listed and not sentence.is_row else ""
        text = _BULLET.sub("", text) if prefix else text
        lines.append(f"{prefix}{text} [{sentence.passage + 1}]")
    return "\n".join(lines)


def heading(passage: Passage) -> str:
    """The line above the sentences of one document and section: name, section, date."""
    title = passage.subject or passage.document_title
    if len(title) > _LONGEST_TITLE:
        title = title[: _LONGEST_TITLE - 1] + "…"
    section = " › ".join(part for part in passage.section_path[-2:] if part and part != title)
    date = f" ({passage.revision_date})" if passage.revision_date else ""
    return f"**{title}**{date}{' · ' + section if section else ''}"


def _one_line(text: str) -> str:
    return _LINE_BREAKS.sub(" ", text.strip())
