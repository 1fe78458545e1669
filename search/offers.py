"""What a question names that is a filter: countries, levels, kinds of facility."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple, TypeAlias

from kb import countries
from kb.folding import plain, tokens
from kb.labels import FacetName, Labels

# Names of countries that are also ordinary words of some language: a meeting, a bird, property.
# They count with a capital.
ORDINARY = frozenset({"reunion", "reuniao", "jersey", "turkey", "mali", "chile", "peru", "gine"})
# Two countries are called so, or the word says something else more often than the level.
UNCLEAR = frozenset({"congo", "kongo", "block", "state", "community", "facility"})
SHORT = 3  # letters: such a name counts in capitals only, as in DRC
FIELDS = {"level": "levels", "facility_type": "facility_types"}  # facet -> field of Filters
COUNTRIES = "countries"

Span: TypeAlias = tuple[int, int]  # characters, end not included


@dataclass(frozen=True, slots=True)
class Offer:
    """A filter that the question names: offered, never forced."""

    field: str  # of Filters
    value: str
    text: str  # as typed


class _Name(NamedTuple):
    """A name of the value of a filter."""

    words: tuple[str, ...]  # as compared
    field: str
    value: str
    short: bool


_Names: TypeAlias = Mapping[str, Sequence[_Name]]  # by the first word, the longest first


def offers(
    text: str, labels: Labels | None = None, *, taken: Collection[Span] = ()
) -> tuple[Offer, ...]:
    """Return the filters that `text` names, in its order, each once.

    The longest name counts: in “district hospital” no district is named. Nor is a level or a
    kind of facility inside a longer `taken` span, which means something else already.

    >>> [offer.value for offer in offers("hand washing in Kenya and south sudan")]
    ['KEN', 'SSD']
    """
    words = list(tokens(text))
    ways = [([plain(word.surface) for word in words], _of_countries())]
    if labels is not None:
        ways.append(([word.form for word in words], _of_facets(labels.facet_names)))
    found: dict[tuple[str, str], Offer] = {}
    at = 0
    while at < len(words):
        named = (name for said, names in ways for name in _named(names, said, at))
        length = 1
        for name in named:
            start, end = words[at].start, words[at + len(name.words) - 1].end
            if _counts(name, text[start:end], (start, end), taken):
                offer = Offer(name.field, name.value, text[start:end])
                found.setdefault((name.field, name.value), offer)
                length = len(name.words)
                break
        at += length
    return tuple(found.values())


def _named(names: _Names, said: Sequence[str], at: int) -> Iterator[_Name]:
    for name in names.get(said[at], ()):
        if tuple(said[at : at + len(name.words)]) == name.words:
            yield name


def _counts(name: _Name, said: str, span: Span, taken: Collection[Span]) -> bool:
    """Whether the words are the name here, and not an ordinary word or part of another name."""
    if name.field == COUNTRIES:
        return said.isupper() if name.short else name.words[0] not in ORDINARY or said[0].isupper()
    start, end = span
    return not any(a <= start and end <= b and b - a > end - start for a, b in taken)


@cache
def _of_countries() -> _Names:
    named = {**countries.names(), **countries.other_names(), **countries.people()}
    plural = {f"{word}s": code for word, code in countries.people().items()}
    return _by_first(
        _Name(_plain(part), COUNTRIES, code, len(part) <= SHORT)
        for name, code in (plural | named).items()
        for part in name.replace(")", "(").split("(")  # Myanmar (Burma) has two
    )


@lru_cache(maxsize=4)
def _of_facets(names: tuple[FacetName, ...]) -> _Names:
    fields = ((name, FIELDS[name.facet]) for name in names if name.facet in FIELDS)
    return _by_first(_Name(n.forms, field, n.value, short=False) for n, field in fields)


def _by_first(names: Iterable[_Name]) -> _Names:
    table: defaultdict[str, list[_Name]] = defaultdict(list)
    for name in sorted(names, key=lambda name: -len(name.words)):
        if name.words and not (len(name.words) == 1 and name.words[0] in UNCLEAR):
            table[name.words[0]].append(name)
    return dict(table)


def _plain(name: str) -> tuple[str, ...]:
    return tuple(plain(token.surface) for token in tokens(name))
