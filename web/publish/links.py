"""Where each page of the library lies in a copy of it, and what an address becomes there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from posixpath import dirname, relpath
from urllib.parse import parse_qsl, urlencode, urlsplit

from web.i18n import FIELD

INDEX, SEARCH = "index.html", "/search"
# The search of a copy runs in the browser; these addresses lead to it, with what they ask for.
ASKING = frozenset({"/search", "/answer"})
# A shelf has its first page in a copy, mostly in one language. What comes after it, and in other
# languages all of it, is found by the same filter.
SHELVES = {
    "topics": "topic",
    "interventions": "intervention",
    "countries": "country",
    "facility-types": "facility_type",
}
WEB = frozenset({"http", "https"})


# Windows keeps these for itself, whatever the ending.
RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{name}{n}" for name in ("com", "lpt") for n in range(10)),
}
PLAIN = re.compile(r"[a-z0-9_-]{1,80}|[A-Z]{3}")  # a notation, or the code of a country


def named(part: str) -> str:
    """Return a part of a path as every file system takes it and none confuses it with another.

    >>> named("skin-to-skin"), named("TZA"), named("../Aux")
    ('skin-to-skin', 'TZA', '---aux-c4da09e3')
    """
    if PLAIN.fullmatch(part) and part not in RESERVED:
        return part
    plain = re.sub(r"[^a-z0-9_-]", "-", part.lower())[:40]
    return f"{plain}-{sha256(part.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Links:
    """What a copy holds, and so which addresses lead somewhere in it.

    A page that is there in several languages lies in a folder for each but the first one; a page
    that is there in one language lies at the root whichever that is.
    """

    languages: tuple[str, ...]  # the first one stands at the root
    pages: Mapping[str, tuple[str, ...]]  # path → the languages it is there in
    # Path of what is no page → where it lies in the copy; in another language by its address.
    files: Mapping[str, str]
    home: str  # the address of the library without a slash at its end; pages name themselves by it

    def file(self, path: str, language: str) -> str | None:
        """Return where a page lies, in the language or the nearest to it; None if it does not."""
        there = self.pages.get(path, ())
        if not there:
            return None
        name = INDEX if path == "/" else f"{'/'.join(map(named, path.strip('/').split('/')))}.html"
        several = len(there) > 1
        tongue = language if language in there else there[0]
        return f"{tongue}/{name}" if several and tongue != self.languages[0] else name

    def there(self, address: str, *, of: str, language: str) -> str | None:
        """Return what `address` becomes in the file `of`; None when the copy has it not.

        >>> links = Links(("en", "fr"), {"/": ("en", "fr"), "/records/7": ("en",)}, {}, "http://a")
        >>> links.there("/records/7#cost", of="fr/index.html", language="fr")
        '../records/7.html#cost'
        >>> links.there("http://a/?lang=fr", of="records/7.html", language="en")
        '../fr/index.html'
        >>> links.there("https://who.int/", of="index.html", language="en")
        'https://who.int/'
        """
        url = urlsplit(address)
        elsewhere = url.netloc and f"{url.scheme}://{url.netloc}" != self.home
        if elsewhere or (url.scheme and url.scheme not in WEB) or not (url.netloc or url.path):
            return address
        query = dict.fromkeys(parse_qsl(url.query, keep_blank_values=True))
        tongue = next((value for name, value in query if name == FIELD), language)
        asked = [(name, value) for name, value in query if name != FIELD]
        target = self._target(url.path or "/", asked, tongue)
        if target is None:
            return None
        file, _, left = target.partition("?")
        fragment = f"#{url.fragment}" if url.fragment else ""
        return relpath(file, dirname(of) or ".") + (f"?{left}" if left else "") + fragment

    def _target(self, path: str, asked: list[tuple[str, str]], language: str) -> str | None:
        if file := self.files.get(f"{path}?{FIELD}={language}", self.files.get(path)):
            return file
        if path in ASKING or path == "/records":
            return self._search(asked, language)
        _, _, rest = path.partition("/")
        shelf, _, value = rest.partition("/")
        if shelf in SHELVES and value and path in self.pages:
            later = [(name, number) for name, number in asked if name == "page" and number != "1"]
            if later or language not in self.pages[path]:
                return self._search([(SHELVES[shelf], value), *later], language)
        return None if asked else self.file(path, language)

    def _search(self, asked: list[tuple[str, str]], language: str) -> str | None:
        file = self.file(SEARCH, language)
        return f"{file}?{urlencode(asked, safe=',')}" if file and asked else file
