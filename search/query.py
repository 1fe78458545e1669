"""Answer a question: the one way in for page, API and command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.vocabulary import SectionRole
from search.filters import FacetCount
from search.understand import Question

Span = tuple[int, int]  # characters, end not included


@dataclass(frozen=True, slots=True)
class Parts:
    """What each part added to a score; they sum to it."""

    meaning: float  # how near the passage is to the question
    words: float  # which of the question's words it has, and how rare they are
    concepts: float  # which of the question's concepts the record is tagged with


@dataclass(frozen=True, slots=True)
class Hit:
    """One record offered as an answer, by its best passage, and why."""

    record_id: int
    title: str
    section: SectionRole  # of the passage
    heading: str  # of the passage's section, may be empty
    passage: str  # Markdown, as it stands in the record
    score: float  # orders this one list; not comparable between questions
    parts: Parts
    words: tuple[str, ...] = ()  # matched, as they stand in title and passage, lower case
    concepts: tuple[str, ...] = ()  # notations of the question's concepts on the record
    highlights: tuple[Span, ...] = ()  # of matched words in `passage`
    title_highlights: tuple[Span, ...] = ()  # of matched words in `title`


@dataclass(frozen=True, slots=True)
class Results:
    """The answers to one question: one page of them, and all that the page says about them."""

    question: Question  # as understood
    hits: tuple[Hit, ...]
    total: int  # records that match, of which `hits` is a part
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)  # by Filters field
    ms: Mapping[str, float] = field(default_factory=dict)  # milliseconds of each step, and "total"
