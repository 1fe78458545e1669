"""The library as one ZIM file, for Kiwix and other readers: the pages of a copy, packed.

The file is written by a program of its own (`zim_process`), which alone knows libzim.
"""

import json
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from babel.core import get_global
from lxml import html

from kb.errors import NotReadyError
from kb.folding import fold, plain
from kb.taxonomy import Taxonomy
from web import brand
from web.binding.forms import FORMS
from web.i18n import messages
from web.library import Library
from web.publish.copying import MANIFEST, Written
from web.publish.links import INDEX, SHELVES, named
from web.publish.packages import FOLDER as PACKAGES
from web.publish.site import Step, Wanted, publish_site

SIGN = 48  # pixels of the picture that stands for it in a reader
# Characters that a reader has room for.
# Source: https://wiki.openzim.org/wiki/Metadata
TITLE, DESCRIPTION, LONG = 30, 80, 4000
TYPES: Final = {
    **{f".{form.name}": form.media_type for form in FORMS.values()},
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
}
# Of the files of a copy, what only says how to bring it up to date; a ZIM file is replaced whole.
OF_A_FOLDER: Final = frozenset({MANIFEST, "purge.json"})
UNFOUND: Final = "noindex"  # says a page that is there for people and not to be searched for
# What a page says of stories that have a page of their own, and what is drawn or leads elsewhere.
SAID_ELSEWHERE: Final = ".//ol//article | .//*[@id='similar'] | .//nav | .//svg"
NAMES: Final = "names"  # below it every other name of a topic leads to its page


def publish_zim(
    library: Library, out: Path, copy: Path, *, wanted: Wanted, today: date, step: Step
) -> Written:
    """Write `out` from the copy in the folder `copy`, brought up to date; return that run.

    Raises:
        NotReadyError: libzim is not installed, or could not write the file.
        InvalidError: the folder holds something else, or the library has not that language.
    """
    if find_spec("libzim") is None:  # asks without importing it
        raise NotReadyError(
            "A ZIM file is written with libzim, which is not here.",
            hint='Install it beside the library: pip install "maktaba[zim]".',
        )
    done = publish_site(library, copy, wanted=wanted, today=today, step=step)
    files = sorted(json.loads((copy / MANIFEST).read_text(encoding="utf-8"))["files"])
    lines = [_head(library, wanted, today), *_entries(copy, files, library.taxonomy)]
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".zim-", dir=out.resolve().parent) as aside:
        made = Path(aside) / "new.zim"
        _write(made, lines)
        made.replace(out)
    return done


def _write(out: Path, lines: Sequence[dict[str, Any]]) -> None:
    # nosemgrep: program-without-end  a large library takes an hour, and somebody sits before it
    done = subprocess.run(  # noqa: S603  # no shell; our own program
        [sys.executable, "-m", "web.publish.zim_process", str(out)],
        input="\n".join(json.dumps(line) for line in lines),
        text=True,
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    if done.returncode or not out.is_file():
        said = done.stderr.strip().rpartition("\n")[2]
        raise NotReadyError(
            f"libzim could not write the file: {said or done.returncode}.",
            hint="Make room on the disk, then run the same command again.",
        )


def _head(library: Library, wanted: Wanted, today: date) -> dict[str, Any]:
    site = library.site
    languages = wanted.languages or tuple(site.languages)
    sign = brand.icon(site.picture, site.colours.accent, SIGN)
    codes = [iso_639_3(language) for language in languages]
    return {
        "main": INDEX,
        "language": codes[0],
        "illustration": b64encode(sign).decode(),
        "metadata": _metadata(library, languages, codes, wanted, today),
    }


def _metadata(
    library: Library, languages: Sequence[str], codes: Sequence[str], wanted: Wanted, today: date
) -> dict[str, str]:
    """Return what a reader shows of the file, and chooses it by.

    Source: https://wiki.openzim.org/wiki/Metadata
    """
    site, first = library.site, languages[0]
    pictures = "yes" if wanted.photos else "no"
    own = site.text("home_lead", first)
    usual = messages(first).gettext(
        "Ask what you would ask a colleague in another health facility. See what teams tried, "
        "what changed for patients, and what did not work."
    )
    lead = own.text if own else usual
    named = "-".join(re.findall("[a-z0-9]+", plain(site.called(first))))
    said = {
        "Name": f"{named or 'maktaba'}_{codes[0] if len(codes) == 1 else 'mul'}_all",
        "Title": shortened(site.called_in_short(first), TITLE),
        "Description": shortened(lead, DESCRIPTION),
        "LongDescription": shortened(lead, LONG),
        "Language": ",".join(codes),
        "Date": today.isoformat(),
        "Creator": site.called(first),
        "Publisher": site.called(first),
        "Flavour": "maxi" if wanted.photos else "nopic",
        "Tags": f"_category:other;_ftindex:yes;_pictures:{pictures};_videos:no;_details:yes;health",
        "Scraper": f"maktaba {version('maktaba')}",
        "Source": library.settings.base_url,
        "License": site.licence,
    }
    return {name: value for name, value in said.items() if value}


def _entries(copy: Path, files: Sequence[str], taxonomy: Taxonomy) -> Iterator[dict[str, Any]]:
    """Yield every file with its title and words, then the other names of what has a page."""
    titles: set[str] = set()
    for path in files:
        if path in OF_A_FOLDER:
            continue
        kind = TYPES.get(Path(path).suffix) or guess_type(path)[0] or "application/octet-stream"
        told = kind == TYPES[".html"] and Path(path).parent.name != PACKAGES  # stories, again
        title, text = _read(copy / path) if told else ("", "")
        titles.add(title)
        yield {
            "path": path,
            "file": str((copy / path).resolve()),
            "type": kind,
            "title": title,
            "text": text,
        }
    yield from _other_names(set(files), titles, taxonomy)


def _read(page: Path) -> tuple[str, str]:
    """Return the title of a page and its words; none of one that is not to be searched for."""
    document = html.document_fromstring(page.read_text(encoding="utf-8"))
    if any(UNFOUND in one.get("content", "") for one in document.xpath("//meta[@name='robots']")):
        return "", ""
    heading = document.find(".//main//h1")
    title = heading if heading is not None else document.find(".//title")
    shown = _words(title)
    main = document.find(".//main")
    for part in [] if main is None else main.xpath(SAID_ELSEWHERE):
        if part.getparent() is not None:
            part.drop_tree()
    return shown, _words(main)


def _words(element: html.HtmlElement | None) -> str:
    return "" if element is None else " ".join(" ".join(element.itertext()).split())


def _other_names(files: set[str], titles: set[str], taxonomy: Taxonomy) -> Iterator[dict[str, Any]]:
    """Yield a redirect for each name of a topic in any language: what one types is suggested."""
    known = {fold(title) for title in titles}
    shelves = [shelf for shelf, group in SHELVES.items() if group in {"topic", "intervention"}]
    for term in taxonomy:
        name = named(term.notation)
        page = next((f for s in shelves if (f := f"{s}/{name}.html") in files), None)
        labels = (
            *term.pref.values(),
            *(x for k in (term.alt, term.abbr) for y in k.values() for x in y),
        )
        for number, label in enumerate(dict.fromkeys(labels) if page else ()):
            if fold(label) in known:
                continue
            known.add(fold(label))
            path = f"{NAMES}/{term.notation}/{number}"
            yield {"path": path, "title": label, "to": page, "suggested": True}


def iso_639_3(language: str) -> str:
    """Return the code of three letters that readers of ZIM files know a language by.

    >>> [iso_639_3(one) for one in ("en", "fr", "sw", "ar", "ne", "und")]
    ['eng', 'fra', 'swa', 'ara', 'nep', 'und']
    """
    spoken = language.partition("-")[0]
    codes = [code for code, other in get_global("language_aliases").items() if other == spoken]
    of_three = [code for code in codes if len(code) == len("eng")]
    wide = [code for code in of_three if code in MACRO]
    return next(iter(wide or of_three), spoken)


# Where CLDR knows a single language and the one that embraces it, the latter is meant.
# Source: https://iso639-3.sil.org/code_tables/macrolanguage_mappings/data
MACRO: Final = frozenset({"ara", "swa", "nep", "est", "lav", "msa", "zho", "fas", "ori", "orm"})


def shortened(text: str, most: int) -> str:
    """Return the text in at most so many characters, cut between words.

    >>> shortened("Stories of better care from health facilities", 20)
    'Stories of better …'
    """
    if len(text) <= most:
        return text
    return text[: most - 1].rpartition(" ")[0] + " …"
