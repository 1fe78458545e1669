"""Propose a record for a document; a curator decides.

Nothing is filled without words or numbers of the document that say it, nothing is said to have
worked, and whatever is not sure is a doubt that the curator reads first.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from ingest import answers, counting, ideas, structure, tables
from ingest.card import CardReader
from ingest.classify import Encode, Tagger
from ingest.document import Document
from ingest.kind import kind_of
from ingest.language import language_of
from ingest.neighbours import Confirmed
from ingest.periods import Span, span_in
from ingest.places import place_of
from kb.content import ChangeIdea, Measure, Place, Record, Section
from kb.labels import Labels
from kb.taxonomy import Taxonomy
from kb.vocabulary import Level, SectionRole, SourceKind

FALLBACK_LANGUAGE = "en"  # of a text too short to tell; with a doubt
# Marks of versions that people leave in file names.
_VERSION = re.compile(
    r"(?:^\d{1,3}[\s_-]+)|(?:[\s_-]+(?:final|draft|copy|v\d+|version)\w*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be; what is not sure stands in `record.doubts`, for the curator."""

    record: Record


class Proposer:
    """Turns documents into drafts, with one taxonomy and, for meaning, one encoder.

    `confirmed` is what curators decided on other records; it speaks for the tags of the next.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        labels: Labels,
        encode: Encode | None = None,
        confirmed: Confirmed | None = None,
    ) -> None:
        self._tagger = Tagger(taxonomy, labels, encode, confirmed)
        self._card = CardReader(encode)

    def __call__(self, document: Document) -> Draft:
        """Return a draft of what `document` tells; a filled template says it field by field."""
        title = _title_of_file(document.name)
        said = answers.record_of(document.form, title=title) if document.form else None
        if said is not None:
            return Draft(self.completed(said, document.doubts))
        return propose(document, tagger=self._tagger, read_card=self._card)

    def completed(self, said: Record, doubts: Sequence[str] = ()) -> Record:
        """Add what no question asks: tags, and the parts of an aim that are one sentence."""
        card = self._card(said.sections, language=said.language)
        parts = {"aim.start", "aim.target", "aim.by_when", "baseline"}
        aim = said.aim and said.aim.model_copy(
            update={
                part: getattr(card.aim, part) for part in ("start", "target", "by_when") if card.aim
            }
        )
        found = tuple(
            one for one in card.evidence if one.field in parts or one.field.startswith("baseline.")
        )
        ideas_ = tuple(_tagged(idea, self._tagger, said.language) for idea in said.change_ideas)
        tags = self._tagger.suggest(said.title, said.sections, language=said.language)
        update = {
            "aim": aim,
            "baseline": card.baseline,
            "evidence": (*said.evidence, *found),
            "change_ideas": ideas_,
            "tags": tags,
            "summary": structure.summary_of(said.sections),
            "doubts": (*doubts, *said.doubts),
        }
        return said.model_copy(update=update)


def propose(document: Document, *, tagger: Tagger, read_card: CardReader) -> Draft:
    """Return a draft of what `document` tells; an unreadable one still has a title and a doubt."""
    found = structure.read(document.markdown, title=document.title)
    sections = tuple(map(with_results, found.sections))
    language = language_of(document.markdown, declared=document.metadata.language)
    where = place_of(found.title, sections)
    kind = kind_of(found.title, sections, facility=where.place.facility, form=document.format)
    numbers = tables.measures_of(sections)
    measures = counting.described(numbers.measures, sections)
    work = _work(found.title, sections, measures)
    within = (work.start, work.end) if work else None
    tried = ideas.ideas_of(sections, record_type=kind.record_type, within=within, language=language)
    card = read_card(sections, language=language, country=where.place.country)
    doubts = (
        *document.doubts,
        *(_DOUBTS[what] for what in _missing(found, language)),
        *where.doubts,
        *kind.doubts,
        *numbers.doubts,
    )
    record = Record(
        record_type=kind.record_type,
        level=kind.level,
        title=found.title or _title_of_file(document.name),
        summary=structure.summary_of(sections),
        language=language or FALLBACK_LANGUAGE,
        sections=sections,
        change_ideas=tuple(_tagged(idea, tagger, language) for idea in tried.ideas),
        measures=measures,
        places=_places(where.place, kind.level),
        tags=tagger.suggest(found.title, sections, language=language),
        start_date=work.start if work else None,
        end_date=work.end if work else None,
        aim=card.aim,
        baseline=card.baseline,
        cost=card.cost,
        logistics=card.logistics,
        team_roles=card.team.roles,
        team_lead_role=card.team.lead,
        team_size=card.team.size,
        support_received=card.support_received,
        support_requests=card.support_requests,
        evidence=(*card.evidence, *tried.evidence),
        source_kind=SourceKind.IMPORTED,
        doubts=tuple(dict.fromkeys(doubts)),
    )
    return Draft(record)


_DOUBTS = {
    "text": "The file has no text that can be read; only its name was kept.",
    "below": "Only a title was found, and no text below it.",
    "title": "No title was found; the file name stands for it.",
    "language": "The language could not be told.",
    "headings": "No headings were found; the text is kept as one section.",
}


def _missing(found: structure.Structure, language: str) -> Iterator[str]:
    if not found.sections:
        yield "below" if found.title else "text"
        return
    if not found.title:
        yield "title"
    if not language:
        yield "language"
    if len(found.sections) == 1 and not found.sections[0].heading:
        yield "headings"


def with_results(section: Section) -> Section:
    """A section without a known heading that holds a series of numbers tells results."""
    if section.role is SectionRole.OTHER and section.heading and tables.has_series(section.body):
        return section.model_copy(update={"role": SectionRole.RESULTS})
    return section


def _work(title: str, sections: Sequence[Section], measures: Sequence[Measure]) -> Span | None:
    """When the work went on: from the series, else from the first "from … to …" of the text."""
    days = [point.period for measure in measures for point in measure.points]
    if days:
        return Span(_month(min(days)), _month(max(days)), "")
    texts = [title, *(section.body for section in sections)]
    return next(filter(None, map(span_in, texts)), None)


def _month(day: date) -> date:
    return day.replace(day=1)


def _places(place: Place, level: Level) -> tuple[Place, ...]:
    """A support story is about many facilities; a name in it is an example, not the place."""
    if level not in (Level.FACILITY, Level.COMMUNITY):
        place = place.model_copy(update={"facility": "", "facility_type": None})
    return (place,) if place != Place() else ()


def _tagged(idea: ChangeIdea, tagger: Tagger, language: str) -> ChangeIdea:
    named = tagger.interventions_in(idea, language=language)
    return idea.model_copy(update={"interventions": named})


def _title_of_file(name: str) -> str:
    stem = PurePath(name).stem
    words = re.sub(r"[_\s]+", " ", _VERSION.sub("", stem)).strip(" -")
    return words or stem or "Untitled"
