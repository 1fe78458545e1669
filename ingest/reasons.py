"""What in a document speaks for each concept: numbers to be weighed, passages to be shown."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, log1p
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest.sentences import Sentence, sentences
from kb.content import Section
from kb.taxonomy import Taxonomy
from kb.vocabulary import Scheme, SectionRole

Numbers: TypeAlias = NDArray[np.floating[Any]]


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


class Kind(StrEnum):
    """By what words a concept is told."""

    LABEL = "label"
    CUE = "cue"
    HINT = "hint"


# What a phrase counts for by where it stands, before the fitted weights. Topics are in title, aim
# and measures, interventions in what was changed. Rounded from a search on the example library.
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
WORTH = {Kind.LABEL: 1.5, Kind.CUE: 1.0, Kind.HINT: 0.4}  # one phrase beside another

# Places that are counted apart; eight would be too many for sixty stories to fit weights on.
_PLACES = {
    Zone.TITLE: "telling", Zone.SUMMARY: "telling", Zone.TABLE: "telling",
    Zone.CHANGES: "changes", Zone.WHOLE: "changes",
}  # fmt: skip
PLACES = ("telling", "changes", "rest")
_ZONES = {
    SectionRole.SUMMARY: Zone.SUMMARY,
    SectionRole.AIM: Zone.AIM,
    SectionRole.PROBLEM: Zone.AIM,
    SectionRole.RESULTS: Zone.AIM,
    SectionRole.CHANGES: Zone.CHANGES,
}
EARLY = 0.25  # share of a text after which a first mention counts a third
CLOSE = 0.45  # cosine from which a sentence is more than of the same field


class Passage(NamedTuple):
    """A sentence, heading or table head, and where it stands."""

    zone: Zone
    text: str
    section: str = ""  # its heading; empty for the title


class Found(NamedTuple):
    """Words that tell of a concept, and the passage (by number) that has them."""

    notation: str
    kind: Kind
    words: str
    at: int


@dataclass(frozen=True, slots=True)
class Meant:
    """Passages that were encoded, and how near each is to each concept of the scheme."""

    passages: Sequence[int]  # by number
    cosines: Numbers  # (passages, concepts)


def passages_of(title: str, sections: Sequence[Section]) -> Iterator[Passage]:
    """Yield title, headings, heads of tables and sentences, as they stand in the text."""
    if title:
        yield Passage(Zone.TITLE, title)
    rest = Zone.REST if any(section.role in _ZONES for section in sections) else Zone.WHOLE
    for section in sections:
        if section.heading:
            yield Passage(Zone.HEADING, section.heading, section.heading)
        zone = _ZONES.get(section.role, rest)
        in_table = False
        for sentence in sentences(section.body):
            row = sentence.text.startswith("|")
            if not row:
                yield Passage(_zone(section.body, sentence, zone), sentence.text, section.heading)
            elif not in_table:
                yield Passage(Zone.TABLE, sentence.text, section.heading)
            in_table = row


def by_words(
    found: Sequence[Found],
    passages: Sequence[Passage],
    concepts: Sequence[str],
    *,
    taxonomy: Taxonomy,
    scheme: Scheme,
) -> dict[str, Numbers]:
    """Return the reasons that words give for each of `concepts`, (n,) each; 0 is none."""
    of_concept: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        of_concept[one.notation].append(one)
    counted = [_counted(of_concept.get(one, ()), passages, scheme) for one in concepts]
    reasons = {name: np.array([row[name] for row in counted]) for name in counted[0]}
    sure, every = reasons.pop("sure"), reasons.pop("every")
    hinted = every - sure
    reasons["share"] = sure / max(sure.max(), 1)
    reasons["share_with_hints"] = every / max(every.max(), 1)
    reasons["share_of_hints"] = hinted / max(hinted.max(), 1)
    ahead = np.argsort(np.argsort(-every, kind="stable"), kind="stable")
    reasons["rank"] = (every > 0) / (1.0 + ahead)
    reasons["long_text"] = (every > 0) * log(max(len(passages), 1))
    reasons |= _relatives(sure, concepts, taxonomy)
    return reasons


def by_meaning(meant: Meant) -> dict[str, Numbers]:
    """Return the reasons that an encoder gives for each concept, (n,) each."""
    cosines = meant.cosines
    most, middle = cosines.max(axis=0), cosines.mean(axis=0)
    return {
        "nearest": most,
        "nearest_title": cosines[0],
        "three_nearest": np.sort(cosines, axis=0)[-3:].mean(axis=0),
        "nearest_of_concepts": _standing(most),
        "close": np.maximum(0, most - CLOSE),
        "whole_of_concepts": _standing(middle),
    }


def worth(found: Found, passages: Sequence[Passage], scheme: Scheme) -> float:
    """Return how well a phrase serves as the reason that is shown."""
    return WEIGHTS[scheme][passages[found.at].zone] * WORTH[found.kind]


def _zone(body: str, sentence: Sentence, zone: Zone) -> Zone:
    before = body[body.rfind("\n", 0, sentence.start) + 1 : sentence.start]
    return Zone.HEADING if before.startswith("#") and zone is not Zone.CHANGES else zone


def _counted(
    found: Sequence[Found], passages: Sequence[Passage], scheme: Scheme
) -> dict[str, float]:
    """Count the different phrases of one concept by place, kind and length."""
    phrases = {(_PLACES.get(passages[one.at].zone, "rest"), one.kind, one.words) for one in found}
    counts: dict[str, float] = {}
    for place in PLACES:
        for kind in (Kind.CUE, Kind.HINT):  # labels by place added nothing
            said = [words for where, what, words in phrases if (where, what) == (place, kind)]
            several = sum(" " in words for words in said)
            counts[f"{kind}_{place}_words"] = log1p(several)
            counts[f"{kind}_{place}_word"] = log1p(len(said) - several)
    words = {words for _, _, words in phrases}
    counts["phrases"] = log1p(len(words))
    counts["letters"] = log1p(sum(max(0, len(one) - 4) for one in words) / 10)
    counts["passages_changes"] = log1p(
        len({one.at for one in found if _PLACES.get(passages[one.at].zone) == "changes"})
    )
    counts["title"] = float(any(passages[one.at].zone is Zone.TITLE for one in found))
    first = min((one.at for one in found if one.kind is not Kind.HINT), default=None)
    reach = max(5.0, EARLY * len(passages))
    counts["early"] = exp(-first / reach) if first is not None else 0.0
    counts["sure"] = _weighed([f for f in found if f.kind is not Kind.HINT], passages, scheme)
    hints = _weighed([f for f in found if f.kind is Kind.HINT], passages, scheme)
    counts["every"] = counts["sure"] + hints
    return counts


def _weighed(found: Sequence[Found], passages: Sequence[Passage], scheme: Scheme) -> float:
    """Add up phrases; in each zone the second counts less than the first."""
    by_zone: dict[Zone, float] = defaultdict(float)
    for kind, at in {(one.kind, one.at) for one in found}:
        by_zone[passages[at].zone] += WORTH[kind]
    return sum(WEIGHTS[scheme][zone] * log1p(total) for zone, total in by_zone.items())


def _relatives(sure: Numbers, concepts: Sequence[str], taxonomy: Taxonomy) -> dict[str, Numbers]:
    """What is told of narrower, broader and related concepts, as a share of the most told."""
    at = {notation: n for n, notation in enumerate(concepts)}

    def most(notations: Sequence[str]) -> float:
        return max((float(sure[at[one]]) for one in notations if one in at), default=0.0)

    narrower = np.array([most(taxonomy.narrower_transitive(one)[1:]) for one in concepts])
    broader = np.array([most(tuple(taxonomy[one].broader)) for one in concepts])
    related = np.array([most(tuple(taxonomy[one].related)) for one in concepts])
    top = max(float(sure.max()), 1e-9)
    return {
        "narrower": narrower / top,
        "broader": broader / top,
        "related": related / top,
        "less_than_narrower": ((narrower > sure) & (sure > 0)).astype(float),
    }


def _standing(values: Numbers) -> Numbers:
    """How far each stands above the others, in standard deviations."""
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-9))
