"""Find the phrases by which staff tell of a concept without naming it: cues.yaml and hints.yaml.

A cue says so nearly by itself (*poster*), a hint only together with others (*wall*). Words are
looked up, not searched for: time is linear in the text, whatever the number of phrases.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

import yaml

from ingest.sentences import tokens

FALLBACK = "en"  # stands in for a language that has no phrases
LEAST_STEM = 2  # letters before the `*` of a phrase


class Strength(StrEnum):
    """How much a phrase says by itself; the files have the same names."""

    CUE = "cues"
    HINT = "hints"


class Said(NamedTuple):
    """A phrase that stands in a text."""

    notation: str
    strength: Strength
    words: str  # folded, as the text has them


Known: TypeAlias = Mapping[str, Mapping[str, Sequence[str]]]  # notation → language → phrases


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    is_stem: bool  # the rest of the word may be anything

    def fits(self, token: str) -> bool:
        return token.startswith(self.text) if self.is_stem else token == self.text


@dataclass(frozen=True, slots=True)
class _Phrase:
    notation: str
    strength: Strength
    words: tuple[_Word, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The phrases of one language by their first word, whole or its beginning."""

    whole: Mapping[str, Sequence[_Phrase]]
    stems: Mapping[str, Sequence[_Phrase]]

    def find(self, text: str) -> Iterator[Said]:
        """Yield what of the phrases stands in `text`, in its order; twice what stands twice."""
        found = tokens(text)
        for at, token in enumerate(found):
            for phrase in self._beginning(token):
                end = at + len(phrase.words)
                if len(phrase.words) == 1 or (
                    end <= len(found)
                    and all(
                        word.fits(said)
                        for word, said in zip(phrase.words, found[at:end], strict=True)
                    )
                ):
                    yield Said(phrase.notation, phrase.strength, " ".join(found[at:end]))

    def _beginning(self, token: str) -> Iterator[_Phrase]:
        yield from self.whole.get(token, ())
        for letters in range(LEAST_STEM, len(token) + 1):
            yield from self.stems.get(token[:letters], ())


def lexicon(language: str = "") -> Lexicon:
    """Return the phrases of a language (BCP 47).

    Only those of the text's own language are read: many are ordinary words in another. English
    stands in for a language that has none.
    """
    return _lexicon(language.partition("-")[0])


def known(strength: Strength) -> Known:
    """Return the phrases as the file has them."""
    return _known(strength)


@cache
def _lexicon(language: str) -> Lexicon:
    spoken = {said for languages in _known(Strength.CUE).values() for said in languages}
    language = language if language in spoken else FALLBACK
    whole: dict[str, list[_Phrase]] = defaultdict(list)
    stems: dict[str, list[_Phrase]] = defaultdict(list)
    for strength in Strength:
        for notation, languages in _known(strength).items():
            for phrase in languages.get(language, ()):
                words = _words(phrase)
                first = words[0]
                (stems if first.is_stem else whole)[first.text].append(
                    _Phrase(notation, strength, words)
                )
    return Lexicon(dict(whole), dict(stems))


def _words(phrase: str) -> tuple[_Word, ...]:
    """Return the words of a phrase; `*` alone is any word, at the end of one the rest of it."""
    return tuple(
        _Word(token, is_stem=is_stem)
        for part in phrase.replace("-", " ").split()
        for token, is_stem in _tokens(part)
    )


def _tokens(part: str) -> list[tuple[str, bool]]:
    if part == "*":
        return [("", True)]
    found = tokens(part)
    return [(token, part.endswith("*") and n == len(found)) for n, token in enumerate(found, 1)]


@cache
def _known(strength: Strength) -> Known:
    text = Path(__file__).with_name(f"{strength}.yaml").read_text(encoding="utf-8")
    read: Known = yaml.safe_load(text)
    return read
