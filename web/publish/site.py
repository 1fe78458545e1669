"""The library as plain files: for any web host, a USB stick, or a double click.

The pages are those that the application shows to somebody who is not signed in; it is asked for
each of them in this process, and answers what `web.catalogue` lets every reader see.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from json import dumps
from pathlib import Path
from posixpath import dirname, relpath
from typing import Final

from lxml import html
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from kb import copies
from kb.errors import InvalidError
from web import photos
from web.app import create_app
from web.catalogue import public_records
from web.library import Library
from web.names import Names
from web.publish import words
from web.publish.copying import Copy, Written, begin, changes_of, finish, state_of
from web.publish.links import SEARCH, Links
from web.publish.packages import put_packages
from web.publish.paring import pared
from web.publish.signs import stylesheet
from web.publish.slimming import written
from web.publish.stamps import Stamps, kept, stamps
from web.publish.stock import Stock, in_stock, told_in
from web.publish.titles import PATH, lists, paths, routes
from web.publish.tongue import age, tongue
from web.render import environment

ASSETS: Final = Path(__file__).parent / "assets"
STYLE: Final = "copy.css"
OWN: Final = (STYLE, "copy-search.js")
# Where pages say their address when nobody said which one the library has; no page shows it.
NOWHERE: Final = "http://library.invalid"
ALWAYS: Final = (
    "/",
    SEARCH,
    "/topics",
    "/interventions",
    "/countries",
    "/facility-types",
    "/explore",
    "/collections",
    "/about",
    "/licence",
    "/privacy",
    "/accessibility",
)
DATED: Final = frozenset({"/", "/about"})  # say without scripts, too, when the copy was made
STYLES: Final = {
    "/static/maktaba.css": "assets/maktaba.css",
    "/static/print.css": "assets/print.css",
    "/site.css": "assets/site.css",
}
ENDINGS: Final = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}
OK, GONE = 200, 410
STAMPS: Final = "made-from.json"  # beside the copy: for the next run, and for nobody who reads it

Step = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a copy is to hold beside the pages that every copy has."""

    languages: tuple[str, ...] = ()  # of the library's; none for all of them
    # Stories in each language, not only in the one they are told in; shelves in each, not only in
    # the first, where the others search by the same filter.
    every_language: bool = False
    prints: bool = False  # the page of A4 of each story
    originals: bool = False  # the copies of files that readers may take home
    photos: bool = False  # those that the team agreed to show, and no face in them
    packages: bool = False  # each collection as PDF, Word, EPUB and HTML


def publish_site(
    library: Library, folder: Path, *, wanted: Wanted, today: date, step: Step
) -> Written:
    """Write the copy into `folder`, or bring the one that is there up to date.

    Raises:
        InvalidError: the folder holds something else, or the library has not that language.
    """
    copy = begin(folder)
    with library.reading() as session:
        stock = in_stock(session, library)
    languages = _languages(library, wanted)
    home = (library.settings.base_url or NOWHERE).rstrip("/")
    # Without pictures that are only pretty, as for readers who pay for each kilobyte.
    heads = {"Save-Data": "on", "Accept-Encoding": "identity"}
    app = create_app(library, read=False)
    with (
        library.reading() as session,
        TestClient(app, base_url=home, headers=heads) as client,
    ):
        file = changes_of(folder) / STAMPS
        before = kept(file, state=state_of(folder)) if copy.before else {}
        files = dict(_files(client, stock, wanted))
        if wanted.photos:
            files.update(_photos(session, library, stock))
        there_in = partial(told_in, languages=languages, every=wanted.every_language)
        bound = {n: there_in(said) for n, said in stock.collections.items() if wanted.packages}
        packages = put_packages(
            copy, session, library, wanted=bound, tongues=languages, before=before
        )
        app.state.sizes.update(packages.sizes)
        titles = lists(stock.records, there_in)
        app.include_router(routes(titles))
        pages = dict(_pages(stock, languages, wanted)) | dict(paths(titles, languages))
        lie_at = {path: name for path, (name, _) in files.items()} | packages.files
        links = Links(languages, pages, lie_at, home)
        marks = stamps(
            session,
            library,
            file,
            before=before,
            made_of=(links, wanted),
            also=packages.said,
            day=today.isoformat(),
        )
        marks.after.update(packages.stamps)
        for name, content in files.values():
            copy.write(name, content)
        _write_pages(copy, client, library, links, marks, today=today, step=step)
        _write_lists(copy, session, library, stock, marks)
        _write_rest(copy, library, stock, links, today=today, every=wanted.every_language)
    done = finish(copy, made=today.isoformat(), left_out=packages.left_out)
    marks.keep(state_of(folder))  # last: a run that broke off is made again
    return done


def _languages(library: Library, wanted: Wanted) -> tuple[str, ...]:
    offered = library.site.languages
    missing = [language for language in wanted.languages if language not in offered]
    if missing:
        raise InvalidError(
            f"The library has no pages in {', '.join(missing)}.",
            hint=f"It has them in {', '.join(offered)}; site.toml says which.",
        )
    return wanted.languages or tuple(offered)


def _files(
    client: TestClient, stock: Stock, wanted: Wanted
) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """Yield what is no page: its path in the library, where it lies in the copy, its bytes."""
    for path, name in STYLES.items():
        answer = client.get(path)
        if answer.status_code == OK:
            yield path, (name, answer.content)
    logo = client.get("/logo")
    if logo.status_code == OK:
        kind = logo.headers["content-type"].partition(";")[0]
        yield "/logo", (f"assets/logo.{ENDINGS.get(kind, 'png')}", logo.content)
    if wanted.originals:
        for record_id, record in stock.records.items():
            answer = client.get(f"/records/{record_id}/file")
            if answer.status_code == OK:
                name = f"files/{record_id}.{record.original or 'bin'}"
                yield f"/records/{record_id}/file", (name, answer.content)


def _photos(
    session: Session, library: Library, stock: Stock
) -> Iterator[tuple[str, tuple[str, bytes]]]:
    folder = library.settings.copies
    for record_id in stock.records:
        shown = photos.sized(session, record_id, folder)
        if any(one.photo.face for one in shown):  # who agreed to a page cannot call a copy back
            continue
        for number, one in enumerate(shown, 1):
            picture = photos.small(copies.where(folder, one.photo.sha256))
            yield (
                f"/records/{record_id}/photos/{number}",
                (f"photos/{record_id}-{number}.jpg", picture),
            )


def _pages(
    stock: Stock, languages: tuple[str, ...], wanted: Wanted
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the path of each page of the copy, and the languages it is there in."""
    for path in (*ALWAYS, *(f"/collections/{one}" for one in stock.collections)):
        yield path, languages
    for path in stock.shelves:
        yield path, languages if wanted.every_language else languages[:1]
    for record_id, record in stock.records.items():
        alone = told_in(record.language, languages, every=False)
        yield f"/records/{record_id}", languages if wanted.every_language else alone
        if wanted.prints:
            yield f"/records/{record_id}/print", alone
    for one in stock.gone:
        yield f"/records/{one.record_id}", languages[:1]


def _write_pages(
    copy: Copy,
    client: TestClient,
    library: Library,
    links: Links,
    marks: Stamps,
    *,
    today: date,
    step: Step,
) -> None:
    """Ask the application for each page, and write it as the copy has it."""
    notes = {language: _notes(library, language, links, today) for language in links.languages}
    total = sum(map(len, links.pages.values()))
    done = 0
    for path, languages in links.pages.items():
        for language in languages:
            file = links.file(path, language)
            assert file is not None
            done += 1
            step(done, total, "")
            if marks.same(file, path) and copy.keep(file):
                continue
            answer = client.get(path, headers={"Accept-Language": language})
            if answer.status_code not in {OK, GONE}:
                answer.raise_for_status()
            document = pared(answer.text, path=path, file=file, language=language, links=links)
            _add(document, path, file, notes[language], links)
            copy.write(file, written(document))
            marks.made(file, path, document)


def _notes(library: Library, language: str, links: Links, today: date) -> dict[str, str]:
    """Return what only a copy says, ready to stand in its pages."""
    templates = environment(library, language, save_data=True)
    living = links.home if links.home != NOWHERE else ""
    stories = links.there(PATH, of=links.file("/", language) or "", language=language)
    said = {"living": living, "made": today, "stories": stories}
    return {
        name: templates.get_template(f"copy/_{name}.html").render(said)
        for name in ("note", "dated", "search", "stories")
    }


def _add(
    document: html.HtmlElement, path: str, file: str, notes: Mapping[str, str], links: Links
) -> None:
    """Put into a page what only a copy has: its note, its scripts, its stylesheet."""
    top = relpath(".", dirname(file) or ".")
    top = "" if top == "." else f"{top}/"
    document.set("data-top", top)
    if len(links.pages[path]) == 1 and len(links.languages) > 1:
        document.set("data-alone", "")
    if links.home == NOWHERE:
        _forget_nowhere(document)
    if path.startswith(PATH):
        _forget_canonical(document)
    head, main = document.head, document.find(".//main")
    head.append(_element("link", rel="stylesheet", href=f"{top}assets/copy.css"))
    scripts = ["made.js"]
    if path == SEARCH:
        scripts += ["search/rules.js", f"search/{document.get('lang')}.js", "assets/copy-search.js"]
        main.extend(html.fragments_fromstring(notes["search"].strip()))
    for script in scripts:
        head.append(_element("script", src=f"{top}{script}", defer=""))
    if path == "/":
        for newest in document.find_class("newest"):
            newest.append(html.fragment_fromstring(notes["stories"].strip()))
    if path in DATED:
        main.append(html.fragment_fromstring(notes["dated"].strip()))
    footer = document.find(".//footer[@class='foot']")
    if footer is not None:
        footer.insert(0, html.fragment_fromstring(notes["note"].strip()))


def _element(tag: str, **attributes: str) -> html.HtmlElement:
    return html.Element(tag, attributes)


def _forget_canonical(document: html.HtmlElement) -> None:
    for link in document.xpath("//link[@rel='canonical']"):
        link.drop_tree()


def _forget_nowhere(document: html.HtmlElement) -> None:
    """Leave out the address of the library where nobody said which one it has."""
    _forget_canonical(document)
    for cited in document.find_class("cite"):
        cited.text = (cited.text or "").partition(NOWHERE)[0].rstrip()
    for link in document.xpath(f"//*[starts-with(@href, '{NOWHERE}')]"):
        del link.attrib["href"]


def _write_lists(
    copy: Copy, session: Session, library: Library, stock: Stock, marks: Stamps
) -> None:
    """Write the words that the browser searches, of some stories at a time."""
    for number, ids in words.shelves(stock.records).items():
        name = f"search/{number}.js"
        same = marks.of_records(name, ids)
        if not (same and copy.keep(name)):
            told = public_records(session, ids).values()
            copy.write(name, words.shelf(told, library.taxonomy))


def _write_rest(
    copy: Copy, library: Library, stock: Stock, links: Links, *, today: date, every: bool
) -> None:
    """Write what else the browser needs to search, and when the copy was made."""
    stories = stock.records.values()
    languages = {one.language for one in stories}
    countries = frozenset[str]().union(*(one.countries for one in stories))
    copy.write("search/rules.js", words.rules(library.taxonomy))
    for language in links.languages:
        names = Names(library.taxonomy, language)
        copy.write(f"search/{language}.js", tongue(names, languages, countries))
    for name in OWN:
        content = (ASSETS / name).read_bytes()
        copy.write(f"assets/{name}", content + (stylesheet(library) if name == STYLE else b""))
    made = {
        "made": today.isoformat(),
        "languages": links.languages,
        "says": {one: age(Names(library.taxonomy, one)) for one in links.languages},
        "everyLanguage": every,
        "shelves": sorted(words.shelves(stock.records)),
    }
    copy.write("made.js", (ASSETS / "copy.js").read_bytes() + words.script("made", made))
    gone = [{"id": one.record_id, "since": one.since.isoformat()} for one in stock.gone]
    copy.write("purge.json", (dumps({"removed": gone}, indent=1) + "\n").encode())
