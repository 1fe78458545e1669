"""Suggest topics and interventions: how sure, from what source, and the sentence that says why.

Three sources: words of the text (labels of kb.labels, phrases of ingest.cues), a sentence that
means it (with an encoder), and what curators confirmed on records that tell of the same
(ingest.neighbours). A curator confirms; nothing here decides.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest import reasons
from ingest.calibration import Scale, scale, sigmoid
from ingest.cues import Strength, lexicon
from ingest.neighbours import Advice, Confirmed
from ingest.reasons import WEIGHTS, Found, Kind, Meant, Passage, passages_of, worth
from ingest.sentences import one_line
from kb.content import ChangeIdea, Section, Tag
from kb.labels import Labels
from kb.taxonomy import Taxonomy, Term
from kb.vocabulary import Scheme, TagSource

Vectors: TypeAlias = NDArray[np.float32]  # shape (n, dim), rows of unit length
Encode: TypeAlias = Callable[[Sequence[str]], Vectors]
Numbers: TypeAlias = NDArray[np.floating[Any]]


class ScaleOf(Protocol):
    """How the weights of a scheme are had: those that are shipped, or others to be tried."""

    def __call__(self, scheme: Scheme, *, meaning: bool) -> Scale:
        """Return the weights with or without an encoder."""


MOST = 6  # tags of each scheme: as many as a record may have
MOST_ENCODED = 16  # passages of a story that are compared by meaning; more found no more
LEAST_COSINE = 0.45  # below this a sentence alone is no reason; most unrelated ones are
# Weights are fitted on whole stories. A note of ten lines says once what a story says often, so
# it is never as sure, and less is asked of it.
STORY_LENGTH = 25  # passages, from which a text is as long as a story
SHORTEST_SHARE = 0.3  # of the least confidence that is shown, for the shortest text
_KINDS = {Strength.CUE: Kind.CUE, Strength.HINT: Kind.HINT}


@dataclass(frozen=True, slots=True)
class Told:
    """What a document says: passages, the words found in them, what they mean, the reasons."""

    passages: Sequence[Passage]
    found: Sequence[Found]
    meant: Meant | None  # over all concepts of the tagger
    reasons: Mapping[Scheme, Mapping[str, Numbers]]


class _Why(NamedTuple):
    source: TagSource
    passage: Passage
    neighbour: str = ""


class Tagger:
    """Suggests concepts of one taxonomy; describes them to the encoder once."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        labels: Labels,
        encode: Encode | None = None,
        confirmed: Confirmed | None = None,
        scale_of: ScaleOf = scale,
    ) -> None:
        self._scale_of = scale_of
        self.taxonomy = taxonomy
        self.labels = labels
        self._encode = encode
        self.confirmed = confirmed if confirmed is not None else Confirmed(taxonomy)
        self._described: Vectors | None = None
        self._columns = {
            scheme: np.array(
                [n for n, one in enumerate(self.notations) if taxonomy[one].scheme == scheme]
            )
            for scheme in WEIGHTS
        }

    @property
    def notations(self) -> tuple[str, ...]:
        """All concepts that may be suggested: those of the taxonomy that are not retired."""
        return self.confirmed.notations

    def concepts(self, scheme: Scheme) -> list[str]:
        """Return the concepts of a scheme in the order of its reasons."""
        return [self.notations[n] for n in self._columns[scheme]]

    def suggest(
        self,
        title: str,
        sections: Sequence[Section],
        *,
        language: str = "",
        record_id: int | None = None,
    ) -> tuple[Tag, ...]:
        """Return at most six tags of each scheme, the surest first.

        `record_id` is the record that is tagged anew: what was decided on it is not asked.
        """
        told = self.read(title, sections, language=language)
        if not told.passages:
            return ()
        without = () if record_id is None else (record_id,)
        advice = self.confirmed.advise(self.own(told), without=without)
        return tuple(tag for scheme in WEIGHTS for tag in self._tags(scheme, told, advice))

    def interventions_in(self, idea: ChangeIdea, *, language: str = "") -> tuple[str, ...]:
        """Return the interventions that the words of a change idea name, in order."""
        passages = [Passage(reasons.Zone.CHANGES, f"{idea.text}. {idea.steps}")]
        named = (
            one.notation
            for one in self._by_words(passages, language)
            if one.kind is not Kind.HINT
            and self.taxonomy[one.notation].scheme == Scheme.INTERVENTIONS
        )
        return tuple(dict.fromkeys(named))

    def read(self, title: str, sections: Sequence[Section], *, language: str = "") -> Told:
        """Return what the document itself says for each concept, nothing weighed yet."""
        passages = list(passages_of(title, sections))
        found = list(self._by_words(passages, language))
        meant = self._meant(passages)
        return Told(
            passages,
            found,
            meant,
            {scheme: self._reasons(scheme, passages, found, meant) for scheme in WEIGHTS}
            if passages
            else {},
        )

    def own(self, told: Told) -> NDArray[np.float32]:
        """Return how likely each concept is by the document alone, in the order of `notations`."""
        likely = np.zeros(len(self.notations), np.float32)
        for scheme, columns in self._columns.items():
            weights = self._scale(scheme, told).alone
            sure = sigmoid(weights.log_odds(told.reasons[scheme]))
            likely[columns] = np.where(self._has_reason(scheme, told), sure, 0)
        return likely

    def confidences(self, scheme: Scheme, told: Told, advice: Advice) -> Numbers:
        """Return how likely each concept of a scheme is, in all; 0 where nothing says so."""
        weights = self._scale(scheme, told)
        columns = self._columns[scheme]
        said = told.reasons[scheme]
        others = {"votes": advice.votes[columns], "company": advice.company[columns]}
        sure = weights.mixed(
            weights.alone.log_odds(said),
            weights.beside_others.log_odds({**said, **others}),
            records=advice.records,
        )
        return np.where(self._has_reason(scheme, told) | self._is_near(scheme, advice), sure, 0)

    def _scale(self, scheme: Scheme, told: Told) -> Scale:
        return self._scale_of(scheme, meaning=told.meant is not None)

    def _has_reason(self, scheme: Scheme, told: Told) -> NDArray[np.bool_]:
        said = told.reasons[scheme]
        close = said["nearest"] > LEAST_COSINE if told.meant else np.bool_(False)
        return np.asarray((said["phrases"] > 0) | close)

    def _is_near(self, scheme: Scheme, advice: Advice) -> NDArray[np.bool_]:
        return np.array([one in advice.nearest for one in self.concepts(scheme)], bool)

    def _tags(self, scheme: Scheme, told: Told, advice: Advice) -> Iterator[Tag]:
        sure = self.confidences(scheme, told, advice)
        length = len(told.passages) / STORY_LENGTH
        least = self._scale(scheme, told).least * min(1.0, max(SHORTEST_SHARE, length))
        concepts = self.concepts(scheme)
        for n in np.argsort(-sure, kind="stable")[:MOST]:
            if sure[n] < least:
                return
            why = self._why(concepts[n], scheme, told, advice)
            yield Tag(
                notation=concepts[n],
                source=why.source,
                confidence=round(float(sure[n]), 3),
                evidence=why.passage.text,
                section=why.passage.section,
                neighbour=why.neighbour,
            )

    def _why(self, notation: str, scheme: Scheme, told: Told, advice: Advice) -> _Why:
        """Return the best reason to show: its own words, a near sentence, or a like record."""
        words = [one for one in told.found if one.notation == notation]
        if words:
            best = max(words, key=lambda one: worth(one, told.passages, scheme))
            return _Why(TagSource.RULE, told.passages[best.at])
        neighbour = advice.nearest.get(notation)
        if told.meant:
            cosines = told.meant.cosines[:, self.notations.index(notation)]
            nearest = told.passages[told.meant.passages[int(cosines.argmax())]]
            if neighbour is None or cosines.max() > LEAST_COSINE:
                return _Why(TagSource.MODEL, nearest)
            return _Why(TagSource.NEIGHBOUR, nearest, neighbour.title)
        assert neighbour is not None  # else nothing would say so
        return _Why(
            TagSource.NEIGHBOUR, self._in_common(told, advice, neighbour.title), neighbour.title
        )

    def _in_common(self, told: Told, advice: Advice, title: str) -> Passage:
        """Return the passage that makes the document like the record of that title."""
        there = {one for one, who in advice.nearest.items() if who.title == title}
        shared = [one for one in told.found if one.notation in there] or list(told.found)
        best = max(shared, key=lambda one: worth(one, told.passages, self._home(one)))
        return told.passages[best.at]

    def _home(self, found: Found) -> Scheme:
        return Scheme(self.taxonomy[found.notation].scheme)

    def _by_words(self, passages: Sequence[Passage], language: str) -> Iterator[Found]:
        phrases = lexicon(language)
        for at, passage in enumerate(passages):
            for match in self.labels.find(passage.text, language=language or None):
                yield Found(match.notation, Kind.LABEL, match.text.casefold(), at)
            for said in phrases.find(passage.text):
                if said.notation in self.taxonomy.terms:
                    yield Found(said.notation, _KINDS[said.strength], said.words, at)

    def _meant(self, passages: Sequence[Passage]) -> Meant | None:
        if self._encode is None or not passages:
            return None
        if self._described is None:
            told = [description(self.taxonomy[one]) for one in self.notations]
            # few at a time: an encoder may start something heavier for many
            few = (told[at : at + MOST_ENCODED] for at in range(0, len(told), MOST_ENCODED))
            self._described = np.concatenate([self._encode(texts) for texts in few])
        chosen = _most_telling(passages)
        vectors = self._encode([one_line(passages[n].text) for n in chosen])
        return Meant(chosen, vectors @ self._described.T)

    def _reasons(
        self,
        scheme: Scheme,
        passages: Sequence[Passage],
        found: Sequence[Found],
        meant: Meant | None,
    ) -> dict[str, Numbers]:
        said = reasons.by_words(
            found, passages, self.concepts(scheme), taxonomy=self.taxonomy, scheme=scheme
        )
        if meant is None:
            return said
        of_scheme = Meant(meant.passages, meant.cosines[:, self._columns[scheme]])
        return said | reasons.by_meaning(of_scheme)


def description(term: Term) -> str:
    """Return a concept in a few words, for the encoder: its English labels."""
    return ", ".join([term.pref["en"], *term.alt.get("en", ())])


def _most_telling(passages: Sequence[Passage]) -> list[int]:
    """The passages to encode: those of the zones that weigh most, in the order of the text."""
    weight = {zone: max(by_zone[zone] for by_zone in WEIGHTS.values()) for zone in reasons.Zone}
    order = sorted(range(len(passages)), key=lambda n: -weight[passages[n].zone])
    return sorted(order[:MOST_ENCODED])
