"""All stories of a copy by country, title by title: for browsers that run no scripts.

The list of a language names the stories whose pages are in it, and leads to those of the other
languages: so each title stands in a copy once. The library itself has no such page; there an empty
question finds all, without scripts too. So these routes are only in the application that a copy is
made of.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Final

from fastapi import APIRouter, Request, Response

from kb.errors import NotFoundError
from kb.folding import plain
from web.deps import NamesDep
from web.names import Name, Names
from web.publish.stock import Story
from web.render import page
from web.rules import OPEN

PATH: Final = "/stories"
PER_PAGE = 500  # titles: 60 kB

Told = tuple[int, Story]  # the number of a story, and what has to be known of it


@dataclass(frozen=True, slots=True)
class Country:
    """The stories of a country, or those of them that stand on one page."""

    code: str  # ISO 3166-1 alpha-3; empty where it is not told
    name: Name | str
    number: int  # of the page on which it begins
    stories: Sequence[Told]


def lists(
    stories: Mapping[int, Story], there_in: Callable[[str], Sequence[str]]
) -> Mapping[str, Sequence[Told]]:
    """Return the stories of each list.

    `there_in` says in which languages there are pages of a story that is told in one.
    """
    found: dict[str, list[Told]] = {}
    for record_id, story in stories.items():
        for language in there_in(story.language):
            found.setdefault(language, []).append((record_id, story))
    return found


def paths(
    titles: Mapping[str, Sequence[Told]], languages: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the path of each page, and the languages it is there in; the first is in all."""
    pages = {one: ceil(_entries(titles.get(one, ())) / PER_PAGE) for one in languages}
    yield PATH, languages
    for number in range(2, max(pages.values(), default=0) + 1):
        yield _path(number), tuple(one for one in languages if pages[one] >= number)


def routes(titles: Mapping[str, Sequence[Told]]) -> APIRouter:
    """Return the pages of the lists."""
    router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[OPEN])

    @router.get("")
    def first(request: Request, names: NamesDep) -> Response:
        """Show where the list of a language begins."""
        return _shown(request, names, titles, 1)

    @router.get("/{number}")
    def later(request: Request, names: NamesDep, number: int) -> Response:
        """Show how it goes on."""
        return _shown(request, names, titles, number)

    return router


def _shown(
    request: Request, names: Names, titles: Mapping[str, Sequence[Told]], number: int
) -> Response:
    countries = _by_country(titles.get(names.language, ()), names)
    pages = max(1, ceil(sum(len(one.stories) for one in countries) / PER_PAGE))
    if number > pages:
        raise NotFoundError(f"The list has no page {number}.", hint="Open its first page.")
    return page(
        request,
        "copy/stories.html",
        counts={language: len(titles[language]) for language in titles},
        countries=countries,
        there=[*_on_page(countries, number)],
        number=number,
        pages=pages,
        path_of=_path,
    )


def _by_country(told: Sequence[Told], names: Names) -> list[Country]:
    """Return every country with its stories, both by name; a story of two stands in both."""
    standing: dict[str, list[Told]] = {}
    for record_id, story in told:
        for code in story.countries or {""}:
            standing.setdefault(code, []).append((record_id, story))
    called = {
        code: names.country(code) if code else names.gettext("Country not told")
        for code in standing
    }
    found, before = list[Country](), 0
    for code in sorted(standing, key=lambda one: (not one, plain(str(called[one])))):
        stories = sorted(standing[code], key=lambda one: (plain(one[1].title), one[0]))
        found.append(Country(code, called[code], before // PER_PAGE + 1, stories))
        before += len(stories)
    return found


def _on_page(countries: Sequence[Country], number: int) -> Iterator[Country]:
    entries = [(country, one) for country in countries for one in country.stories]
    there = entries[(number - 1) * PER_PAGE : number * PER_PAGE]
    for country, some in groupby(there, lambda entry: entry[0]):
        stories = [one for _, one in some]
        yield Country(country.code, country.name, country.number, stories)


def _entries(told: Sequence[Told]) -> int:
    return sum(len(story.countries) or 1 for _, story in told)


def _path(number: int) -> str:
    return PATH if number == 1 else f"{PATH}/{number}"
