"""The title of a document: from its text, from the file's metadata when that is no junk, else from the file's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

from ingest.structure.lines import Line, is_contents_title
from ingest.structure.numbering import parse_number
from ingest.structure.records import TABLE_FORMATS, is_of_records
from kbchat.medical.sections import named_section
from kbchat.types import LoadedFile

_JUNK = re.compile(
    r"microsoft (?:word|powerpoint|excel)|^(?:untitled|title|document\d*|doc\d+|slide \d+|幻灯片 ?\d*|未命名"
    r"|无标题|新建.*|print|scan.*|image.*)$|\.(?:indd|qxd|ai|tif+|jpe?g|png)$"
    r"|^[\W\d_]+$|^[0-9a-f-]{16,}$",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\.(?:docx?|wps|pdf|rtf|pptx?|xlsx?|txt|odt|html?)$", re.IGNORECASE)
_LEAFLET_TITLE = re.compile(
    r"(?P<name>[^\s【】。，,：:（(]{2,40}?(?:[(（][^()（）]{1,12}[)）])?)\s*(?:说明书|說明書|仿单|仿單"
    r"|使用说明)(?:[(（].{1,8}[)）])?"
)
_TITLE_WORDS = re.compile(
    r"指南|共识|规范|方案|标准|指引|手册|规程|意见|guideline|consensus|recommendation|protocol|handbook"
    r"|standard",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"请?仔细阅读|核准|修改|修订日期|作者|通信|通讯|摘要|关键词|abstract|keywords|doi|http|www\.|@"
    r"|第\s*\d+\s*[卷期页]|委员会?[:：]|主任|^·.*·$|^第[一二三四五六七八九十]+版|批准文号|^\W|"
    r"^annex|^summary of product|^v\d+$|(?:package|patient information) leaflet|^(?:\w+ ){0,2}guidelines?$|学会|协会|研究院|疾病预防|^卫生部|^国家卫|联盟"
    r"|read all of this",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r"[（(]?\s*(?:第[一二三四五六七八九十\d]+版|(?:19|20)\d\d\s*年?\s*(?:修订|修訂)?版?)[^。]{0,6}[)）]?"
)
_PREFIX_NUMBER = re.compile(r"^\d{1,4}[_\-. ]+(?=\D)")
_SENTENCE = re.compile(r"[。；！？]\s*\S|[a-z]{3}\. [A-Z]")
_FRONT = 60


def document_title(loaded: LoadedFile, filename: str, lines: Sequence[Line]) -> str:
    """The best title there is; the file's name without its extension when nothing better is found."""
    stem = file_stem(filename)
    if loaded.format in TABLE_FORMATS or is_of_records(loaded, lines):
        return stated_title(loaded) or stem
    front = [line for line in lines[:_FRONT] if line.page <= 2]
    leaflet = _leaflet_title(front)
    if leaflet:
        return leaflet
    stated = stated_title(loaded)
    titled = _title_line(front, stated)
    if titled and stated and _without_edition(titled) == _without_edition(stated):
        return stated if re.search(r"(?:19|20)\d\d", stated) and not re.search(r"(?:19|20)\d\d", titled) else titled
    if titled and (not stated or _TITLE_WORDS.search(titled)):
        if stated and len(stated) > len(titled) and _squeezed(titled) in _squeezed(stated):
            return stated
        return titled
    return stated or stem


def file_stem(filename: str) -> str:
    """The file's name without folders, extension and leading number."""
    stem = _EXTENSION.sub("", PurePosixPath(PureWindowsPath(filename).name).name)
    stem = re.sub(r"\.(?:xml|md|js|jsonl?|csv|tsv|png|jpe?g|tiff?)$", "", stem, flags=re.IGNORECASE)
    return _PREFIX_NUMBER.sub("", stem).strip() or stem


def stated_title(loaded: LoadedFile) -> str:
    """The metadata's title where it is one: no program's name, no path, no number."""
    title = " ".join(loaded.metadata.get("title", "").split())
    if not title or _JUNK.search(title):
        title = re.sub(r"^microsoft (?:word|powerpoint|excel)\s*[-–:]\s*", "", title, flags=re.IGNORECASE)
        if not title or _JUNK.search(title):
            return ""
    if "\\" in title or ("/" in title and _EXTENSION.search(title)):
        title = PureWindowsPath(title).name
    title = _EXTENSION.sub("", title).strip()
    letters = sum(character.isalpha() for character in title)
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in title)
    return title if letters >= 4 and (chinese >= 3 or letters >= 6) and not _JUNK.search(title) else ""


def _leaflet_title(front: Sequence[Line]) -> str:
    for line in front:
        if "【" in line.text[:2] and len(line.text) < 12:
            break
        match = _LEAFLET_TITLE.fullmatch(line.text.strip())
        if match and not _NO_TITLE.search(match.group("name")):
            return "".join(line.text.split())
    return ""


def _body_size(front: Sequence[Line]) -> float:
    """The size in which most of the text is set: what is smaller belongs to the margins."""
    sizes: Counter[float] = Counter()
    for line in front:
        sizes[round(line.block.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] - 0.5 if sizes else 0.0


def _title_line(front: Sequence[Line], stated: str) -> str:
    """The heading or line at the front that reads most like a title; what the metadata says counts for it."""
    best, best_score = "", 0.0
    largest = max((line.block.size for line in front), default=0.0)
    body = _body_size(front)
    for position, line in enumerate(front[:30]):
        text = " ".join(line.text.split()).strip("#* ")
        if not _may_be_title(text) or parse_number(line) or 0 < line.block.size < body:
            continue
        score = 0.0
        if line.is_heading:
            score += 2.0 + (1.0 if line.block.level == 1 else 0.0)
        if largest and line.block.size >= largest - 0.5 and line.block.size > 0:
            score += 1.5
        if _TITLE_WORDS.search(text):
            score += 3.0
        if position == 0:
            score += 1.0
        if stated and _without_edition(text) == _without_edition(stated):
            score += 2.0
        if position > 2 and not _TITLE_WORDS.search(text) and not (largest and line.block.size >= largest - 0.5):
            score = 0.0  # a heading of the text, not of the document
        if score > 0:
            score -= position * 0.05
        if score > best_score:
            best, best_score = text, score
    if best_score < 1.0:
        return ""
    return _with_edition(best, front)


def _may_be_title(text: str) -> bool:
    if (
        not 4 <= len(text) <= 120
        or _NO_TITLE.search(text)
        or is_contents_title(text)
        or named_section(text)
        or _SENTENCE.search(text)
    ):
        return False
    if text.endswith(("。", "；", ";", "，", ",", ":", "：")) or (text.endswith(".") and len(text) > 60):
        return False
    return sum(character.isalpha() for character in text) >= len(text) * 0.5


def _with_edition(title: str, front: Sequence[Line]) -> str:
    """The title with the edition that stands on a line of its own below or above it."""
    if _EDITION.search(title):
        return title
    for line in front[:30]:
        text = line.text.strip("（）() 　")
        is_edition = text.endswith(("版", "版全文", "版 全文")) and not re.search(r"改[訂订]", text)
        if len(text) <= 24 and is_edition and _EDITION.match(text):
            return f"{title}（{text}）"
    return title


def _without_edition(title: str) -> str:
    return _squeezed(_EDITION.sub("", title))


def _squeezed(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
