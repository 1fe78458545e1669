"""Ask a question, read the hits, narrow them down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import escape

from kb.wording import marked
from search.broaden import Broadening
from search.facets import Branch, tree
from search.filters import FacetCount, Scope
from search.query import Hit, Results, Sort, search
from search.understand import Question
from web.asking import FIELDS, GROUPS, Asked, AskedDep
from web.catalogue import PublicRecord, named, public_records
from web.deps import IndexDep, LibraryDep, NamesDep, ReadingDep
from web.names import CONCEPTS, Names
from web.noting import NoteDep
from web.pages.answer import summed_up
from web.render import page
from web.rules import OPEN

router = APIRouter(dependencies=[OPEN])

PER_PAGE = 10
VALUES_SHOWN = 7  # of a filter; the others one click away
OPEN_AT_FIRST = ("topic", "intervention", "verdict", "country")
SELDOM_ASKED = frozenset({"language", "record_type", "year"})
SORTS = {
    Sort.RELEVANCE: marked("Best match"),
    Sort.NEWEST: marked("Newest"),
    Sort.STRENGTH: marked("Strongest data"),
}
CLOSE_IN_MEANING = 0.3  # of a score's part for meaning; below, it is hardly a reason


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter: where its link leads, and how many records are left behind it."""

    label: str
    count: int
    url: str
    active: bool
    open: bool  # it is chosen, or something narrower
    narrower: tuple["Choice", ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One filter with its values, most frequent first."""

    name: str
    choices: tuple[Choice, ...]
    shown: int  # choices shown at once
    open: bool
    seldom: bool
    title: str = ""  # of a filter of this library; the others are named by the page


@dataclass(frozen=True, slots=True)
class Link:
    """A way to go on from these answers."""

    label: str
    url: str
    count: int | None = None  # records that are found there


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that the question names: its page, and the same answers without it."""

    label: str
    url: str
    away: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the question was taken to ask for, and what its reader may change about it."""

    concepts: tuple[Concept, ...]
    dropped: tuple[Link, ...]  # concepts that were taken away, to take back
    also: tuple[str, ...]  # words that were searched beside misspelt ones
    meant: Link | None  # the question without its misspellings
    offers: tuple[Link, ...]  # filters that the question names


@dataclass(frozen=True, slots=True)
class Answer:
    """A hit, and what its record says in short."""

    hit: Hit
    record: PublicRecord
    close_in_meaning: bool
    other_language: bool  # than the question's
    told: bool  # its passage tells something; else it is rows of figures, and the summary stands


@router.get("/search")
def search_page(
    request: Request,
    session: ReadingDep,
    names: NamesDep,
    index: IndexDep,
    asked: AskedDep,
    *,
    library: LibraryDep,
    note: NoteDep,
) -> Response:
    """Show the hits for a question: the page, or for htmx the hits and filters alone."""
    results = search(
        session,
        index,
        asked.q,
        filters=asked.filters,
        scope=Scope.PUBLIC,
        limit=PER_PAGE,
        offset=(asked.page - 1) * PER_PAGE,
        facets=True,
        without=asked.without,
        sort=asked.sort,
        diverse=not asked.every,
    )
    note(asked, results)
    records = public_records(session, (hit.record_id for hit in results.hits))
    named(session, (one.record_id for hit in results.hits for one in hit.folded))
    short: dict[str, Any] = {}
    if asked.q and asked.page == 1 and records:
        short = summed_up(session, index, names, asked, results=results)
    return page(
        request,
        "search.html",
        part="_hits.html",
        asked=asked,
        results=results,
        words_only=library.words_only,
        answers=answers(results, records),
        groups=groups(asked, results.facets, names, own=library.site.facets),
        chips=[(names.of(g, v), asked.toggled(g, v)) for g, v in asked.chosen],
        understood=understanding(asked, results.question, names),
        short=short,
        broader=[_broader(asked, one, names) for one in results.broaden],
        sorts=[
            (names.told(label), asked.sorted_by(sort), sort is asked.sort)
            for sort, label in SORTS.items()
        ],
        pages=max(1, ceil(results.listed / PER_PAGE)),
    )


def answers(results: Results, records: Mapping[int, PublicRecord]) -> list[Answer]:
    """Return the hits with their records; one that was withdrawn this moment is left out."""
    asked_in = results.question.language
    return [
        Answer(
            hit,
            records[hit.record_id],
            close_in_meaning=hit.parts.meaning >= CLOSE_IN_MEANING,
            other_language=bool(asked_in) and hit.language.partition("-")[0] != asked_in,
            told=bool(hit.highlights or not _is_figures(hit.passage)),
        )
        for hit in results.hits
        if hit.record_id in records
    ]


def _is_figures(passage: str) -> bool:
    """Tell whether a passage is more figures than words: rows of a table without its head."""
    signs = "".join(passage.split())
    return sum(sign.isdigit() or sign in "|/%" for sign in signs) * 2 > len(signs)


def understanding(asked: Asked, question: Question, names: Names) -> Understanding:
    """Return how the question was read, each part with the address that changes it."""
    terms = names.taxonomy.terms
    known = [notation for notation in question.notations if notation in terms]
    suggestion = question.suggestion
    offered = [(FIELDS[o.field], o.value) for o in question.offers]
    return Understanding(
        concepts=tuple(
            Concept(names.concept(n), f"/{terms[n].scheme}/{n}", asked.concept_toggled(n))
            for n in known
        ),
        dropped=tuple(
            Link(names.concept(n), asked.concept_toggled(n)) for n in asked.without if n in terms
        ),
        also=tuple(dict.fromkeys(word for c in question.corrections for word in c.meant)),
        meant=Link(suggestion, asked.reworded(suggestion)) if suggestion else None,
        offers=tuple(
            Link(names.of(group, value), asked.toggled(group, value))
            for group, value in dict.fromkeys(offered)
            if (group, value) not in asked.chosen
        ),
    )


def groups(
    asked: Asked,
    facets: Mapping[str, tuple[FacetCount, ...]],
    names: Names,
    *,
    own: Iterable[str] = (),
) -> tuple[Group, ...]:
    """Return the filters that have something to choose, in the order of the page.

    First those of the library's `own`: concepts of which the narrower ones are to choose.
    """
    found = [_own_group(asked, notation, facets, names) for notation in own]
    found += [_group(asked, name, facets.get(field, ()), names) for name, field in GROUPS.items()]
    return tuple(group for group in found if group.choices)


def _own_group(
    asked: Asked, notation: str, facets: Mapping[str, tuple[FacetCount, ...]], names: Names
) -> Group:
    scheme = names.taxonomy[notation].scheme
    below = set(names.taxonomy.narrower_transitive(notation)) - {notation}
    counts = tuple(one for one in facets.get(scheme, ()) if one.value in below)
    return replace(_group(asked, FIELDS[scheme], counts, names), title=names.concept(notation))


def _group(asked: Asked, name: str, counts: tuple[FacetCount, ...], names: Names) -> Group:
    chosen = {value for group, value in asked.chosen if group == name}
    counts = tuple(counted for counted in counts if counted.count or counted.value in chosen)
    branches = (
        tree(counts, names.taxonomy)
        if name in CONCEPTS
        else tuple(Branch(counted.value, counted.count, ()) for counted in counts)
    )
    choices = _choices(asked, name, branches, names)
    return Group(
        name,
        choices,
        shown=max(VALUES_SHOWN, sum(choice.open for choice in choices)),
        open=bool(chosen) or name in OPEN_AT_FIRST,
        seldom=name in SELDOM_ASKED and not chosen,
    )


def _choices(
    asked: Asked,
    name: str,
    branches: Iterable[Branch],
    names: Names,
    *,
    above: tuple[str, ...] = (),
) -> tuple[Choice, ...]:
    """Return the values of a filter; what is narrower shows once the broader one is chosen.

    As values are alternatives, a narrower one goes in the place of those `above` it, and what
    is next above comes back in the place of one that is taken away.
    """
    chosen = {value for group, value in asked.chosen if group == name}
    choices = []
    for branch in branches:
        active = branch.value in chosen
        line = (*above, branch.value)
        below = branch.narrower if chosen else ()  # else none of it is open
        narrower = _choices(asked, name, below, names, above=line)
        opened = active or any(one.open for one in narrower)
        put = above[-1:] if active else line[-1:]
        choices.append(
            Choice(
                names.of(name, branch.value),
                branch.count,
                asked.exchanged(name, taken=line, put=put),
                active=active,
                open=opened,
                narrower=narrower if opened else (),
            )
        )
    return tuple(sorted(choices, key=lambda one: (not one.open, -one.count, one.label)))


def _broader(asked: Asked, one: Broadening, names: Names) -> Link:
    """Return a search that finds more: for something broader, or with a filter less."""
    url = asked.filtered(one.filters, keep_question=one.asked)
    if not one.field:
        return Link(names.gettext("Without any filter"), url, one.count)
    group = FIELDS[one.field]
    if one.value:
        about = escape(names.gettext("All about %(concept)s"))
        return Link(about % {"concept": names.of(group, one.value)}, url, one.count)
    left_out = names.listed(names.of(group, str(value)) for value in getattr(asked, group))
    without = escape(names.gettext("Without %(values)s"))
    return Link(without % {"values": left_out}, url, one.count)
