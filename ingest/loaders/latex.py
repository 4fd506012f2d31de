r"""Formulas left over in text (as converters of papers leave them) made readable: ``$5 0 \%$`` becomes ``50%``."""

from __future__ import annotations

import re

from ingest.loaders.clean_text import superscript

# What may stand between dollar signs to be taken for a formula: a command, a raised or lowered part, a group, or
# nothing but a number with signs. "$5 and $10" stays money.
_FORMULA = re.compile(
    r"\$\$(?P<display>[^$]+)\$\$|\$(?P<inline>(?:[^$\n\\]|\\.){1,400}?|[^$\n]{1,400}\\)\$(?!\d)|\$\$", re.S
)
_TELLTALE = re.compile(r"[\\^_{}]")
_BARE = re.compile(r"(?:[\d\s.,<>=≤≥~+\-±×/%()]|(?<![A-Za-z])[A-Za-z](?![A-Za-z]))+")

_SYMBOLS = {
    "sim": "~", "geqslant": "≥", "geq": "≥", "ge": "≥", "leqslant": "≤", "leq": "≤", "le": "≤", "gg": "≫", "ll": "≪",
    "neq": "≠", "ne": "≠", "approx": "≈", "equiv": "≡", "simeq": "≃", "cong": "≅", "pm": "±", "mp": "∓", "times": "×",
    "cdot": "·", "bullet": "•", "div": "÷", "ast": "*", "star": "★", "circ": "°", "degree": "°", "prime": "′",
    "infty": "∞", "propto": "∝", "angle": "∠", "perp": "⊥", "parallel": "∥", "triangle": "△", "checkmark": "✓",
    "rightarrow": "→", "to": "→", "longrightarrow": "→", "leftarrow": "←", "leftrightarrow": "↔", "uparrow": "↑",
    "downarrow": "↓", "Rightarrow": "⇒", "Leftarrow": "⇐", "dagger": "†", "ddagger": "‡", "S": "§", "AA": "Å",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "colon": ":", "ldots": "…",
    "cdots": "…", "dots": "…", "textregistered": "®", "texttrademark": "™", "copyright": "©", "textdegree": "°",
    "textmu": "μ", "quad": "~", "qquad": "~", "lbrace": "{", "rbrace": "}", "backslash": "", "nabla": "", "log": "log",
    "ln": "ln", "max": "max", "min": "min", "sum": "∑", "in": "∈", "cap": "∩", "cup": "∪", "partial": "∂",
}  # fmt: skip
_ESCAPED = {"%": "%", "$": "$", "&": "&", "#": "#", "_": "_", "{": "(", "}": ")", " ": "~", ",": "~", ";": "~", ":": "~",
            "!": "", "/": "", "-": "", "'": "", "`": "", '"': "", "^": "", "~": "", "=": "", ".": "", "|": "‖",
            "\\": "~"}  # fmt: skip
_COMMAND = re.compile(r"\\([a-zA-Z]+)\s*|\\(.)", re.S)
_CIRCLED = re.compile(r"\\textcircled\s*\{?\s*([0-9]{1,2}|[a-zA-Z])(?:\s*\})?")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_RAISED = re.compile(r"\^\s*(?:\{([^{}]*)\}|(\\[a-zA-Z]+|[^\s\\{}]))")
_LOWERED = re.compile(r"_\s*(?:\{([^{}]*)\}|(\\[a-zA-Z]+|[^\s\\{}]))")
_INNER_GROUP = re.compile(r"(\\[a-zA-Z]+|[\^_])?(\s*)\{([^{}\\^_]*)\}")
_MICROLITRE = re.compile(r"\\lvert\s*\\mu\s*\\rvert")


def readable_formulas(text: str) -> str:
    """``text`` with every formula between dollar signs made readable; anything else is left as it is."""
    if "$" not in text:
        return text
    return _FORMULA.sub(_replacement, text)


def match_formula(text: str, start: int) -> tuple[str, int] | None:
    """The readable form of a formula that begins at ``text[start]``, and where it ends; None when there is none."""
    match = _FORMULA.match(text, start)
    if match is None:
        return None
    replaced = _replacement(match)
    return None if replaced == match.group() else (replaced, match.end())


def _replacement(match: re.Match[str]) -> str:
    display, inline = match.group("display"), match.group("inline")
    if display is not None:
        return readable(display) if _TELLTALE.search(display) else match.group().replace("$$", " ")
    if inline is None:  # "$$" alone: the converter lost the formula
        return " "
    if _TELLTALE.search(inline) or (_BARE.fullmatch(inline) and any(c.isdigit() or c in "<>=+≤≥" for c in inline)):
        return readable(inline)
    return match.group()


def readable(formula: str) -> str:
    """One formula (without its dollar signs) as plain text.

    White space means nothing in a formula, so it goes; explicit spaces stay. Raised whole numbers become superscript
    digits, fonts and accents are dropped, an unknown command is dropped with its argument kept.
    """
    text = _MICROLITRE.sub("μl", formula.rstrip("\\"))
    text = re.sub(r"\^\s*circ\b", r"\\circ ", text)
    text = _CIRCLED.sub(lambda match: _circled(match.group(1)), text)
    text = _FRACTION.sub(r"\1/\2", text)
    text = re.sub(r"\\(?:left|right|big|Big|bigg|Bigg)\s*(?=[()\[\]|./\\])", "", text)
    for _ in range(8):  # groups from the inside out; deeper nesting is no formula
        text, raised = _RAISED.subn(_raise, text)
        text, lowered = _LOWERED.subn(_argument, text)
        text, groups = _INNER_GROUP.subn(_open_group, text)
        if not raised + lowered + groups:
            break
    text = _COMMAND.sub(_command, text)
    text = re.sub(r"[{}^_]", "", text)
    text = re.sub(r"\s+", "", text)
    text = re.sub(r" {2,}", " ", text.replace("~", " ").replace("\x00", "~"))
    return re.sub(r"(?<=\d)\. (?=\d)", ".", text)  # "0 . \ 1 3 3": a decimal is one number


def _argument(match: re.Match[str]) -> str:
    grouped: str | None = match.group(1)
    return grouped if grouped is not None else str(match.group(2))


def _raise(match: re.Match[str]) -> str:
    content = re.sub(r"\s+", "", _COMMAND.sub(_command, _argument(match)))
    return superscript(content) if content.isdigit() else content


def _open_group(match: re.Match[str]) -> str:
    command, space, content = match.group(1) or "", match.group(2), match.group(3)
    if command in ("^", "_"):
        return f"{command}{space}{{{content}}}"
    return (f"{command} " if command else space) + content


def _circled(content: str) -> str:
    if content.isdigit() and 1 <= int(content) <= 20:
        return chr(0x2460 + int(content) - 1)
    return "@" if content in "aA" else content


def _command(match: re.Match[str]) -> str:
    name, escaped = match.group(1), match.group(2)
    if escaped is not None:
        return _ESCAPED.get(escaped, "")
    symbol = _SYMBOLS.get(name, "")
    return "\x00" if symbol == "~" and name == "sim" else symbol
