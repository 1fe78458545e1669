"""Words of records to show beside numbers: whole sentences, exactly as they stand there."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import compress, pairwise
from typing import NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content
from kb.folding import plain, tokens
from kb.markup import to_text
from kb.vocabulary import SectionRole
from search.accounts import READ, Account
from search.encoder import Vector
from search.index import NOWHERE, Index
from search.passages import SENTENCE, TABLE_LINE
from search.stopwords import STOP_WORDS
from search.store import PassageRow

LEAST_WORDS = 5  # of a sentence that says something by itself
LONGEST = 400  # characters of a quote; what is longer is a list or a table
SHARED = 2  # telling words that a sentence about an idea has in common with it
COUNTED = 2  # numbers in a sentence that gives a result: 189 of 229
LONG = 5  # letters of a word that says what it is about
HEADING = "#"
EDGES = " \n,;:"  # what a cut leaves behind at the edges of a sentence


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a record, exactly as they stand there, without its Markdown."""

    record_id: int
    section: SectionRole
    text: str


class Sentence(NamedTuple):
    """A sentence of a section, as it stands there without Markdown."""

    text: str
    longer: str  # with the next one of its paragraph, where both together are short
    forms: frozenset[str]  # its telling words, folded
    counted: bool  # whether it has a share, or two numbers


@dataclass(frozen=True, slots=True)
class Near:
    """How near the passages of some records are to a question; without a question none is.

    By record, role and position of the section, which summary and change ideas have not.
    """

    cosines: Mapping[tuple[int, SectionRole, int | None], list[tuple[str, float]]] = field(
        default_factory=dict
    )

    def section(self, record_id: int, role: SectionRole, position: int | None) -> tuple[str, float]:
        """Return the nearest passage of a section, in Markdown, and its cosine."""
        found = self.cosines.get((record_id, role, position), ())
        return max(found, key=lambda passage: passage[1], default=("", 0.0))

    def idea(self, record_id: int, idea: content.ChangeIdea) -> float:
        """Return the cosine of the nearest passage of a change idea."""
        told = f"{idea.text}\n\n{idea.steps}"
        found = self.cosines.get((record_id, SectionRole.CHANGES, None), ())
        return max((cosine for passage, cosine in found if passage in told), default=0.0)


NOT_NEAR = Near()


def nearness(
    session: Session, index: Index, vector: Vector | None, record_ids: Collection[int]
) -> Near:
    """Return how near what these records tell of their changes is to a question's vector."""
    if vector is None or index.dense is None or not record_ids:
        return NOT_NEAR
    columns = (
        PassageRow.id,
        PassageRow.record_id,
        PassageRow.section,
        PassageRow.section_position,
        PassageRow.text,
    )
    mine = PassageRow.record_id.in_(record_ids), PassageRow.section.in_(READ)
    rows = session.execute(select(*columns).where(*mine).order_by(PassageRow.id)).all()
    ids = np.array([row.id for row in rows], np.int64)
    known = index.known(ids)
    slots = index.slots[index.positions(ids)]
    cosines = np.zeros(len(slots))
    there = slots != NOWHERE
    cosines[there] = index.dense.at(session).cosines(vector, slots[there])
    found: dict[tuple[int, SectionRole, int | None], list[tuple[str, float]]] = {}
    for row, cosine in zip(compress(rows, known), cosines.tolist(), strict=True):
        key = row.record_id, row.section, row.section_position
        found.setdefault(key, []).append((row.text, cosine))
    return Near(found)


def best(
    account: Account, roles: Collection[SectionRole], near: Near, wanted: Collection[str]
) -> tuple[float, Quote] | None:
    """Return the sentence of these sections that answers best, and the cosine of its passage.

    Of the sentences in the nearest passage of each section one with a result in numbers, of
    equals the one with most of the `wanted` forms, then of the nearest passage, then the first. A
    summary answers only where no section does. None where no sentence has either.
    """
    found: list[tuple[tuple[bool, bool, int, float], Quote]] = []
    for position, section in account.sections:
        if section.role in roles:
            passage, cosine = near.section(account.record_id, section.role, position)
            whole = sentences(section.body)
            text = to_text(passage)
            told = section.role is not SectionRole.SUMMARY
            for said in [said for said in whole if said.text in text] or whole:
                n_wanted = len(said.forms.intersection(wanted))
                if said.counted or n_wanted:
                    quote = Quote(account.record_id, section.role, said.text)
                    found.append(((told, said.counted, n_wanted, cosine), quote))
    chosen = max(found, key=lambda one: one[0], default=None)
    return (chosen[0][-1], chosen[1]) if chosen else None


def opening(account: Account, role: SectionRole) -> Quote | None:
    """Return the first whole sentences of the record's section of this role."""
    told = (_opening(section.body) for _, section in account.sections if section.role is role)
    said = next(filter(None, told), "")
    return Quote(account.record_id, role, said) if said else None


def why(account: Account, idea: content.ChangeIdea) -> Quote | None:
    """Return what the record says of an idea: how it went, else the sentences that are about it.

    A sentence is about it that shares two telling words with it; one on what did not work, for
    which a long word is enough that stands nowhere else, goes before any other. Words that the
    record seldom uses say more, then those that the idea says first. The sentence after it is
    quoted too, where there is room. None where nothing is about it.
    """
    for told in (idea.tests, idea.steps):
        if said := _opening(told):
            return Quote(account.record_id, SectionRole.CHANGES, said)
    wanted = telling(idea.text)
    spoken = [
        (section.role, said.longer, wanted & said.forms)
        for _, section in account.sections
        if section.role is not SectionRole.SUMMARY
        for said in sentences(section.body)
        if said.text.rstrip(".") != idea.text
    ]
    often = Counter(word for _, _, shared in spoken for word in shared)
    order = {token.form: -n for n, token in reversed([*enumerate(tokens(idea.text))])}
    about: list[tuple[tuple[bool, Fraction, int], Quote]] = []
    for role, longer, shared in spoken:
        failed = role is SectionRole.DID_NOT_WORK
        alone = any(len(word) >= LONG and often[word] == 1 for word in shared)
        if len(shared) >= SHARED or (failed and alone):
            worth = sum((Fraction(1, often[word]) for word in shared), Fraction(0))
            first = max(order[word] for word in shared)
            about.append(((failed, worth, first), Quote(account.record_id, role, longer)))
    chosen = max(about, key=lambda one: one[0], default=None)
    return chosen[1] if chosen else None


@lru_cache(maxsize=512)  # the same records answer again
def sentences(markdown: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text, without headings, tables and what is too short or long."""
    found: list[Sentence] = []
    for line in _paragraphs(markdown):
        cuts = (0, *_ends(line))
        for n, (start, end) in enumerate(pairwise(cuts)):
            said = line[start:end].strip(EDGES)
            if len(said.split()) >= LEAST_WORDS and len(said) <= LONGEST:
                longer = line[start : cuts[min(n + 2, len(cuts) - 1)]].strip(EDGES)
                found.append(
                    Sentence(
                        text=said,
                        longer=longer if len(longer) <= LONGEST else said,
                        forms=telling(said),
                        counted="%" in said or _n_numbers(said) >= COUNTED,
                    )
                )
    return tuple(found)


def _paragraphs(markdown: str) -> list[str]:
    """Return the lines of a text that are prose."""
    prose = TABLE_LINE.sub("", markdown)
    told = "\n".join(line for line in prose.split("\n") if not line.startswith(HEADING))
    return to_text(told).split("\n")


def _ends(line: str) -> list[int]:
    return [*(match.end() for match in SENTENCE.finditer(line)), len(line)]


def _opening(markdown: str) -> str:
    """Return as many whole sentences of the first paragraph as a quote may have."""
    line = next((line for line in _paragraphs(markdown) if len(line.split()) >= LEAST_WORDS), "")
    return line[: max((end for end in _ends(line) if end <= LONGEST), default=0)].strip(EDGES)


def telling(text: str) -> frozenset[str]:
    """Return the folded forms of a text's words, without stop words of any language."""
    return frozenset(
        token.form for token in tokens(text) if plain(token.surface.casefold()) not in _EMPTY
    )


_EMPTY = frozenset().union(*STOP_WORDS.values())


def _n_numbers(said: str) -> int:
    return sum(token.form.isdigit() for token in tokens(said))
