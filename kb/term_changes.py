"""Change a library's own taxonomy: each change is looked at before, and undone as one batch.

What somebody wishes is a value, `Add` to `Import`; it says, of the taxonomy as it stands, what it
would come to. `preview` shows that, `make` does it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import batches, history, own_terms, records, retagging, taxonomy
from kb.concept_file import LABELS, LANGUAGE, OWN, Place, Statement
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Batch, Concept
from kb.own_terms import Standing
from kb.taxonomy import FALLBACK, Taxonomy, Term
from kb.vocabulary import BatchKind, Became
from kb.wording import marked

LONGEST = 200  # characters of a label
_WHERE = re.compile(r" \([^()]*:\d+\)$")  # the file and line at the end of a problem


class Said(NamedTuple):
    """A statement to be added: see `kb.concept_file.Statement`."""

    subject: str
    predicate: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change does to the own layer, and what it does to the records."""

    asked: tuple[str, ...]  # the wish in a few words, for the list of batches
    adds: tuple[Said, ...] = ()
    takes: tuple[int, ...] = ()  # rows that no longer stand
    moves: Mapping[str, str] = field(default_factory=dict)  # retired → what replaces it
    where: Mapping[str, str] = field(default_factory=dict)  # notation → its row of an import


class Wish(Protocol):
    """Something that somebody wants of the taxonomy."""

    def plan(self, now: Standing) -> Plan:
        """Return what it comes to; raise an InvalidError that says what to write instead."""


@dataclass(frozen=True, slots=True)
class Add:
    """A concept narrower than one that stands."""

    broader: tuple[str, ...]
    pref: Mapping[str, str]  # language → label; in English for sure
    notation: str = ""  # made of the English label if it is left out

    def plan(self, now: Standing) -> Plan:
        """Return the statements of the new concept."""
        if not self.broader:
            raise InvalidError(
                marked("Nothing is said to be broader."),
                hint=marked("Name the concept it belongs under."),
            )
        above = [_in_use(now, notation) for notation in dict.fromkeys(self.broader)]
        labels = {language: _label(language, text) for language, text in self.pref.items()}
        if FALLBACK not in labels:
            raise InvalidError(
                marked("The concept has no English label."),
                hint=marked("Write one: it is what other libraries and translators go by."),
            )
        notation = self.notation.strip() or notation_of(labels[FALLBACK])
        _refuse_known(now, notation)
        return Plan(
            asked=("add", notation, labels[FALLBACK]),
            adds=(
                Said(notation, "in_scheme", "", str(above[0].scheme)),
                *(Said(notation, "broader", "", term.notation) for term in above),
                *(Said(notation, "pref", language, label) for language, label in labels.items()),
            ),
        )


@dataclass(frozen=True, slots=True)
class Label:
    """One more label, or another preferred one."""

    notation: str
    kind: str  # one of LABELS
    language: str
    text: str

    def plan(self, now: Standing) -> Plan:
        """Return the statement; a label that the library had added itself makes room."""
        term, text = _in_use(now, self.notation), _label(self.language, self.text)
        _refuse_unknown_kind(self.kind)
        for kind, standing in _labels_in(term, self.language):
            if standing.casefold() != text.casefold():
                continue
            is_own = _row(now, self.notation, kind, self.language, standing) is not None
            if (kind, standing) == (self.kind, text) or not (is_own or self.kind == "pref"):
                raise InvalidError(
                    marked(
                        "“%(label)s” is a label of it already (%(kind)s).",
                        label=standing,
                        kind=kind,
                    ),
                    hint=marked("Nothing has to be added."),
                )
        return Plan(
            asked=("label", self.notation, f"{self.kind} {self.language}", text),
            adds=(Said(self.notation, self.kind, self.language, text),),
            takes=tuple(self._in_the_way(now, text)),
        )

    def _in_the_way(self, now: Standing, text: str) -> Iterable[int]:
        for said in now.kept:
            if (said.subject, said.key) == (self.notation, self.language):
                replaced = self.kind == said.predicate == "pref"
                moved = said.predicate in LABELS and said.value.casefold() == text.casefold()
                if replaced or moved:
                    yield said.place.line


@dataclass(frozen=True, slots=True)
class Unlabel:
    """A label less: one that the library itself had added."""

    notation: str
    kind: str
    language: str
    text: str

    def plan(self, now: Standing) -> Plan:
        """Return which row no longer stands."""
        _in_use(now, self.notation)
        row = _row(now, self.notation, self.kind, self.language, self.text)
        if row is None:
            raise InvalidError(
                marked(
                    "“%(label)s” was not added here: it comes with the taxonomy’s files.",
                    label=self.text,
                ),
                hint=marked(
                    "Set another preferred label; this one is then understood, but not shown."
                ),
            )
        return Plan(
            asked=("unlabel", self.notation, f"{self.kind} {self.language}", self.text),
            takes=(row,),
        )


@dataclass(frozen=True, slots=True)
class Retire:
    """A concept that is no longer used; what replaces it, if anything, takes over its records.

    With `into` this is a merge: its labels lead there from now on, and so does its page.
    """

    notation: str
    into: str = ""
    filters: Collection[str] = ()  # concepts that the site's own filters are made of

    def plan(self, now: Standing) -> Plan:
        """Return the statements, and from which concept to which the records go."""
        term = _in_use(now, self.notation)
        if self.notation in self.filters:
            raise InvalidError(
                marked("A filter of this library is made of “%(concept)s”.", concept=self.notation),
                hint=marked("Take it out of `facets` in site.toml first."),
            )
        flag = Said(self.notation, "deprecated", "", "true")
        if not self.into:
            return Plan(asked=("retire", self.notation), adds=(flag,))
        heir = _in_use(now, self.into)
        if heir.notation == term.notation:
            raise InvalidError(
                marked("“%(concept)s” cannot take its own place.", concept=self.into),
                hint=marked("Choose another concept."),
            )
        if heir.scheme != term.scheme:
            raise InvalidError(
                marked(
                    "“%(heir)s” is one of the %(scheme)s, “%(concept)s” is not.",
                    heir=self.into,
                    scheme=str(heir.scheme),
                    concept=self.notation,
                ),
                hint=marked("Choose one of the same kind."),
            )
        return Plan(
            asked=("merge", self.notation, self.into),
            adds=(flag, Said(self.notation, "replaced_by", "", self.into)),
            moves={self.notation: self.into},
        )


class Touched(NamedTuple):
    """A record that a change tags anew."""

    record_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do."""

    plan: Plan
    records: tuple[Touched, ...]


def notation_of(label: str) -> str:
    """Return a notation made of an English label.

    >>> notation_of("Mothers’ shelter (after birth)"), notation_of("5S – Café")
    ('mothers-shelter-after-birth', 'n-5s-cafe')
    """
    ascii_ = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_.replace("'", ""))
    notation = "-".join(words)[:80].strip("-")
    return f"n-{notation}" if notation[:1].isdigit() else notation


def preview(session: Session, now: Standing, wish: Wish) -> Effect:
    """Return what the change would do, without doing it.

    Raises:
        InvalidError: the taxonomy would break a rule; the message names each breach.
        NotFoundError: it names a concept that does not stand.
    """
    plan = wish.plan(now)
    _checked(session, now, plan)
    touched = own_terms.carriers(session, plan.moves.keys()) if plan.moves else []
    titles = records.titles(session, touched)
    return Effect(plan, tuple(Touched(n, titles[n]) for n in touched))


def make(session: Session, files: Taxonomy, wish: Wish, *, by: str) -> Batch:
    """Change the taxonomy and tag the records anew, as one batch that `batches.undo` takes back.

    Raises:
        InvalidError: the taxonomy would break a rule; the message names each breach.
        NotFoundError: it names a concept that does not stand.
    """
    own_terms.lock(session)
    now = own_terms.standing(session, files)
    plan = wish.plan(now)
    after = _checked(session, now, plan)
    batch = Batch(
        kind=BatchKind.TAXONOMY, asked=list(plan.asked), by=by, undone_by="", finished=utcnow()
    )
    session.add(batch)
    session.flush()
    own_terms.keep(session, batch.id, plan.adds, plan.takes)
    taxonomy.mirror(session, after)
    session.flush()
    _retag(session, batch.id, plan, by=by)
    history.happened(
        session, "taxonomy changed", by=by, batch=str(batch.id), asked=" ".join(plan.asked)
    )
    return batch


def _retag(session: Session, batch_id: int, plan: Plan, *, by: str) -> None:
    if not plan.moves:
        return
    told = ", ".join(f"{old} → {new}" for old, new in plan.moves.items())
    carriers = own_terms.carriers(session, plan.moves.keys())
    for position, record in enumerate(records.each(session, carriers)):
        before = record.version
        new = retagging.retagged(records.read(record), plan.moves)
        became, reason = Became.CHANGED, ""
        try:
            with session.begin_nested():
                records.edit(
                    session, record.id, new, version=before, by=by, note=f"tagged anew: {told}"
                )
        except (InvalidError, ConflictError) as error:  # one record holds up nobody’s merge
            became, reason = Became.FAILED, f"{error} {error.hint}".strip()
            session.refresh(record)
        batches.note(
            session,
            batch_id,
            name=f"record {record.id}",
            position=position,
            became=became,
            record=record,
            before=before,
            reason=reason,
        )


def _checked(session: Session, now: Standing, plan: Plan) -> Taxonomy:
    """Return the taxonomy after the change.

    Raises:
        InvalidError: it breaks a rule, or uses a notation that meant something else once.
    """
    _refuse_reused(session, now, plan)
    stays = [said for said in now.kept if said.place.line not in plan.takes]
    line = max((said.place.line for said in now.own), default=0)
    new = [Statement(*said, Place(OWN, line + n)) for n, said in enumerate(plan.adds, 1)]
    if found := own_terms.problems(now.files, [*stays, *new]):
        raise InvalidError(
            "\n".join(
                f"{plan.where.get(one.concept, '')}{one.concept}: {_WHERE.sub('', one.message)}"
                for one in found
            ),
            hint=marked("Nothing was changed. Write it otherwise, and try again."),
        )
    return own_terms.of(now.files, [*stays, *new]).taxonomy


def _refuse_reused(session: Session, now: Standing, plan: Plan) -> None:
    """A notation that was taken back may come back as the same concept only."""
    labels = {s.subject: s.value for s in plan.adds if s[1:3] == ("pref", FALLBACK)}
    new = {s.subject: s.value for s in plan.adds if s.predicate == "in_scheme"}
    gone = select(Concept).where(Concept.notation.in_(new.keys() - now.taxonomy.terms.keys()))
    for concept in session.scalars(gone):
        same_label = labels.get(concept.notation, "").casefold() == concept.pref_label.casefold()
        if not (same_label and concept.scheme == new[concept.notation]):
            raise InvalidError(
                marked(
                    "“%(concept)s” was the notation of “%(label)s” once.",
                    concept=concept.notation,
                    label=concept.pref_label,
                ),
                hint=marked(
                    "A notation is for ever. Choose another, such as %(other)s.",
                    other=f"{concept.notation}-2",
                ),
            )


def _in_use(now: Standing, notation: str) -> Term:
    term = now.taxonomy.terms.get(notation.strip())
    if term is None:
        raise NotFoundError(
            marked("The taxonomy has no concept “%(concept)s”.", concept=notation),
            hint=marked("Choose one from the list, by its label or its notation."),
        )
    if term.deprecated:
        instead = now.taxonomy.current(term.notation)
        raise InvalidError(
            marked("“%(concept)s” is retired.", concept=term.notation),
            hint=marked("Use %(other)s, which took its place.", other=instead)
            if instead
            else marked("Choose another concept."),
        )
    return term


def _refuse_known(now: Standing, notation: str) -> None:
    if notation in now.taxonomy.terms:
        term = now.taxonomy[notation]
        raise InvalidError(
            marked(
                "There is a concept “%(concept)s” already: %(label)s.",
                concept=notation,
                label=term.pref[FALLBACK],
            ),
            hint=marked("Use that one, or give yours another notation."),
        )


def _label(language: str, text: str) -> str:
    """Return the label as it is kept."""
    label = " ".join(unicodedata.normalize("NFC", text).split())
    if not LANGUAGE.fullmatch(language):
        raise InvalidError(
            marked("“%(language)s” is not a language.", language=language),
            hint=marked("Write its code, such as fr, sw or pt-MZ."),
        )
    if not label:
        raise InvalidError(marked("The label is empty."), hint=marked("Write what people call it."))
    if len(label) > LONGEST:
        raise InvalidError(
            marked("The label is too long: %(characters)s characters.", characters=len(label)),
            hint=marked("Labels have %(most)s at most, and are better short.", most=LONGEST),
        )
    return label


def _refuse_unknown_kind(kind: str) -> None:
    if kind not in LABELS:
        raise InvalidError(
            marked("“%(kind)s” is not a kind of label.", kind=kind),
            hint=marked("It is one of: %(kinds)s.", kinds=", ".join(LABELS)),
        )


def _labels_in(term: Term, language: str) -> Iterable[tuple[str, str]]:
    if language in term.pref:
        yield "pref", term.pref[language]
    for kind in LABELS[1:]:
        yield from ((kind, text) for text in getattr(term, kind).get(language, ()))


def _row(now: Standing, *said: str) -> int | None:
    return next((s.place.line for s in now.kept if s[:4] == said), None)


def all_labels(term: Term) -> Sequence[tuple[str, str, str]]:
    """Return kind, language and text of every label, the preferred ones first."""
    languages = dict.fromkeys(
        [*term.pref, *(language for kind in LABELS[1:] for language in getattr(term, kind))]
    )
    found = [
        (kind, language, text)
        for language in languages
        for kind, text in _labels_in(term, language)
    ]
    return sorted(found, key=lambda one: LABELS.index(one[0]))
