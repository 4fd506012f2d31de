"""Why a passage stands where it stands, in words for a person."""

from __future__ import annotations

from kbchat.messages import Bilingual
from kbchat.types import ScoreParts

_LABELS: dict[str, Bilingual] = {
    "lexical": Bilingual("words of the question in the text", "问题用词在原文中的匹配"),
    "dense": Bilingual("likeness of meaning", "语义相近程度"),
    "coverage": Bilingual("share of the question that stands here", "覆盖问题内容的比例"),
    "entity": Bilingual("about the drug or topic asked", "与所问药品或主题相符"),
    "section": Bilingual("section that answers what is asked", "与所问内容对应的章节"),
    "document": Bilingual("document, edition and language", "文档、版本与语言"),
    "rerank": Bilingual("reranking model", "重排模型"),
    "penalty": Bilingual("deductions (other drug, older edition, heading only)", "扣分（其他药品、旧版本、仅标题等）"),
}
_TOTAL = Bilingual("total", "总分")


def explained(parts: ScoreParts) -> list[tuple[Bilingual, float]]:
    """Each part that counts, the weightiest first, and the total at the end."""
    listed = [(label, float(getattr(parts, name))) for name, label in _LABELS.items()]
    counting = sorted((item for item in listed if item[1]), key=lambda item: -abs(item[1]))
    return [*counting, (_TOTAL, parts.total)]
