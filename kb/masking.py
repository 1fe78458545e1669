"""Names of places that a facility keeps back, taken out of a text: a role stands for each.

A name is met in any case, with or without accents, with hyphens or blanks, with the words for its
kind before or behind it, in another order or shortened (“Ilulu HC”). Words are compared folded
(`kb.folding.plain`); what is replaced is as long as the name with its kind.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from kb import content, countries, stand_ins
from kb.folding import Token, plain, tokens
from kb.vocabulary import Naming

BETWEEN = re.compile(r"[\s\-_'’./,–()]{1,3}")  # two words of one name
BESIDE = re.compile(r"[ \t\-_'’]{1,2}")  # a name and the word for its kind
SENTENCE_ENDS = frozenset('.!?:;\n|#*“«"')
LEAST = 3  # letters of a name that is met by itself
INITIALS = 4


def _listed() -> dict[str, frozenset[str]]:
    text = files("kb").joinpath("masking.yaml").read_text(encoding="utf-8")
    said: dict[str, str] = yaml.load(text, Loader=yaml.CSafeLoader)
    return {name: frozenset(words.split()) for name, words in said.items()}


_LISTS = _listed()
KINDS, JOINING, REGIONS = _LISTS["kinds"], _LISTS["joining"], _LISTS["regions"]
NO_NAMES, ORDINARY = _LISTS["compass"], _LISTS["ordinary"]


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A name that is kept back: its folded words, and what stands for it."""

    words: tuple[str, ...]
    role: str  # as `stand_ins.place` knows it
    kinds: frozenset[str] = KINDS  # words that belong to it where they stand beside it
    with_kind: bool = False  # met only beside one of them: a district is called so too
    capital: bool = False  # met only with a capital letter: it is an ordinary word as well


Change = Callable[[str], str]


def unchanged(text: str) -> str:
    """Return the text as it is."""
    return text


def mask(places: Sequence[content.Place], naming: Naming, language: str) -> Change:
    """Return what takes out of a text the names that `naming` does not show of the places.

    >>> ilulu = content.Place(facility="Ilulu Health Centre", facility_type="health-centre")
    >>> change = mask([ilulu], Naming.TYPE_AND_DISTRICT, "en")
    >>> change("Staff of the Ilulu HC did it. ILULU is small.")
    'Staff of the health centre did it. A health centre is small.'
    """
    return _masked(tuple(places), naming, language)


@lru_cache(maxsize=512)  # the same records are read again and again
def _masked(places: tuple[content.Place, ...], naming: Naming, language: str) -> Change:
    by_first: dict[str, list[_Hidden]] = {}
    for name in sorted(set(_hidden(places, naming)), key=lambda name: -len(name.words)):
        by_first.setdefault(name.words[0], []).append(name)
    if not by_first:
        return unchanged

    def change(text: str) -> str:
        words = list(tokens(text))
        folded = [plain(word.surface) for word in words]
        parts: list[str] = []
        at = n = free = 0  # free: the first word that is of no name yet
        while n < len(words):
            found = _met(text, words, folded, by_first.get(folded[n], ()), n=n, free=free)
            if found is None:
                n += 1
                continue
            name, first, last = found
            start, before = words[first].start, folded[first - 1] if first else ""
            parts += [text[at:start], _said(text, start, before, name.role, language)]
            at, n = words[last].end, last + 1
            free = n
        return "".join([*parts, text[at:]])

    return change


def says(text: str, places: Sequence[content.Place], naming: Naming) -> bool:
    """Tell whether an address or a code has a hidden name in it, as letters without blanks.

    >>> says("https://www.ilulu-hc.org", [content.Place(facility="Ilulu HC")], Naming.ANONYMOUS)
    True
    """
    letters = "".join(_words(text))
    names = ("".join(name.words) for name in _hidden(tuple(places), naming) if not name.with_kind)
    return any(len(name) > LEAST and name in letters for name in names)


def _met(
    text: str,
    words: Sequence[Token],
    folded: Sequence[str],
    names: Collection[_Hidden],
    *,
    n: int,
    free: int,
) -> tuple[_Hidden, int, int] | None:
    """Return the name that begins at word `n`, and its first and last word with its kind.

    Words before `free` belong to another name.
    """
    for name in names:
        end = n + len(name.words)
        if tuple(folded[n:end]) != name.words or not _joined(text, words[n:end]):
            continue
        if name.capital and words[n].surface[:1].islower():
            continue
        first, last = _with_kind(text, words, folded, name.kinds, first=n, last=end - 1, free=free)
        if name.with_kind and (first, last) == (n, end - 1):
            continue
        return name, first, last
    return None


def _with_kind(
    text: str,
    words: Sequence[Token],
    folded: Sequence[str],
    kinds: frozenset[str],
    *,
    first: int,
    last: int,
    free: int,
) -> tuple[int, int]:
    """Return the words of the name with those for its kind, before and behind it."""
    while last + 1 < len(words) and folded[last + 1] in kinds and _next(text, words, last, BESIDE):
        last += 1
    reach = first
    general = kinds | JOINING if kinds else kinds
    while reach > free and folded[reach - 1] in general and _next(text, words, reach - 1, BESIDE):
        reach -= 1
        if folded[reach] in kinds:
            first = reach
    return first, last


def _joined(text: str, words: Sequence[Token]) -> bool:
    return all(_next(text, words, n) for n in range(len(words) - 1))


def _next(text: str, words: Sequence[Token], n: int, parting: re.Pattern[str] = BETWEEN) -> bool:
    """Tell whether nothing but a blank or such signs part a word from the next."""
    between = text[words[n].end : words[n + 1].start]
    return "\n" not in between and parting.fullmatch(between) is not None


def _said(text: str, start: int, before: str, role: str, language: str) -> str:
    said = stand_ins.place(role, language, after=before)
    sign = text[:start].rstrip(" \t*_#>-")[-1:]
    begins = not sign or sign in SENTENCE_ENDS or "\n" in text[:start][-3:]
    return said[:1].upper() + said[1:] if begins and text[start].isupper() else said


def _hidden(places: tuple[content.Place, ...], naming: Naming) -> Iterator[_Hidden]:
    """Yield what may not be said of the places, each name in the forms in which it is met."""
    if naming is Naming.NAMED:
        return
    districts_too = naming in {Naming.TYPE_AND_COUNTRY, Naming.ANONYMOUS}
    for place in places:
        regions = {_words(name) for name in (place.admin1, place.admin2)} - {()}
        role = str(place.facility_type or "facility")
        yield from _facility(place.facility, role, regions)
        if _words(place.facility_code):
            yield _Hidden(_words(place.facility_code), "code", frozenset())
        if districts_too:
            for words in regions:
                vague = set(words) <= NO_NAMES | KINDS or len("".join(words)) < LEAST
                yield _Hidden(words, "district", REGIONS, with_kind=vague)
        if naming is Naming.ANONYMOUS and place.country:
            yield from (_Hidden(words, "country", frozenset()) for words in _called(place.country))


def _facility(name: str, role: str, regions: Collection[tuple[str, ...]]) -> Iterator[_Hidden]:
    whole = _words(name)
    if not whole:
        return
    yield _Hidden(whole, role)
    core = _core(whole)
    if core:
        alone = len("".join(core)) >= LEAST and core not in regions
        yield _Hidden(core, role, with_kind=not alone, capital=core[0] in ORDINARY)
        if len(core) > 1:
            yield _Hidden(("".join(core),), role)
            elsewhere = {word for words in regions for word in words}
            if len(core[0]) > LEAST and core[0] not in ORDINARY | elsewhere:
                yield _Hidden(core[:1], role, capital=True)
    told = [word for word in whole if word not in JOINING]
    if len(told) >= INITIALS:
        yield _Hidden(("".join(word[0] for word in told),), role)


def _core(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words without those for its kind at either end.

    >>> _core(("centre", "de", "sante", "de", "kaya", "nord"))
    ('kaya', 'nord')
    """
    general = KINDS | JOINING
    at = [n for n, word in enumerate(words) if word not in general]
    return tuple(words[at[0] : at[-1] + 1]) if at else ()


def _words(name: str) -> tuple[str, ...]:
    return tuple(plain(word.surface) for word in tokens(name))


@cache
def _called(country: str) -> frozenset[tuple[str, ...]]:
    called = (
        *countries.names().items(),
        *countries.other_names().items(),
        *countries.people().items(),
    )
    names = {name for name, code in called if code == country}
    return frozenset({_words(name) for name in (*names, country)} - {()})
