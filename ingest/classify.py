"""Suggest topics and interventions, each with the sentence that says why.

Three kinds of evidence are added up, each weighed by where in the story it stands: a label of the
concept (kb.labels), a phrase in which staff tell of it without its name (cues.yaml), and, with an
encoder, a sentence that means nearly the same. Labels and cues give tags of source `rule`,
meaning alone gives `model`. A curator confirms; nothing here decides.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from math import exp, log1p
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import yaml
from numpy.typing import NDArray

from ingest.sentences import Sentence, fold, one_line, sentences
from kb.content import ChangeIdea, Section, Tag
from kb.labels import Labels
from kb.taxonomy import Taxonomy, Term
from kb.vocabulary import Scheme, SectionRole, TagSource

Vectors: TypeAlias = NDArray[np.float32]  # shape (n, dim), rows of unit length
Encode: TypeAlias = Callable[[Sequence[str]], Vectors]

MOST = 8  # tags of each scheme
MOST_ENCODED = 16  # passages of a story that are compared by meaning; more found no more
LEAST_CONFIDENCE = 0.3  # below this, more suggestions are wrong than right
DESCRIBED_BY = 6  # labels and cues that describe a concept to the encoder


class Zone(StrEnum):
    """Where in a story a word stands."""

    TITLE = "title"
    HEADING = "heading"
    TABLE = "table"
    SUMMARY = "summary"
    AIM = "aim"
    CHANGES = "changes"
    REST = "rest"
    WHOLE = "whole"  # of a text without headings


# What evidence counts for, by where it stands. Topics are in title, aim and measures,
# interventions in what was changed. Rounded from a search on the example library, in halves:
# what held in one half was checked on the other. docs/ingest.md says what was measured.
WEIGHTS: Mapping[Scheme, Mapping[Zone, float]] = {
    Scheme.TOPICS: {
        Zone.TITLE: 3.0, Zone.HEADING: 1.0, Zone.TABLE: 3.0, Zone.SUMMARY: 1.5,
        Zone.AIM: 0.5, Zone.CHANGES: 1.0, Zone.REST: 1.0, Zone.WHOLE: 1.0,
    },
    Scheme.INTERVENTIONS: {
        Zone.TITLE: 1.0, Zone.HEADING: 1.0, Zone.TABLE: 0.5, Zone.SUMMARY: 1.0,
        Zone.AIM: 0.25, Zone.CHANGES: 2.0, Zone.REST: 0.5, Zone.WHOLE: 1.0,
    },
}  # fmt: skip
LABEL, CUE = 1.5, 1.0  # what one label and one cue count for
MEANING = 6.0  # what a cosine of 1 counts for, less LEAST_COSINE
LEAST_COSINE = 0.5  # all-MiniLM-L6-v2 puts most unrelated sentences below this
BROADER = 0.7  # what is left of a concept where a narrower one is suggested too
SCALE = {Scheme.TOPICS: 4.0, Scheme.INTERVENTIONS: 2.0}  # score at which confidence is 1 - 1/e
# A note of ten lines says once what a story says often, so it takes less to be as sure of it.
STORY_LENGTH = 25  # passages, from which a text is as long as a story
SHORTEST_SHARE = 0.2  # of SCALE, for the shortest text

_ZONES = {
    SectionRole.SUMMARY: Zone.SUMMARY,
    SectionRole.AIM: Zone.AIM,
    SectionRole.PROBLEM: Zone.AIM,
    SectionRole.RESULTS: Zone.AIM,
    SectionRole.CHANGES: Zone.CHANGES,
}


class Passage(NamedTuple):
    """A sentence, heading or table head, and where it stands."""

    zone: Zone
    text: str


class Found(NamedTuple):
    """One reason for a concept: the passage, how much it says, and whether words or meaning."""

    notation: str
    passage: Passage
    strength: float
    by_words: bool


class Tagger:
    """Suggests concepts of one taxonomy; describes them to the encoder once."""

    def __init__(self, taxonomy: Taxonomy, labels: Labels, encode: Encode | None = None) -> None:
        self.taxonomy = taxonomy
        self.labels = labels
        self._encode = encode
        self._terms = [term for term in taxonomy.terms.values() if not term.deprecated]
        self._concepts: Vectors | None = None

    def suggest(
        self, title: str, sections: Sequence[Section], *, language: str = ""
    ) -> tuple[Tag, ...]:
        """Return at most eight tags of each scheme, the surest first."""
        passages = list(passages_of(title, sections))
        found = [*self._by_words(passages, language), *self._by_meaning(passages)]
        share = min(1.0, max(SHORTEST_SHARE, len(passages) / STORY_LENGTH))
        return tuple(
            tag
            for scheme in WEIGHTS
            for tag in self._tags(
                scheme,
                [one for one in found if self._scheme(one) == scheme],
                scale=SCALE[scheme] * share,
            )
        )

    def interventions_in(self, idea: ChangeIdea, *, language: str = "") -> tuple[str, ...]:
        """Return the interventions that the words of a change idea name, in order."""
        text = f"{idea.text}. {idea.steps}"
        found = self._by_words([Passage(Zone.CHANGES, text)], language)
        named = (one.notation for one in found if self._scheme(one) == Scheme.INTERVENTIONS)
        return tuple(dict.fromkeys(named))

    def _scheme(self, found: Found) -> str:
        return self.taxonomy[found.notation].scheme

    def _by_words(self, passages: Iterable[Passage], language: str) -> Iterator[Found]:
        for passage in passages:
            for match in self.labels.find(passage.text, language=language or None):
                yield Found(match.notation, passage, LABEL, by_words=True)
            for notation in cues_in(passage.text, language):
                if notation in self.taxonomy.terms:
                    yield Found(notation, passage, CUE, by_words=True)

    def _by_meaning(self, passages: Sequence[Passage]) -> Iterator[Found]:
        if self._encode is None or not passages:
            return
        if self._concepts is None:
            told = [description(term) for term in self._terms]
            # few at a time: an encoder may start something heavier for many
            few = (told[at : at + MOST_ENCODED] for at in range(0, len(told), MOST_ENCODED))
            self._concepts = np.concatenate([self._encode(texts) for texts in few])
        chosen = _most_telling(passages)
        cosines = self._encode([one_line(passage.text) for passage in chosen]) @ self._concepts.T
        for row, column in np.argwhere(cosines > LEAST_COSINE):
            strength = MEANING * float(cosines[row, column] - LEAST_COSINE)
            yield Found(self._terms[column].notation, chosen[row], strength, by_words=False)

    def _tags(self, scheme: Scheme, found: Sequence[Found], *, scale: float) -> list[Tag]:
        by_concept: dict[str, list[Found]] = defaultdict(list)
        for one in found:
            by_concept[one.notation].append(one)
        scores = {notation: _score(all_, scheme) for notation, all_ in by_concept.items()}
        leading = set(sorted(scores, key=lambda notation: -scores[notation])[:MOST])
        tags = [
            _tag(notation, scheme, all_, scores[notation] * self._share(notation, leading) / scale)
            for notation, all_ in by_concept.items()
        ]
        sure = [tag for tag in tags if tag.confidence >= LEAST_CONFIDENCE]
        return sorted(sure, key=lambda tag: (-tag.confidence, tag.notation))[:MOST]

    def _share(self, notation: str, leading: set[str]) -> float:
        """A concept loses where a narrower one leads: the narrower says more."""
        narrower = self.taxonomy.narrower_transitive(notation)[1:]
        return BROADER if leading.intersection(narrower) else 1.0


def passages_of(title: str, sections: Sequence[Section]) -> Iterator[Passage]:
    """Yield title, headings, heads of tables and sentences, as they stand in the text."""
    if title:
        yield Passage(Zone.TITLE, title)
    rest = Zone.REST if any(section.role in _ZONES for section in sections) else Zone.WHOLE
    for section in sections:
        if section.heading:
            yield Passage(Zone.HEADING, section.heading)
        zone = _ZONES.get(section.role, rest)
        in_table = False
        for sentence in sentences(section.body):
            row = sentence.text.startswith("|")
            if not row:
                yield Passage(_zone(section.body, sentence, zone), sentence.text)
            elif not in_table:
                yield Passage(Zone.TABLE, sentence.text)
            in_table = row


def cues_in(text: str, language: str = "") -> list[str]:
    """Return the concepts of which `text` tells in the words of cues.yaml, each once.

    Only cues of the text's own language are read: many are ordinary words in another. English
    stands in for a language that has none.
    """
    folded = fold(text)
    return [notation for notation, cue in _cues(language.partition("-")[0]) if cue.search(folded)]


def description(term: Term) -> str:
    """Return a concept in a few words, for the encoder: its labels and how staff tell of it."""
    spoken = [cue.replace("*", "") for cue in _phrases().get(term.notation, {}).get("en", [])]
    return ", ".join([term.pref["en"], *term.alt.get("en", ()), *spoken][: 1 + DESCRIBED_BY])


def _zone(body: str, sentence: Sentence, zone: Zone) -> Zone:
    before = body[body.rfind("\n", 0, sentence.start) + 1 : sentence.start]
    return Zone.HEADING if before.startswith("#") and zone is not Zone.CHANGES else zone


def _most_telling(passages: Sequence[Passage]) -> list[Passage]:
    """The passages to encode: those of the zones that weigh most, in the order of the text."""
    weight = {zone: max(by_zone[zone] for by_zone in WEIGHTS.values()) for zone in Zone}
    order = sorted(range(len(passages)), key=lambda n: -weight[passages[n].zone])
    return [passages[n] for n in sorted(order[:MOST_ENCODED])]


def _score(found: Sequence[Found], scheme: Scheme) -> float:
    """Add up the reasons; in each zone the second of a kind counts less than the first."""
    by_zone: dict[tuple[Zone, bool], list[float]] = defaultdict(list)
    for one in found:
        by_zone[one.passage.zone, one.by_words].append(one.strength)
    return sum(
        WEIGHTS[scheme][zone] * (log1p(sum(all_)) if by_words else max(all_))
        for (zone, by_words), all_ in by_zone.items()
    )


def _tag(notation: str, scheme: Scheme, found: Sequence[Found], score: float) -> Tag:
    weights = WEIGHTS[scheme]
    best = max(found, key=lambda one: (one.by_words, weights[one.passage.zone] * one.strength))
    return Tag(
        notation=notation,
        source=TagSource.RULE if best.by_words else TagSource.MODEL,
        confidence=round(1 - exp(-score), 3),
        evidence=best.passage.text,
    )


@cache
def _phrases() -> dict[str, dict[str, list[str]]]:
    text = Path(__file__).with_name("cues.yaml").read_text(encoding="utf-8")
    known: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return known


@cache
def _cues(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """The cues of each concept in a language; a cue is whole words, `*` the rest of a word."""
    known = language in {said for languages in _phrases().values() for said in languages}
    found = (
        (notation, languages.get(language if known else "en", []))
        for notation, languages in _phrases().items()
    )
    return [
        (notation, re.compile(rf"\b(?:{'|'.join(map(_as_pattern, cues))})"))
        for notation, cues in found
        if cues
    ]


def _as_pattern(cue: str) -> str:
    words = [re.escape(fold(word)).replace(r"\*", r"\w*") for word in cue.split()]
    return r"\s+".join(words) + r"\b"
