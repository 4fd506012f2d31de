"""Telling the charset of a text file: byte order marks, strict UTF-8, then GB18030 and Big5 by what they would spell."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from ingest.loaders.failures import damaged, unsupported

_SAMPLE = 1 << 18
_SPELLING = 1 << 15  # bytes that are enough to see what a charset would spell
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_ENOUGH = 0.75  # share of everyday characters above which a Chinese charset is believed


def decode(data: bytes) -> tuple[str, str]:
    """The text of ``data`` and the name of the charset it was written in.

    NUL bytes are removed. Raises UnsupportedFormatError when the bytes are no text, DamagedFileError when they are
    text of no charset that could be told.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode_marked(data, name)
    if 0 not in data[:_SAMPLE] and not looks_binary(data):
        try:
            return data.decode("utf-8").replace("\x00", ""), "utf-8"
        except UnicodeDecodeError:
            pass
    wide = _utf16_without_mark(data)
    if wide:
        return data.decode(wide, errors="replace").replace("\x00", ""), wide
    if looks_binary(data):
        raise unsupported("The file is binary data of an unknown kind.", "该文件是未知类型的二进制数据。")
    data = data.replace(b"\x00", b"")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_legacy(data)


def decode_declared(data: bytes, declared: str | None) -> tuple[str, str]:
    """Like :func:`decode`, but ``declared`` (by the file itself) wins where the bytes are valid in it."""
    if declared and not data.startswith(tuple(mark for mark, _ in _MARKS)):
        # Pages that declare GB2312 are written in its supersets.
        name = "gb18030" if declared.lower() in ("gb2312", "gbk", "gb_2312-80", "x-gbk") else declared
        try:
            return data.decode(name).replace("\x00", ""), name
        except (UnicodeDecodeError, LookupError):
            pass
    return decode(data)


def looks_binary(data: bytes) -> bool:
    """Whether ``data`` holds more control characters or NUL bytes than a text file ever does."""
    sample = data[:_SAMPLE]
    if not sample:
        return False
    return len(_CONTROLS.findall(sample)) > 0.005 * len(sample) or sample.count(0) > 0.05 * len(sample)


def _decode_marked(data: bytes, name: str) -> tuple[str, str]:
    try:
        return data.decode(name).replace("\x00", ""), name
    except UnicodeDecodeError as error:
        if error.start < 0.9 * len(data):
            raise damaged(
                f"The file begins like {name} but is not: byte {error.start} cannot be read.",
                f"文件开头标明为 {name}，但第 {error.start} 个字节无法解读。",
            ) from error
        return data[: error.start].decode(name).replace("\x00", ""), name


def _utf16_without_mark(data: bytes) -> str:
    """The byte order of UTF-16 that carries no mark: seen by the NULs of ASCII, or by what it spells in Chinese."""
    sample = data[:4096]
    if len(sample) < 4 or len(data) % 2:
        return ""
    even, odd = sample[0::2], sample[1::2]
    if odd.count(0) > 0.3 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.3 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    for name in ("utf-16-le", "utf-16-be"):
        if _everyday_share(data, name) >= _ENOUGH and _everyday_share(data, "gb18030") < _ENOUGH:
            return name
    return ""


def _is_western(data: bytes) -> bool:
    """Whether the high bytes stand alone between ASCII letters, as accents do."""
    runs = re.findall(rb"[\x80-\xff]+", data[:_SAMPLE])
    return sum(len(run) == 1 for run in runs) >= 0.9 * len(runs) and sum(map(len, runs)) < 0.2 * len(data[:_SAMPLE])


def _decode_legacy(data: bytes) -> tuple[str, str]:
    scores = {name: _everyday_share(data, name) for name in ("gb18030", "big5")}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= _ENOUGH:
        name = "cp950" if best == "big5" else best
        return data.decode(name, errors="replace"), name
    repaired = data.decode("utf-8", errors="replace")
    strange = repaired.count("\ufffd")
    if strange <= 0.01 * len(repaired) and sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", repaired))) > 3 * strange:
        return repaired, "utf-8"  # a few damaged bytes in good UTF-8
    if _is_western(data):
        try:
            return data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            pass
    match = from_bytes(data[:_SAMPLE]).best()
    if match is not None:
        try:
            return data.decode(match.encoding), match.encoding
        except UnicodeDecodeError:
            pass
    if scores[best] > 0.5:
        return data.decode(best, errors="replace"), best
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as error:
        raise damaged("The charset of the text could not be told.", "无法判断文本的字符编码。") from error


def _everyday_share(data: bytes, name: str) -> float:
    """Which share of the non-ASCII characters, read as ``name``, are everyday Chinese (0 when unreadable).

    GB2312 keeps its 3,755 common characters in rows B0-D7 and marks in A1-A9; Big5 its 5,401 in A440-C67E and marks
    in A140-A3BF. Text read in the wrong one of the two falls all over the rare rows.
    """
    sample = data[:_SPELLING]
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        text = decoder.decode(sample, final=len(data) <= _SPELLING)
    except UnicodeDecodeError as error:
        if error.start < 0.98 * len(sample):
            return 0.0
        text = sample[: error.start].decode(name, errors="ignore")
    wide = [character for character in text if character > "\x7f"]
    if not wide:
        return 0.0
    everyday = 0
    for character in wide:
        code = character.encode("gb18030" if name.startswith("utf") else name, errors="ignore")
        if len(code) != 2:
            continue
        lead, trail = code[0], code[1]
        if name == "big5":
            everyday += 0xA4 <= lead <= 0xC6 or 0xA1 <= lead <= 0xA3
        else:
            everyday += trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA9)
    return everyday / len(wide)
