"""Records like this one, or like a text, elsewhere first; why, and what differs."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from sqlalchemy import String, and_, cast, func, select
from sqlalchemy.orm import Session

from kb import content, markup, records
from kb.errors import InvalidError, NotFoundError
from kb.folding import plain, tokens
from kb.models import Likeness, Place, Record
from kb.vocabulary import LikenessState, Naming, Scheme, SectionRole
from kb.wording import marked
from search import lexical, pairs, sharing, store, terms
from search.context import Context, Shared, births_a_month, contexts, likeness, shared
from search.dense import Ids
from search.differences import Aspect, Difference, Traits, differences, traits
from search.filters import Scope, in_scope
from search.index import NOWHERE, Index
from search.pairs import NO_PAIR, Own, Pair
from search.passages import split
from search.sharing import Share, Shares
from search.stopwords import STOP_WORDS
from search.store import PassageRow
from search.understand import ENGLISH, guess_language

ABROAD = 0.03  # what another country adds in the order: there one would not have heard of it
LIKE_MINE = 0.15  # what a place like mine adds in the order, where that is preferred
LEAST = 0.25  # score of a record that is called similar
RELATED = 50  # records with the most concepts in common, whose texts are compared in any case
LONGEST = 20_000  # characters of a pasted text
LONGEST_DRAFT = 250_000  # and of a draft, some hundred pages
MOST_WORDS = 24  # of a text, where it is searched by words
WORD_FROM = 3  # letters of a word that tells


@dataclass(frozen=True, slots=True)
class Similar:
    """A record like another one or like a text, and why."""

    record_id: int
    title: str
    score: float  # in [0, 1]
    concepts: tuple[str, ...]  # notations that both have
    passage: str  # of this record, plain text, nearest to
    other_passage: str  # this one of the other record, or of the text
    elsewhere: bool  # in another country
    section: SectionRole | None = None  # that `passage` is from
    other_section: SectionRole | None = None
    context: tuple[Shared, ...] = ()  # what both places have in common
    differs: tuple[Difference, ...] = ()  # `here` is the other record, `there` this one


@dataclass(frozen=True, slots=True)
class LikeText:
    """What a text was understood to tell of, and the records like it."""

    concepts: tuple[str, ...]  # notations: topics, then interventions, most often named first
    language: str  # BCP 47, empty when there is too little to tell
    context: Context  # of its place, as far as the reader or the text says
    similar: tuple[Similar, ...]


class Weights(NamedTuple):
    """How much each reason counts; they sum to 1."""

    meaning: float = 0.6  # the texts' likeness
    topics: float = 0.25  # the share of the topics that the other has
    interventions: float = 0.15  # and of the interventions

    def of_share(self, share: Share) -> float:
        """Return what the concepts in common count."""
        return self.topics * share.topics + self.interventions * share.interventions


WEIGHTS = Weights()


class _Said(NamedTuple):
    """A passage to be shown, and the role of its section."""

    section: SectionRole | None = None
    text: str = ""


NOTHING = _Said()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What others are compared with: a record, or a text."""

    own: Own
    concepts: Mapping[str, Scheme]
    words: tuple[str, ...]
    place: Context
    prefers: bool  # places like that
    record_id: int | None = None
    positions: Sequence[int] = ()  # of a record's passages
    passages: Sequence[_Said] = ()  # of a text
    weights: Weights = WEIGHTS

    def positions_of(self, pair: Pair) -> set[int]:
        """Return where the index has the two passages."""
        here = pair.here if self.record_id is not None else None
        own = set() if here is None else {self.positions[here]}
        return own | ({pair.there} - {NOWHERE})

    def passage(self, pair: Pair, said: Mapping[int, _Said]) -> _Said:
        """Return its own passage of the pair; of a record, out of those that the index has."""
        if pair.here is None:
            return NOTHING
        if self.record_id is None:
            return self.passages[pair.here]
        return said.get(self.positions[pair.here], NOTHING)


class _Where(NamedTuple):
    """The places of a record, as far as the reader may know them."""

    countries: set[str]
    facilities: set[tuple[str, str]]  # country and name


class _Reasons(NamedTuple):
    """Why records are like what was asked: their nearest passages, their shared concepts."""

    pairs: Mapping[int, Pair]
    shares: Shares
    weights: Weights

    def score(self, record: int) -> float:
        """Return how like a record is, in [0, 1]."""
        pair = self.pairs.get(record, NO_PAIR)
        share = self.shares.of(record)
        return self.weights.meaning * pair.likeness + self.weights.of_share(share)


class _Found(NamedTuple):
    """A record on its way into the answer, in the order of the answer."""

    same_facility: bool
    cost: float  # less is better
    record_id: int
    score: float
    elsewhere: bool


def similar(
    session: Session,
    index: Index,
    record_id: int,
    *,
    scope: Scope = Scope.PUBLIC,
    limit: int = 5,
    like_mine: bool = False,
    like: Context | None = None,
    weights: Weights = WEIGHTS,
) -> tuple[Similar, ...]:
    """Return up to `limit` records like this one in problem and change, most alike first.

    Records of the same facility come last, another country counts a little more. `like_mine`
    prefers places like that of the record, `like` places like that one. Records that tell
    the same as this one are left out, and of others that tell the same the less alike one.

    Raises:
        NotFoundError: there is no such record.
    """
    asked = _of_record(session, index, record_id, scope)
    asked = replace(
        asked,
        place=like or contexts(session, [record_id], scope)[record_id],
        prefers=like_mine or like is not None,
        weights=weights,
    )
    return _answer(session, index, asked, scope=scope, limit=limit)


def nearest(
    session: Session,
    index: Index,
    record_id: int,
    *,
    scope: Scope = Scope.PUBLIC,
    limit: int = 5,
) -> tuple[int, ...]:
    """Return who would be `similar`, in that order, without saying why: that takes half the time.

    Raises:
        NotFoundError: there is no such record.
    """
    asked = _of_record(session, index, record_id, scope)
    found, _ = _found(session, index, asked, scope=scope, limit=limit)
    return tuple(one.record_id for one in found)


def _of_record(session: Session, index: Index, record_id: int, scope: Scope) -> _Asked:
    record = session.get(Record, record_id)
    if record is None:
        raise NotFoundError(
            marked("There is no record %(number)s.", number=str(record_id)),
            hint=marked("Search for it, or browse by topic."),
        )
    own, positions = pairs.of_record(session, index, record_id, _primary(record.language))
    return _Asked(
        own=own,
        concepts=sharing.of_record(session, record_id, scope),
        words=_telling_words(f"{record.shown_title}\n{record.shown_summary}"),
        place=Context(),
        prefers=False,
        record_id=record_id,
        positions=positions.tolist(),
    )


def similar_to_text(
    session: Session,
    index: Index,
    text: str,
    *,
    scope: Scope = Scope.PUBLIC,
    limit: int = 5,
    like: Context | None = None,
) -> LikeText:
    """Return what a pasted text tells of, and up to `limit` records like it.

    Raises:
        InvalidError: it has more than 20,000 characters.
    """
    _refuse_longer(LONGEST, len(text))
    told = [content.Section(body=text)]
    return similar_to_sections(session, index, told, scope=scope, limit=limit, like=like)


def similar_to_sections(
    session: Session,
    index: Index,
    sections: Sequence[content.Section],
    *,
    title: str = "",
    scope: Scope = Scope.PUBLIC,
    limit: int = 5,
    like: Context | None = None,
) -> LikeText:
    """Return what a draft tells of, and up to `limit` records like it.

    Of a long one, passages from all over it stand for the whole. Where `like` is given, places
    like that one are preferred. Nothing is like a draft without words.

    Raises:
        InvalidError: it has more than 250,000 characters.
    """
    _refuse_longer(LONGEST_DRAFT, sum(len(one.body) for one in sections))
    passages = [passage for one in sections for passage in split(one.body, one.role)]
    text = "\n\n".join(filter(None, (title, *(one.body for one in sections))))
    language = guess_language([token.surface.casefold() for token in tokens(text)])
    place = like or Context()
    standing = [passages[n] for n in pairs.standing([p.section for p in passages])]
    said = [_Said(passage.section, markup.to_text(passage.text)) for passage in standing]
    asked = _Asked(
        own=_encoded(index, said, title=title, language=language or ENGLISH),
        concepts=sharing.of_text(index, text, language),
        words=_telling_words(text),
        place=replace(place, births=place.births or births_a_month(text)),
        prefers=like is not None,
        passages=said,
    )
    alike = _answer(session, index, asked, scope=scope, limit=limit) if passages else ()
    return LikeText(tuple(asked.concepts), language, asked.place, alike)


def _refuse_longer(most: int, length: int) -> None:
    if length > most:
        raise InvalidError(
            marked(
                "The text has %(characters)s characters; %(most)s is the most.",
                characters=length,
                most=most,
            ),
            hint=marked("Keep the part that says what goes wrong and what you want to try."),
        )


def _answer(
    session: Session, index: Index, asked: _Asked, *, scope: Scope, limit: int
) -> tuple[Similar, ...]:
    found, reasons = _found(session, index, asked, scope=scope, limit=limit)
    return _shown(session, index, asked, found, reasons, scope=scope)


def _found(
    session: Session, index: Index, asked: _Asked, *, scope: Scope, limit: int
) -> tuple[list[_Found], _Reasons]:
    """Return who answers, and what makes each like what was asked."""
    readable = _readable(session, asked.record_id, scope)
    everyone = np.concatenate([np.empty(0, np.int64), *readable.values()])
    common = sharing.shares(session, index, asked.concepts, everyone, scope)
    _, topics, interventions = asked.weights
    related = common.most(RELATED, topics=topics, interventions=interventions)
    nearest = _nearest(session, index, asked, readable, related)
    reasons = _Reasons(nearest, common, asked.weights)
    scores = {record: reasons.score(record) for record in {*nearest, *related}}
    return _without_twins(session, _ordered(session, asked, scores, scope), limit), reasons


def _readable(session: Session, record_id: int | None, scope: Scope) -> dict[str, Ids]:
    """Return who may answer, by language: neither the record itself nor who tells the same."""
    condition = in_scope(scope)
    if record_id is not None:
        sides = ((Likeness.record_id, Likeness.other_id), (Likeness.other_id, Likeness.record_id))
        same = Likeness.state != LikenessState.DIFFERENT
        told = (select(other).where(side == record_id, same) for side, other in sides)
        condition = and_(
            condition, Record.id != record_id, *(Record.id.not_in(ids) for ids in told)
        )
    # In one row a language: to fetch a row for each record takes longer than to compare them.
    ids = func.aggregate_strings(cast(Record.id, String), ",")
    rows = session.execute(select(Record.language, ids).where(condition).group_by(Record.language))
    found: defaultdict[str, list[Ids]] = defaultdict(list)
    for language, listed in rows:
        found[_primary(language)].append(np.fromstring(listed, np.int64, sep=","))
    return {language: np.concatenate(parts) for language, parts in sorted(found.items())}


def _nearest(
    session: Session,
    index: Index,
    asked: _Asked,
    readable: Mapping[str, Ids],
    related: Collection[int],
) -> dict[int, Pair]:
    if index.dense is None or not len(asked.own.vectors):
        return _nearest_by_words(session, index, asked.words, readable)
    return pairs.nearest(session, index, asked.own, readable, related=related)


def _nearest_by_words(
    session: Session, index: Index, words: Sequence[str], readable: Mapping[str, Ids]
) -> dict[int, Pair]:
    """Return the records whose passages have the words; alike is who has many of them."""
    ids = np.concatenate([np.empty(0, np.int64), *readable.values()])
    wanted = terms.expression(words)
    allowed = index.of_records(ids)
    found = lexical.nearest(
        session, index.words, wanted, k=RELATED, ids=index.passages, allowed=allowed
    )
    shown = lexical.shown(session, wanted, found.ids.tolist())
    best: dict[int, Pair] = {}
    for position in index.positions(found.ids).tolist():
        record, said = int(index.records[position]), shown.get(int(index.passages[position]))
        if said is not None:
            share = min(1.0, len(said.words) / len(words))
            pair = Pair(share, None, position if said.highlights else NOWHERE)
            best[record] = max(best.get(record, NO_PAIR), pair, key=lambda one: one.likeness)
    return best


def _ordered(
    session: Session, asked: _Asked, scores: Mapping[int, float], scope: Scope
) -> list[_Found]:
    """Return who is like enough, in the order of the answer."""
    enough = {record: score for record, score in scores.items() if score >= LEAST}
    mine = [] if asked.record_id is None else [asked.record_id]
    places = _places(session, [*mine, *enough], scope)
    here = places[asked.record_id] if asked.record_id is not None else _Where(set(), set())
    contexts_of = contexts(session, enough, scope) if asked.prefers else {}
    found = []
    for record, score in enough.items():
        elsewhere = _apart(here.countries, places[record].countries)
        preferred = score + ABROAD * elsewhere
        if asked.prefers:
            preferred += LIKE_MINE * likeness(asked.place, contexts_of[record])
        same = bool(here.facilities & places[record].facilities)
        found.append(_Found(same, -preferred, record, score, elsewhere))
    return sorted(found)


def _without_twins(session: Session, found: Sequence[_Found], limit: int) -> list[_Found]:
    """Return the first `limit`, none of which tells the same as one before it."""
    ids = [one.record_id for one in found[: 2 * limit]]
    twins: defaultdict[int, set[int]] = defaultdict(set)
    for newer, older in session.execute(
        select(Likeness.record_id, Likeness.other_id).where(
            Likeness.record_id.in_(ids),
            Likeness.other_id.in_(ids),
            Likeness.state != LikenessState.DIFFERENT,
        )
    ):
        twins[newer].add(older)
        twins[older].add(newer)
    kept: dict[int, _Found] = {}
    for one in found:
        if len(kept) < limit and twins[one.record_id].isdisjoint(kept):
            kept[one.record_id] = one
    return list(kept.values())


def _places(session: Session, records: Collection[int], scope: Scope) -> Mapping[int, _Where]:
    """Return where each record is from, without what its naming hides from this reader."""
    found: defaultdict[int, _Where] = defaultdict(lambda: _Where(set(), set()))
    for record_id, naming, country, facility in session.execute(
        select(Place.record_id, Record.shown_naming, Place.country, Place.facility)
        .join(Record, Record.id == Place.record_id)
        .where(Place.record_id.in_(records))
    ):
        if country and (scope is Scope.ALL or naming is not Naming.ANONYMOUS):
            found[record_id].countries.add(country)
        if facility and (scope is Scope.ALL or naming is Naming.NAMED):
            found[record_id].facilities.add((country, facility.casefold()))
    return found


def _apart(countries: set[str], others: set[str]) -> bool:
    return bool(countries and others) and countries.isdisjoint(others)


def _shown(
    session: Session,
    index: Index,
    asked: _Asked,
    found: Sequence[_Found],
    reasons: _Reasons,
    *,
    scope: Scope,
) -> tuple[Similar, ...]:
    ids = [one.record_id for one in found]
    closest = [reasons.pairs.get(id_, NO_PAIR) for id_ in ids]
    said = _said(session, index, {p for pair in closest for p in asked.positions_of(pair)})
    mine = [] if asked.record_id is None else [asked.record_id]
    traits_of, contexts_of = traits(session, [*mine, *ids], scope), contexts(session, ids, scope)
    here = _traits_of(asked) if asked.record_id is None else traits_of[asked.record_id]
    titles = records.titles(session, ids, shown=True)
    return tuple(
        Similar(
            record_id=one.record_id,
            title=titles[one.record_id],
            score=one.score,
            concepts=reasons.shares.of(one.record_id).concepts,
            passage=(there := said.get(pair.there, NOTHING)).text,
            other_passage=(own := asked.passage(pair, said)).text,
            elsewhere=one.elsewhere,
            section=there.section,
            other_section=own.section,
            context=shared(asked.place, contexts_of[one.record_id]),
            differs=differences(here, traits_of[one.record_id]),
        )
        for one, pair in zip(found, closest, strict=True)
    )


def _said(session: Session, index: Index, positions: Collection[int]) -> dict[int, _Said]:
    """Return the passages at these positions, without those that are no longer said."""
    at = {int(index.passages[position]): position for position in positions}
    for passage in store.unsaid(session, list(at)):
        del at[passage]
    rows = session.execute(select(PassageRow.id, PassageRow.section).where(PassageRow.id.in_(at)))
    roles = {row.id: row.section for row in rows}
    shown = lexical.shown(session, "", list(at))
    return {at[id_]: _Said(roles.get(id_), one.body) for id_, one in shown.items()}


def _traits_of(asked: _Asked) -> Traits:
    """Return what differs from a text can be told by: what it names, and its reader's place."""
    found = Traits()
    found.values[Aspect.LANGUAGE] |= {asked.own.language} - {""}
    found.values[Aspect.FACILITY_TYPE] |= set(asked.place.facility_types)
    found.tried |= {n for n, scheme in asked.concepts.items() if scheme is Scheme.INTERVENTIONS}
    return found


def _encoded(index: Index, passages: Sequence[_Said], *, title: str, language: str) -> Own:
    """Return the passages as vectors, under the title as in the index; none without encoder."""
    roles = [passage.section or SectionRole.OTHER for passage in passages]
    if index.encoder is None or index.dense is None:
        return Own(np.empty((0, 0), np.float32), roles, language)
    vectors = index.encoder.encode([f"{title}\n{passage.text}".strip() for passage in passages])
    return Own(vectors, roles, language)


def _telling_words(text: str) -> tuple[str, ...]:
    """Return the words that a text says most often, without stop words, lower case."""
    spoken = [token.surface.casefold() for token in tokens(text)]
    stop_words = STOP_WORDS[guess_language(spoken) or ENGLISH]
    telling = Counter(
        word for word in spoken if len(word) >= WORD_FROM and plain(word) not in stop_words
    )
    return tuple(word for word, _ in telling.most_common(MOST_WORDS))


def _primary(language: str) -> str:
    return language.partition("-")[0]
