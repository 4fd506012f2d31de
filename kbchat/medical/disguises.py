"""Text in another guise: encoded, backwards, spelled out, in look-alike letters or digits.

What is hidden is brought to light only to look for an attack in it: an honest question is not written like this. A guise that can
be undone by rule alone (base64, hexadecimal, percent signs, Morse) gives text or nothing; of the others, which give something for
every message, only what reads like words is of use, and the caller decides.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from kbchat.text.deferred_pattern import deferred

_BASE64 = deferred(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = deferred(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s:,]*){6,}(?![0-9a-zA-Z])")
_CODE_POINTS = deferred(r"(?:(?:U\+|\\u)[0-9a-fA-F]{4}[\s,]*){2,}")
_ENTITIES = deferred(r"(?:&#x?[0-9a-fA-F]+;\s*){2,}")
_BINARY = deferred(r"(?:[01]{8}\s*){4,}")
_MORSE = deferred(r"(?:[.\-·−–—•]{1,6}(?:\s*/\s*|\s+)){5,}[.\-·−–—•]{1,6}")
_BACKWARDS_ZH = deferred("令指|词示提|则规|制限|反(?:过来|着)|倒(?:着|过来|序|读)|逆序")
_SEPARATORS = r"[\s.\-_*#|/·,、~^+]"
_SPELLED = deferred(rf"(?:[^\W\d_]{_SEPARATORS}+){{3,}}[^\W\d_](?!\w)")
_PIECES = deferred(r"[A-Za-z]\w*\s*=\s*[\"'“‘]([^\"'”’]{1,60})[\"'”’]")
_LEET: Final = (str.maketrans("0134578@$!", "oleastbasi"), str.maketrans("0134578@$!", "oieastbasi"))
_LEET_WORD = deferred(r"(?<![\w@$])(?=[\w@$!]*[a-zA-Z])(?=[\w@$!]*[01345@$])[\w@$!]{3,}")
_LOOKALIKES: Final = str.maketrans(
    "аеорсухіјѕԁһԛԝвкмнтАЕОРСУХІЈЅВКМНТαερονικτΑΕΡΟΝΙΚΤ", "aeopcyxijsdhqwbkmhtAEOPCYXIJSBKMHTaepovikTAEPONIKT"
)
_MIXED_WORD = deferred(r"(?=\w*[A-Za-z])(?=\w*[\u0370-\u03ff\u0400-\u052f])\w{2,}")
_SHIFT_WORDS = deferred("rot ?-?\\d|凯撒|恺撒|caesar|移位|cipher|密文", re.IGNORECASE)
_PLAIN_WORDS: Final = frozenset(
    "the your you me and all rules rule ignore show tell prompt system give password instructions reveal print secret how to of this "
    "limits safety forget previous dose without admin key follow what is list disable hidden".split()
)
_MORSE_LETTERS: Final = dict(
    zip(
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
        "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.".split(),
        "abcdefghijklmnopqrstuvwxyz0123456789",
        strict=True,
    )
)
_LONGEST = 4000


def encoded(text: str) -> Iterator[str]:
    """What ``text`` holds in base64, hexadecimal, binary, code points, entities, percent signs or Morse, where it is legible."""
    text = text[:_LONGEST]
    for match in _BASE64.finditer(text):
        token = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        token = token[: len(token) - (len(token) % 4 == 1)]
        try:
            yield from _legible(base64.b64decode(token + "=" * (-len(token) % 4)).decode("utf-8"))
        except (binascii.Error, UnicodeDecodeError):
            continue
    for match in _HEX.finditer(text):
        try:
            yield from _legible(bytes.fromhex(re.sub(r"0x|\\x|[\s:,]", "", match[0])).decode("utf-8"))
        except (ValueError, UnicodeDecodeError):
            continue
    for match in _CODE_POINTS.finditer(text):
        yield "".join(chr(int(code, 16)) for code in re.findall("[0-9a-fA-F]{4}", match[0]))
    for match in _BINARY.finditer(text):
        found = bytes(int(byte, 2) for byte in re.findall("[01]{8}", match[0]))
        yield from _legible(found.decode("utf-8", "ignore"))
    if _ENTITIES.search(text):
        yield html.unescape(text)
    if "%" in text and (plain := unquote(text)) != text:
        yield plain
    for match in _MORSE.finditer(text):
        yield from _legible(_morse(match[0]))


def altered(text: str) -> Iterator[str]:
    """``text`` with backwards, shifted, spelled, split, look-alike and digit-for-letter writing undone, where it seems to be written so."""
    text = text[:_LONGEST]
    for shift in (13, *(range(1, 26) if _SHIFT_WORDS.search(text) else ())):
        plain = codecs.decode(text, "rot13") if shift == 13 else _shifted(text, shift)
        if _plain_words(plain) >= 2 and _plain_words(plain) > _plain_words(text):
            yield plain
    backwards = text[::-1]
    if _BACKWARDS_ZH.search(text) or (_plain_words(backwards) >= 2 and _plain_words(backwards) > _plain_words(text)):
        yield backwards
    if _SPELLED.search(text):
        yield _SPELLED.sub(lambda match: re.sub(_SEPARATORS, "", match[0]), text)
        yield re.sub(_SEPARATORS, "", text)
    pieces = _PIECES.findall(text)
    if len(pieces) > 1:
        yield "".join(pieces)
    if len(_LEET_WORD.findall(text)) > 1:
        yield from (text.translate(table) for table in _LEET)
    if _MIXED_WORD.search(text):
        yield text.translate(_LOOKALIKES)


def _legible(text: str) -> Iterator[str]:
    """``text`` if most of it is letters, as in a sentence."""
    letters = sum(character.isalpha() or character.isspace() for character in text)
    if len(text) >= 4 and letters >= 0.7 * len(text) and text.isprintable():
        yield text


def _morse(code: str) -> str:
    code = re.sub("[·•]", ".", re.sub("[−–—]", "-", code))
    words = (word.split() for word in code.split("/"))
    return " ".join("".join(_MORSE_LETTERS.get(letter, "?") for letter in word) for word in words)


def _shifted(text: str, shift: int) -> str:
    """Latin letters moved back by ``shift``."""
    return "".join(
        chr((ord(letter.lower()) - 97 - shift) % 26 + 97) if letter.isascii() and letter.isalpha() else letter
        for letter in text
    )


def _plain_words(text: str) -> int:
    """How many very common words of such messages are in ``text``."""
    return len(_PLAIN_WORDS.intersection(re.findall("[a-z]+", text.lower())))
