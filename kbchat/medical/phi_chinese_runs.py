"""Whether a run of Chinese characters can be a name: its surname, what given names are made of, and what the dictionary says."""

from __future__ import annotations

import re

import rjieba

from kbchat.medical.lexicon import Lexicon
from kbchat.medical.phi_tables import shapes
from kbchat.text.deferred_pattern import deferred

WHOLE_NAME = 3
"""Characters of a surname and a given name of two."""
_SHORTEST_WORD = 2
_ENDS_TERMS = frozenset("位状型期性度感部级组例科式法项类样者员")
_MEDICINE = deferred(
    r".{2}(?:他丁|司他|替尼|单抗|沙坦|洛尔|地平|普利|西林|沙星|霉素|他汀|列净|列汀|双胍|拉唑|康唑|替丁|昔布|昔康|洛芬|韦林|洛韦|肝素|皮素|凝酶|白蛋白|胶囊|颗粒)$"
)
"""How names of medicines end that the lexicon may lack."""
_TITLES = deferred("医生|医师|护士|大夫|主任|教授|院长|药师|专家|老师")


def is_called_like_a_medicine(run: str) -> bool:
    """Whether a run of four characters or more ends as names of medicines do (乌司他丁)."""
    return len(run) > WHOLE_NAME and bool(_MEDICINE.search(run))


def fits(run: str, *, loose: bool = False) -> bool:
    """Whether a run has the shape of a name: a surname and what given names are made of; ``loose``: particles too."""
    known = shapes()
    if known.foreign.fullmatch(run):
        return True
    if not re.fullmatch(known.long_name if loose else known.name, run) or run in known.not_names:
        return False
    given = set(run[1:])
    return (
        not _TITLES.search(run)
        and not is_called_like_a_medicine(run)
        and not given & known.not_in_names
        and (loose or not given & known.seldom_in_names)
    )


def is_word(run: str) -> bool:
    """Whether a run is a word of the dictionary or begins with one, or is a medicine (高热, 左手麻, 万托林)."""
    known = shapes()
    if known.foreign.fullmatch(run):
        return False
    first, kind = rjieba.tag(run, False)[0]
    if kind.startswith("nr") and (len(first) > _SHORTEST_WORD or (first == run and first[0] in known.common)):
        return False
    return (len(first) > 1 and first not in known.compounds) or is_term(run)


def is_term(run: str) -> bool:
    """Whether a run holds a medicine or another term of the lexicon (易感冒)."""
    return next(iter(Lexicon.curated().matches(run)), None) is not None


def is_name(run: str, *, loose: bool = False) -> bool:
    """Whether a run fits and is no word."""
    return fits(run, loose=loose) and not is_word(run)


def is_known_name(run: str) -> bool:
    """Whether three characters fit and the dictionary has them as one name of a person."""
    return len(run) == WHOLE_NAME and is_name(run) and rjieba.tag(run, False)[0] == (run, "nr")


def is_name_at_a_number(run: str) -> bool:
    """Whether a run right before an identifier is a name; of three characters, the first two may be a word (方知意)."""
    return is_name(run, loose=len(run) >= WHOLE_NAME) or (run[0] in shapes().common and is_new_name(run))


def is_new_name(run: str) -> bool:
    """Whether three characters fit, though the first two are a word (占梦瑶, 黎明霞): the dictionary knows neither all nor the last two."""
    if len(run) != WHOLE_NAME or run[-1] in _ENDS_TERMS or not fits(run) or is_term(run):
        return False
    return rjieba.cut(run, False) != [run] and rjieba.cut(run[1:], False) != [run[1:]]
