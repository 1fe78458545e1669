"""A record as others cite it: a sentence to copy, a BibTeX entry, an RIS record.

Both formats are lines of text. Nothing that somebody wrote in a record can end its field, its line
or its entry: line breaks go, and what means something to TeX is escaped.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from kb.vocabulary import RecordType

BIBTEX = "application/x-bibtex"
RIS = "application/x-research-info-systems"
NO_NAME = "library"  # begins the key of an entry whose authors have no Latin letters
# Breaks of lines and paragraphs, and control characters; joiners of other scripts stay.
BREAKS = frozenset({"Cc", "Zl", "Zp"})
TEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\textbraceleft{}",  # BibTeX counts an escaped brace as well
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
# What would end an address early, as addresses write it; the rest means nothing to BibTeX there.
URL: Final = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})


class _Kind(NamedTuple):
    """What a kind of record is called in the two formats, and who stands behind it in BibTeX."""

    entry: str
    ris: str
    behind: str  # BibTeX's field for the publisher of such an entry


REPORT = _Kind("techreport", "RPRT", "institution")
# Source: the types of BibTeX, and of the RIS specification of 2011.
KINDS: Final = {
    RecordType.CHANGE_PACKAGE: _Kind("manual", "GEN", "organization"),
    RecordType.TOOL_OR_TEMPLATE: _Kind("manual", "GEN", "organization"),
    RecordType.TRAINING_MATERIAL: _Kind("manual", "GEN", "organization"),
    RecordType.GUIDELINE_OR_STANDARD: _Kind("manual", "STAND", "organization"),
    RecordType.PRESENTATION: _Kind("misc", "SLIDE", "publisher"),
    RecordType.AUDIO_VIDEO: _Kind("misc", "VIDEO", "publisher"),
    RecordType.DATASET: _Kind("misc", "DATA", "publisher"),
    RecordType.EXTERNAL_LINK: _Kind("misc", "ELEC", "publisher"),
}


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited of a record: only what every reader may see."""

    record_id: int
    record_type: RecordType
    title: str
    authors: tuple[str, ...]  # "Family, Given", or a team's name
    published: date
    library: str
    address: str
    language: str  # BCP 47
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    doi: str = ""

    @property
    def kind(self) -> _Kind:
        """What it is to the two formats: a report, where nothing else is known."""
        return KINDS.get(self.record_type, REPORT)


def sentence(cited: Citation) -> str:
    """Return the citation as a reader copies it: names, year, title, library, address.

    >>> sentence(Citation(7, RecordType.REPORT, "Warm cots", ("Okello, Grace",),
    ...                   date(2024, 3, 1), "Maktaba", "https://lib.example/records/7", "en"))
    'Okello, Grace (2024). Warm cots. Maktaba. https://lib.example/records/7'
    """
    year = str(cited.published.year)
    title = _ended(_line(cited.title))
    head = (
        [f"{_listed(cited.authors)} ({year}).", title] if cited.authors else [f"{title} ({year})."]
    )
    link = f"https://doi.org/{_line(cited.doi)}" if cited.doi else cited.address
    return " ".join([*head, _ended(_line(cited.library)), link])


def bibtex(cited: Citation) -> str:
    """Return the record as one BibTeX entry."""
    fields = (
        ("title", f"{{{_tex(cited.title)}}}"),  # twice in braces: its capitals stay
        ("author", " and ".join(map(_author, cited.authors))),
        ("year", str(cited.published.year)),
        (cited.kind.behind, _tex(cited.library)),
        ("number" if cited.kind is REPORT else "", str(cited.record_id)),
        ("url", _line(cited.address).translate(URL)),
        ("doi", _tex(cited.doi)),
        ("language", cited.language),
        ("keywords", ", ".join(map(_tex, cited.keywords))),
        ("abstract", _tex(cited.abstract)),
    )
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields if name and value)
    return f"@{cited.kind.entry}{{{_key(cited)},\n{lines}\n}}\n"


def ris(cited: Citation) -> str:
    """Return the record in RIS: a line for each value, ended by CR LF, the last one `ER`."""
    day = cited.published
    values: Iterable[tuple[str, str]] = (
        ("TY", cited.kind.ris),
        *(("AU", name) for name in cited.authors),
        ("TI", cited.title),
        ("PY", str(day.year)),
        ("DA", f"{day:%Y/%m/%d}"),
        ("PB", cited.library),
        ("AB", cited.abstract),
        *(("KW", word) for word in cited.keywords),
        ("LA", cited.language),
        ("DO", cited.doi),
        ("UR", cited.address),
    )
    lines = [f"{tag}  - {_line(value)}\r\n" for tag, value in values if value.strip()]
    return "".join([*lines, "ER  - \r\n"])


def _line(text: str) -> str:
    """Return the text in one line: no value can begin a line, and with it a field, of its own."""
    kept = (" " if unicodedata.category(sign) in BREAKS else sign for sign in text)
    return " ".join("".join(kept).split())


def _tex(text: str) -> str:
    return _line(text).translate(TEX)


def _author(name: str) -> str:
    """Return a name for BibTeX, where “and” parts authors: a team's name with it stays whole."""
    whole = re.search(r"\band\b", name, re.IGNORECASE) or name.count(",") > 1
    return f"{{{_tex(name)}}}" if whole else _tex(name)


def _key(cited: Citation) -> str:
    """Return the key of the entry, in ASCII: family name, year, number of the record."""
    family = _line(cited.authors[0]).partition(",")[0].split() if cited.authors else []
    name = unicodedata.normalize("NFKD", family[-1] if family else "")
    letters = re.sub(r"[^a-z]", "", name.encode("ascii", "ignore").decode().lower())
    return f"{letters or NO_NAME}{cited.published.year}r{cited.record_id}"


def _listed(names: Sequence[str]) -> str:
    return "; ".join(map(_line, names))


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "؟", "。", "।", "።")) else f"{text}."
