"""Text of documents and people as material for a prompt: it can neither end its fence, nor open a turn, nor fake a source.

What is changed is only what the model reads; quotes shown to people come from the document itself.
"""

from __future__ import annotations

import re
import unicodedata

from kbchat.text.sentences import split_sentences

FENCE_OPEN = "<<<"
FENCE_CLOSE = ">>>"

_FENCE = re.compile(r"<{3,}|>{3,}")
_TAG = re.compile(
    r"<(?=/?(?:s|pad|unk|eos|bos|human|bot|user|assistant|system|think|tool\w*|instructions?|documents?|context|prompt)\s*/?>)"
    r"|<(?=\|[\w ]{1,30}\|>)|<(?=<\s*/?sys\s*>>)",
    re.IGNORECASE,
)
_INST = re.compile(r"\[(/?inst)\]", re.IGNORECASE)
_SPEAKER = re.compile(
    r"^(\s*)(user|helper|human|bot|assistant|system|developer|instructions?|用户|助手|系统|人类|指令)\s*[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBERS = r"(?:no\.?\s*)?\d{1,3}(?:\s*[-–—~～,，、]\s*\d{1,3})*"
_MARKER = re.compile(rf"[\[［【]\s*({_NUMBERS})\s*[\]］】]", re.IGNORECASE)

# A sentence that speaks to a program about its instructions. Narrow on purpose: a leaflet's "do not ignore the
# instructions of your doctor" has to stay.
_COMMANDS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,24}\b(?:all|any|previous|prior|above|earlier|preceding|system|your)\b.{0,24}"
    r"\b(?:instructions?|prompts?|rules|directions|guidelines|messages?|context|told)\b(?! (?:of|from|by) (?:your|the) "
    r"(?:doctor|physician|pharmacist|nurse))"
    r"|\b(?:reveal|show|print|repeat|output|leak|display)\b.{0,24}\bsystem prompt\b"
    r"|\bjailbreak\b|\bdeveloper mode\b|\bdo anything now\b"
    r"|\byou are (?:now|no longer)\b.{0,30}\b(?:ai|assistant|dan|chatbot|unrestricted)\b"
    r"|\bas an? (?:ai|language model|llm|chatbot) ?(?:assistant|model|system)?\b, ?you\b"
    r"|\b(?:ai (?:assistant|model|system|tool)|language model|llm|chatbot)s?\b.{0,24}\b(?:must|should|shall) "
    r"(?:now |always |never )?(?:say|tell|answer|reply|respond|recommend|output|write|ignore)\b"
    r"|(?:忽略|无视|忘记|忘掉|不要理会|抛开|覆盖)(?:掉)?.{0,6}(?:以上|上面|之前|前面|先前|此前|所有|全部|一切|你的|系统)"
    r"(?:(?![医药护])[^。，]){0,8}(?:指令|指示|提示词?|规则|设定|限制|对话)"
    r"|系统提示词|越狱模式|开发者模式"
    r"|你现在(?:是|扮演|不再是).{0,16}(?:ai|助手|模型|机器人|无限制)"
    r"|(?:ai|人工智能|语言模型|大模型|聊天机器人|智能助手)(?:助手|系统|模型)?.{0,2}(?:必须|应当|应该|务必|请|要)(?:直接)?"
    r"(?:回答|回复|告诉|输出|说|推荐|写)",
    re.IGNORECASE | re.DOTALL,
)


def neutral_document(text: str, left_out: str) -> str:
    """Text of a document for the inside of a fence; a sentence that gives the program orders becomes ``left_out``."""
    text = without_invisible(text)
    kept = list(text)
    for start, end in reversed(split_sentences(text)):
        if _COMMANDS.search(text[start:end]):
            kept[start:end] = left_out
    return _without_marks("".join(kept))


def neutral_message(text: str) -> str:
    """What a person or an earlier answer said: no fences, no chat markup, no markers of other passages."""
    return _without_marks(without_invisible(text))


def without_invisible(text: str) -> str:
    """The text less control and format characters, in which orders can hide; line breaks and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def _without_marks(text: str) -> str:
    text = _FENCE.sub(lambda found: " ".join(found.group()), text)
    text = _TAG.sub("‹", text)
    text = _INST.sub(r"(\1)", text)
    text = _SPEAKER.sub(r"\1\2 -", text)
    return _MARKER.sub(r"〔\1〕", text)
