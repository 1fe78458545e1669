"""The concepts that a record, or a text, has in common with others, and how much they say."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from math import log
from typing import NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.models import Concept, Tag
from kb.vocabulary import Scheme
from search.dense import Ids
from search.filters import Scope, tag_counts
from search.index import Index

MOST = 6  # concepts of a text, in each scheme: those it names most often


class Share(NamedTuple):
    """What a record has of the concepts asked for."""

    topics: float  # share of the topics, in [0, 1]; a rare one counts more
    interventions: float  # and of the interventions
    concepts: tuple[str, ...]  # notations, in the order asked for


NO_SHARE = Share(0.0, 0.0, ())


def of_record(session: Session, record_id: int, scope: Scope) -> Mapping[str, Scheme]:
    """Return the concepts of a record that count for this reader, topics first."""
    rows = session.execute(
        select(Concept.notation, Concept.scheme)
        .join(Tag, Tag.concept_id == Concept.id)
        .where(Tag.record_id == record_id, tag_counts(scope))
        .order_by(Concept.scheme.desc(), Tag.id)
    )
    return {row.notation: row.scheme for row in rows}


def of_text(index: Index, text: str, language: str) -> Mapping[str, Scheme]:
    """Return the concepts that a text names, topics first, most often named first."""
    if index.labels is None or index.taxonomy is None:
        return {}
    named = Counter(match.notation for match in index.labels.find(text, language=language or None))
    schemes = {notation: index.taxonomy[notation].scheme for notation in named}
    found: dict[str, Scheme] = {}
    for scheme in Scheme:
        of_scheme = [notation for notation, _ in named.most_common() if schemes[notation] == scheme]
        found |= dict.fromkeys(of_scheme[:MOST], scheme)
    return found


def shares(
    session: Session, index: Index, asked: Mapping[str, Scheme], readable: Ids, scope: Scope
) -> dict[int, Share]:
    """Return, for the `readable` records with any of the concepts, what they have of them.

    A narrower concept counts as the broader one asked for. How rare a concept is, is counted
    among the readable records only.
    """
    if not asked or not len(readable):
        return {}
    has = _having(session, index, asked, readable, scope)
    counts = Counter(notation for notations in has.values() for notation in notations)
    tells = {n: log(1 + len(readable) / max(counts[n], 1)) for n in asked}
    whole: defaultdict[Scheme, float] = defaultdict(float)
    for notation, scheme in asked.items():
        whole[scheme] += tells[notation]
    found = {}
    for record, notations in has.items():
        part = {
            scheme: sum(tells[n] for n in notations if asked[n] is scheme) / whole[scheme]
            for scheme in whole
        }
        found[record] = Share(
            part.get(Scheme.TOPICS, 0.0),
            part.get(Scheme.INTERVENTIONS, 0.0),
            tuple(n for n in asked if n in notations),
        )
    return found


def _having(
    session: Session, index: Index, asked: Mapping[str, Scheme], readable: Ids, scope: Scope
) -> dict[int, set[str]]:
    stands_for: defaultdict[str, set[str]] = defaultdict(set)
    for notation in asked:
        for narrower in (notation, *index.narrower(notation)):
            stands_for[narrower].add(notation)
    may = np.zeros(int(readable.max()) + 1, bool)
    may[readable] = True
    has: defaultdict[int, set[str]] = defaultdict(set)
    for record, notation in session.execute(
        select(Tag.record_id, Concept.notation)
        .join(Concept, Concept.id == Tag.concept_id)
        .where(Concept.notation.in_(sorted(stands_for)), tag_counts(scope))
        .order_by(Tag.record_id)
    ):
        if record < len(may) and may[record]:
            has[record] |= stands_for[notation]
    return has
