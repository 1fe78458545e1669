"""Find what may tell who a patient, a relative or a member of staff is: rules, five languages."""

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from kb.identifiers import contacts, dates, numbers, people, places, tables
from kb.identifiers.cues import Cues, hear
from kb.identifiers.page import Identifier, Page
from kb.vocabulary import IdentifierKind

__all__ = ["Identifier", "find", "occurrences"]

TOKEN = re.compile(r"\w++")


def find(text: str, *, language: str = "", names: Iterable[str] = ()) -> list[Identifier]:
    """Return what may identify people in the text, in order, never overlapping.

    `language` is a BCP 47 tag; without one, titles of all languages count. `names`
    are of people named elsewhere, in another part of the same record. The time is linear in the
    length of the text.

    >>> [(i.kind.value, i.text) for i in find("Mrs Amina Juma can be called on 0712 345 678.")]
    [('person', 'Mrs Amina Juma'), ('phone', '0712 345 678')]
    """
    page = Page(text, language)
    found = [
        *hear(page, _cues()),
        *tables.columns(page),
        *contacts.phones(page),
        *contacts.emails(page),
        *numbers.known_forms(page),
        *numbers.national_forms(page),
        *places.positions(page),
        *places.rare_events(page),
    ]
    here = (i.text for i in found if i.kind is IdentifierKind.PERSON)
    found += people.said_again(page, {*names, *here})
    return _apart(page, found)


@cache
def _cues() -> Cues:
    cues: Cues = {}
    people.listen_for_people(cues)
    dates.listen_for_births(cues)
    numbers.listen_for_numbers(cues)
    places.listen_for_places(cues)
    return cues


def _apart(page: Page, found: Iterable[Identifier]) -> list[Identifier]:
    """Return the passages in order, where two overlap the surer, then the longer one."""
    taken: list[Identifier] = []
    for one in sorted(
        _joined(page, found), key=lambda i: (-i.confidence, i.start - i.end, i.start)
    ):
        at = bisect(taken, one.start, key=lambda i: i.start)
        clear_before = at == 0 or taken[at - 1].end <= one.start
        clear_after = at == len(taken) or one.end <= taken[at].start
        if clear_before and clear_after:
            taken.insert(at, one)
    return taken


def _joined(page: Page, found: Iterable[Identifier]) -> list[Identifier]:
    """Return the passages with those of one kind that overlap made one."""
    joined: dict[IdentifierKind, list[Identifier]] = {}
    for one in sorted(found, key=lambda i: (i.start, -i.end)):
        same = joined.setdefault(one.kind, [])
        if same and one.start < same[-1].end:
            last = same[-1]
            sure = max(last.confidence, one.confidence)
            same[-1] = page.found(one.kind, last.start, max(last.end, one.end), sure)
        else:
            same.append(one)
    return [one for same in joined.values() for one in same]


def occurrences(wanted: Iterable[str]) -> Callable[[str], Iterator[tuple[int, int]]]:
    """Return a function that yields where one of the texts stands, as whole words.

    It takes time linear in each text it is asked about.
    """
    texts = frozenset(wanted)
    shapes: dict[str, set[tuple[int, int]]] = {}  # by the first word: what precedes it, the length
    for one in texts:
        first = TOKEN.search(one)
        if first:
            shapes.setdefault(first.group(), set()).add((first.start(), len(one)))
    tried = {word: sorted(some, key=lambda s: -s[1]) for word, some in shapes.items()}

    def standing_in(text: str) -> Iterator[tuple[int, int]]:
        past = 0
        for token in TOKEN.finditer(text):
            for before, length in tried.get(token.group(), ()):
                start = token.start() - before
                end = start + length
                if start >= past and text[start:end] in texts and _is_whole(text, start, end):
                    yield start, end
                    past = end
                    break

    return standing_in


def _is_whole(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )
