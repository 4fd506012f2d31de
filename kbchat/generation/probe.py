"""Trying a generator, for ``kbchat doctor`` and the status page: does it answer from a document, with its marker, how fast?"""

from __future__ import annotations

import time
from dataclasses import dataclass

from kbchat.generation.protocol import GenerationRequest, Generator
from kbchat.retrieval.information import Information
from kbchat.text.tokens import query_tokens
from kbchat.types import DocumentKind, Passage, Query, ScoreParts, SectionKind, Span

_QUESTION = "示例片每日最大剂量是多少？"
_TEXT = "成人一次0.5g，一日2次。每日最大剂量为2g。"


@dataclass(frozen=True, slots=True)
class Probe:
    """``text`` is what the generator wrote; ``cites`` whether it named the document; times in seconds.

    ``first_piece`` counts from the question, loading included when the model was not loaded before.
    """

    name: str
    text: str
    cites: bool
    first_piece: float
    total: float


def probe_generator(generator: Generator, *, pieces: int | None = None) -> Probe:
    """Have ``generator`` answer a question about a made-up leaflet of two sentences; stop it after ``pieces`` of text.

    Raises GeneratorError.
    """
    begun = time.perf_counter()
    first = 0.0
    written: list[str] = []
    stream = generator.stream(_request())
    for piece in stream:
        first = first or time.perf_counter() - begun
        written.append(piece)
        if len(written) == pieces:
            break
    close = getattr(stream, "close", None)
    if close is not None:
        close()  # a model that is still writing stops
    text = "".join(written)
    return Probe(generator.name, text, "[1]" in text, first, time.perf_counter() - begun)


def _request() -> GenerationRequest:
    span = (Span(1, 0, len(_TEXT)),)
    passage = Passage(
        chunk_id=1,
        document_id=1,
        revision_id=1,
        document="probe.txt",
        document_title="示例片说明书",
        document_kind=DocumentKind.LEAFLET,
        subject="示例片",
        revision_date="",
        section_id=1,
        section_kind=SectionKind.DOSAGE,
        section_path=("用法用量",),
        spans=span,
        hit_spans=span,
        text=_TEXT,
        table_header="",
        score=1.0,
        parts=ScoreParts(lexical=1.0),
        hit_length=len(_TEXT),
    )
    information = Information(dict.fromkeys(query_tokens(_QUESTION), 1.0))
    return GenerationRequest(Query(_QUESTION, _QUESTION, (), (), "zh"), (passage,), 400, information=information)
