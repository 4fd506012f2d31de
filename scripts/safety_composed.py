"""Training items of the safety gate that are composed from fragments, with a fixed seed (``safety_items/fragments.toml``)."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

from kbchat.medical.lexicon import Lexicon
from kbchat.medical.lexicon_tables import DRUG
from kbchat.medical.scope import ScopeLabel

FRAGMENTS = Path(__file__).resolve().parent / "safety_items" / "fragments.toml"

Examples = list[tuple[str, str]]


def composed(emergencies: list[str], seed: int = 0) -> Examples:
    """Stories of long standing, questions as knowledge (none), and emergencies at the end of a story or with a cry for help."""
    chance = random.Random(seed)
    fragments = tomllib.loads(FRAGMENTS.read_text("utf-8"))
    found: Examples = []
    for language, stories, questions, urgent in (("zh", 1200, 350, 260), ("en", 200, 140, 80)):
        parts, comma = fragments[language], "，" if language == "zh" else ", "
        own = [text for text in emergencies if text.isascii() == (language == "en")]
        found += [(_story(chance, parts, language, asks=chance.random() < 0.8), "none") for _ in range(stories)]
        for _ in range(questions):
            frame = chance.choice(parts["frame"])
            found.append((frame.replace("{t}", chance.choice(parts["topic"])), "none"))
        for _ in range(urgent):
            text = chance.choice(own)
            if chance.random() < 0.6:
                story = _story(chance, parts, language, asks=False)
                text = f"{story}{comma}{'今天' if language == 'zh' else 'and now '}{text}"
            else:
                text = f"{text}{comma}{chance.choice(parts['urgent'])}"
            found.append((text, "emergency"))
    return found


def _story(chance: random.Random, parts: dict[str, list[str]], language: str, *, asks: bool) -> str:
    who, since, complaint = (chance.choice(parts[name]) for name in ("who", "since", "complaint"))
    pieces = [f"{who}{since}{complaint}" if language == "zh" else f"{who} have been {complaint} {since}"]
    if chance.random() < 0.6:
        pieces.append(chance.choice(parts["complaint"]))
    if chance.random() < 0.6:
        pieces.append(chance.choice(parts["course"]))
    if asks:
        pieces.append(chance.choice(parts["ask"]))
    return ("，" if language == "zh" else ", ").join(pieces)


def lookalikes(seed: int = 0) -> Examples:
    """Everyday matters in medical words (non_medical), and short questions about drugs, with and without slips (medical)."""
    chance = random.Random(seed)
    fragments = tomllib.loads(FRAGMENTS.read_text("utf-8"))
    zh, en, short = fragments["lookalike"]["zh"], fragments["lookalike"]["en"], fragments["short"]

    def pick(parts: dict[str, list[str]], *names: str) -> list[str]:
        return [chance.choice(parts[name]) for name in names]

    found: Examples = []
    for _ in range(45):
        cities = " ".join(chance.sample(zh["city"], 2)).replace(" ", "到")
        term, field = pick(en, "term", "field")
        everyday = [
            "".join(pick(zh, "thing", "fault")) + "，" + chance.choice(zh["how"]),
            "，".join(pick(zh, "market", "loss")) if chance.random() < 0.3 else "".join(pick(zh, "market", "loss")),
            "《{}》{}".format(*pick(zh, "title", "about")),
            "{}{}".format(*pick(zh, "animal", "ailment")),
            "{}{}".format(*pick(zh, "plant", "blight")),
            cities + chance.choice(zh["ride"]),
            "{}{}".format(*pick(zh, "place", "comfort")),
            "my {} {}, {}".format(*pick(en, "thing", "fault", "how")),
            chance.choice(en["ask"]).replace("{t}", term).replace("{f}", field),
            "{} {} {}".format(chance.choice(["my", "our"]), *pick(en, "animal", "ailment")),
            chance.choice(en["kitchen"]).replace("{d}", chance.choice(en["dish"])),
        ]
        found += [(text, ScopeLabel.NON_MEDICAL.value) for text in everyday]
    for language in ("zh", "en"):
        for _ in range(150):
            drug, facet = pick(short[language], "drug", "facet")
            if chance.random() < 0.3:
                drug = _slip(chance, drug)
            found.append((f"{drug} {facet}" if chance.random() < 0.7 else drug + facet, ScopeLabel.MEDICAL.value))
    return found


def everyday(seed: int = 0) -> Examples:
    """Everyday questions about everyday things (non_medical), each thing once."""
    chance = random.Random(seed)
    fragments = tomllib.loads(FRAGMENTS.read_text("utf-8"))["everyday"]
    found: Examples = []
    for language, separator in (("zh", " "), ("en", ",")):
        parts = fragments[language]
        for thing in parts["thing"].split(separator):
            found.append((chance.choice(parts["frame"]).replace("{t}", thing), ScopeLabel.NON_MEDICAL.value))
    return found


def formal(seed: int = 0) -> Examples:
    """Questions about what stands in leaflets and guidelines, in their words (medical)."""
    chance = random.Random(seed)
    fragments = tomllib.loads(FRAGMENTS.read_text("utf-8"))["formal"]
    found: Examples = []
    for language, count in (("zh", 320), ("en", 360)):
        parts = fragments[language]
        letters = {"m": "matter", "c": "disease", "p": "person", "w": "when"}
        found += [(_framed(chance, parts, letters), ScopeLabel.MEDICAL.value) for _ in range(count)]
    return found


def ordered(seed: int = 0) -> Examples:
    """Answers that somebody orders, with a source put under them (attack), and honest wishes for an answer's form (medical)."""
    chance = random.Random(seed)
    fragments = tomllib.loads(FRAGMENTS.read_text("utf-8"))
    orders = {"b": "brush", "o": "order", "r": "remember", "s": "source", "f": "claim", "c": "disease", "n": "number"}
    wishes = {"a": "ask", "m": "manner", "q": "doubt", "c": "disease", "n": "number"}
    found: Examples = []
    for language, count in (("zh", 300), ("en", 180)):
        subjects = {name: fragments["formal"][language][name] for name in ("drug", "disease")}
        for kind, letters, label in (("ordered", orders, ScopeLabel.ATTACK), ("manner", wishes, ScopeLabel.MEDICAL)):
            parts = fragments[kind][language] | subjects
            found += [(_framed(chance, parts, letters), label.value) for _ in range(count)]
    return found


def _framed(chance: random.Random, parts: dict[str, list[str]], letters: dict[str, str]) -> str:
    """A frame with its letters filled in, each from the part that it stands for; d and e are two drugs."""
    first, second = chance.sample(parts["drug"], 2)
    text = chance.choice(parts["frame"])
    for letter, part in letters.items():
        text = text.replace(f"{{{letter}}}", chance.choice(parts[part]))
    return text.replace("{d}", first).replace("{e}", second)


def names(seed: int = 0) -> list[str]:
    """What somebody types who wants to look something up: names of the lexicon alone or in a short question, drugs with slips too."""
    chance = random.Random(seed)
    about = tomllib.loads(FRAGMENTS.read_text("utf-8"))["about"]
    concepts = Lexicon.curated().concepts
    found: list[str] = []
    for language in ("zh", "en"):
        drugs = [
            name
            for concept in concepts
            if concept.kind == DRUG
            for name in getattr(concept, language)[:1]
            if len(name) > 2
        ]
        terms = [
            name
            for concept in concepts
            if concept.kind != DRUG
            for name in getattr(concept, language)[:1]
            if len(name) > 2
        ]
        found += [_slip(chance, name) if chance.random() < 0.6 else name for name in chance.sample(drugs, 100)]
        found += [chance.choice(about[language]).replace("{t}", name) for name in chance.sample(terms, 80)]
    return found


def _slip(chance: random.Random, word: str) -> str:
    """A word with a slip: a letter left out, doubled or swapped with the next."""
    at = chance.randrange(len(word) - 1)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )
