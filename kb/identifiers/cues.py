"""Words that announce an identifier, found in one pass over the words of a text."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from kb.identifiers.page import WORD, Identifier, Page
from kb.identifiers.words import any_of

Rule: TypeAlias = Callable[[Page, "re.Match[str]"], Iterable[Identifier]]


class Cue(NamedTuple):
    """A pattern that is tried where its first word stands, and what to do where it fits."""

    pattern: "re.Pattern[str]"
    rule: Rule


Cues: TypeAlias = dict[str, list[Cue]]


def listen(cues: Cues, phrases: Iterable[str], rule: Rule, *, then: str = r"(?!\w)") -> None:
    """Add: where one of the phrases stands, followed by the pattern `then`, `rule` is asked."""
    by_word: dict[str, list[str]] = {}
    for phrase in phrases:
        first = WORD.search(phrase.casefold())
        assert first is not None
        by_word.setdefault(first.group(), []).append(phrase)
    for word, some in by_word.items():
        pattern = re.compile(rf"(?P<cue>{any_of(some)}){then}", re.IGNORECASE)
        cues.setdefault(word, []).append(Cue(pattern, rule))


def hear(page: Page, cues: Cues) -> Iterator[Identifier]:
    """Yield what the rules find behind the cues of the page."""
    text = page.text
    for word in WORD.finditer(text):
        if text[word.start() - 1 : word.start()].isdigit():
            continue  # the end of a code
        for pattern, rule in cues.get(word.group().casefold(), ()):
            match = pattern.match(text, word.start())
            if match:
                yield from rule(page, match)
