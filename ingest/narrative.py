"""Which passages tell the problem, the results, what did not work, and what the community says.

The passages are the field: nothing is written anew. A heading decides first; where none does,
words that say so; and in a text without such headings, where no word does either, sentences that
mean nearly what such a passage says.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest.phrases import pattern
from ingest.sentences import one_line
from ingest.told import Told
from kb.content import Evidence
from kb.vocabulary import SectionRole

Vectors: TypeAlias = NDArray[np.float32]  # shape (n, dim), rows of unit length
Encode: TypeAlias = Callable[[Sequence[str]], Vectors]

MOST = 12  # passages of a field under its own heading
MOST_BY_WORDS = 5  # passages that only words or meaning chose
NEAR = 40  # characters between the people and what they do: say, ask, complain
MOST_ENCODED = 64  # sentences of a story that are compared by meaning
LEAST_WORDS = 5  # of a sentence that meaning may choose
LEAST_COSINE = 0.6  # see docs/ingest.md: below it, more passages were wrong than right

_TOLD = re.compile(r"\b(?:is told|are told|was told|were told|told that|asked to)\b")  # not telling
ROLES: Mapping[str, SectionRole] = {
    "problem": SectionRole.PROBLEM,
    "results": SectionRole.RESULTS,
    "did_not_work": SectionRole.DID_NOT_WORK,
    "community": SectionRole.COMMUNITY,
}
_TELLING = frozenset(ROLES.values())
# Sections whose headings say something else for sure: words there do not tell of the field.
_ELSEWHERE: Mapping[str, frozenset[SectionRole]] = {
    "problem": frozenset(
        {
            SectionRole.RESULTS, SectionRole.CHANGES, SectionRole.DID_NOT_WORK, SectionRole.COST,
            SectionRole.SUSTAINABILITY, SectionRole.ADVICE, SectionRole.CONCLUSION,
            SectionRole.COMMUNITY, SectionRole.SUPPORT, SectionRole.UNINTENDED, SectionRole.TEAM,
            SectionRole.MEASURES, SectionRole.SPREAD, SectionRole.POLICY,
        }
    ),
    "results": frozenset(
        {
            SectionRole.PROBLEM, SectionRole.AIM, SectionRole.TEAM, SectionRole.CAUSES,
            SectionRole.ADVICE, SectionRole.SUPPORT, SectionRole.COST,
        }
    ),
    "did_not_work": frozenset(
        {
            SectionRole.PROBLEM, SectionRole.CAUSES, SectionRole.AIM, SectionRole.TEAM,
            SectionRole.ADVICE, SectionRole.CONTEXT, SectionRole.COST,
        }
    ),
    "community": frozenset({SectionRole.AIM, SectionRole.COST, SectionRole.TEAM}),
}  # fmt: skip
_TRIED = {SectionRole.CHANGES, SectionRole.OTHER}  # what was dropped there did not work
# What such a passage says, for the encoder.
_PROTOTYPES: Mapping[str, Sequence[str]] = {
    "problem": (
        "The problem was that patients did not get the care they needed.",
        "Too many mothers and babies died or were harmed, and we did not know why.",
        "Before, this was done too late or not at all.",
    ),
    "results": (
        "The share of patients who received the care rose over these months.",
        "Nothing changed in the numbers.",
        "We reached our target and the improvement held.",
    ),
    "did_not_work": (
        "One idea failed and we gave it up.",
        "It did not work because staff had no time for it.",
        "This was a mistake and we would not do it again.",
    ),
    "community": (
        "Mothers and families told us what they think of the care.",
        "Women said they were treated better and felt welcome.",
        "The community complained about the change.",
    ),
}


class Narrative:
    """Finds the passages of the narrative fields; encodes its prototypes once."""

    def __init__(self, encode: Encode | None = None) -> None:
        self._encode = encode
        self._prototypes: dict[str, Vectors] = {}

    def __call__(self, told: Sequence[Told], *, language: str) -> tuple[Evidence, ...]:
        """Return the passages of each field, as evidence; a field without any is not told."""
        found: dict[str, list[Told]] = {}
        for field, role in ROLES.items():
            own = [one for one in told if one.role is role]
            found[field] = own[:MOST] or list(_by_words(field, told, language))[:MOST_BY_WORDS]
        if not any(one.role in _TELLING for one in told):  # no heading says what stands where
            left = [field for field, passages in found.items() if not passages]
            found |= self._by_meaning(left, told)
        return tuple(one.evidence(field) for field, lines in found.items() for one in lines)

    def _by_meaning(self, fields: Sequence[str], told: Sequence[Told]) -> dict[str, list[Told]]:
        lines = [one for one in told if len(one.text.split()) >= LEAST_WORDS][:MOST_ENCODED]
        if self._encode is None or not fields or not lines:
            return {}
        vectors = self._encode([one_line(one.text) for one in lines])
        return {
            field: [
                line
                for line, cosine in zip(lines, self._likeness(field, vectors), strict=True)
                if cosine >= LEAST_COSINE and line.role not in _ELSEWHERE[field]
            ][:MOST_BY_WORDS]
            for field in fields
        }

    def _likeness(self, field: str, vectors: Vectors) -> NDArray[np.float32]:
        """The cosine of each vector with the nearest prototype of `field`; shape (n,)."""
        if self._encode is None:
            return np.zeros(len(vectors), dtype=np.float32)
        if field not in self._prototypes:
            self._prototypes[field] = self._encode(list(_PROTOTYPES[field]))
        nearest: NDArray[np.float32] = (vectors @ self._prototypes[field].T).max(axis=1)
        return nearest


def _by_words(field: str, told: Sequence[Told], language: str) -> Iterator[Told]:
    """The sentences with words of the field; before a very short one also what it speaks of."""
    before: Told | None = None
    for one in told:
        if one.role not in _ELSEWHERE[field] and _tells(field, one, language):
            if before and before.section == one.section and len(one.text.split()) < LEAST_WORDS:
                yield before
            yield one
        before = one


def _tells(field: str, one: Told, language: str) -> bool:
    if field != "community":
        found = pattern(field, language).search(one.folded)
        dropped = field == "did_not_work" and one.role in _TRIED
        return bool(found or (dropped and pattern("abandoned", language).search(one.folded)))
    people = pattern("community_people", language).search(one.folded)
    if people is None:
        return False
    voice = pattern("community_voice", language).search(one.folded, people.end())
    near = voice is not None and voice.start() - people.end() <= NEAR
    return near and not _TOLD.search(one.folded)
