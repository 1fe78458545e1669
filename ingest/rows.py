"""Rows of a list to records: which column is which field, and what each row says.

The list is a table of a document: of a CSV or Excel file, or a list of references. A person sees
the mapping before anything is kept, and can change it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ingest.document import Document
from ingest.grids import Grid, grids
from ingest.language import language_of
from ingest.periods import parse
from ingest.places import countries_in, type_of
from ingest.sentences import fold
from kb import content
from kb.errors import InvalidError
from kb.labels import Labels
from kb.taxonomy import Taxonomy
from kb.vocabulary import (
    Level,
    RecordType,
    Scheme,
    SectionRole,
    SourceKind,
    TagSource,
    Verdict,
)

SEVERAL = re.compile(r"\s*[;|]\s*")  # between values of one cell
IGNORED = ""  # the field of a column that is left out
SAMPLES = 3  # values of a column that a person is shown
_ENUMS: dict[str, type[StrEnum]] = {
    "record_type": RecordType,
    "level": Level,
    "verdict": Verdict,
}
_SECTIONS = {
    "problem": SectionRole.PROBLEM,
    "aim": SectionRole.AIM,
    "changes": SectionRole.CHANGES,
    "results": SectionRole.RESULTS,
    "did_not_work": SectionRole.DID_NOT_WORK,
}
_CITED = ("authors", "year", "journal", "volume", "number", "pages", "publisher")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list, the field it is taken for ("" for none), and some of its values."""

    name: str
    field: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as a record, or the reason why it is none; `origin` says which it is, for ever."""

    number: int  # in the list, the header being 1
    origin: str = ""
    record: content.Record | None = None
    doubts: tuple[str, ...] = ()
    error: str = ""


def fields() -> list[str]:
    """Return the fields that a column may be mapped to."""
    return list(_names())


def table_of(document: Document) -> Grid:
    """Return the largest table of a document.

    Raises:
        InvalidError: it has none.
    """
    found = grids(document.markdown)
    if not found:
        raise InvalidError(
            f"{document.name} holds no table with a row of column names.",
            hint="Put the names of the columns in the first row, one record in each row below.",
        )
    return max(found, key=lambda grid: len(grid.rows) * len(grid.header))


def mapping(grid: Grid, chosen: Mapping[str, str]) -> list[Column]:
    """Return what each column is taken for: what was chosen, else what its name says.

    `chosen` maps the name of a column to a field, or to "" to leave it out.

    Raises:
        InvalidError: it names a column that is not there, or a field that no record has.
    """
    by_name = {fold(name): field for name, field in chosen.items()}
    strange = by_name.keys() - {fold(name) for name in grid.header}
    unknown = set(chosen.values()) - {*fields(), IGNORED}
    if strange or unknown:
        raise InvalidError(
            f"The list has no column {', '.join(sorted(strange))}."
            if strange
            else f"No record has a field {', '.join(sorted(unknown))}.",
            hint=f"Columns: {', '.join(grid.header)}. Fields: {', '.join(fields())}.",
        )
    taken: set[str] = {field for field in chosen.values() if field}
    columns = []
    for number, name in enumerate(grid.header):
        field = by_name.get(fold(name))
        if field is None:
            field = _guess(name, taken)
            taken.add(field)
        values = dict.fromkeys(value for value in grid.column(number) if value)
        columns.append(Column(name, field, tuple(values)[:SAMPLES]))
    return columns


def read_rows(
    grid: Grid,
    columns: Sequence[Column],
    *,
    taxonomy: Taxonomy,
    labels: Labels,
    source: str,
    given: Mapping[str, str],
) -> list[Row]:
    """Return each row as a record; `given` fills what no column says, such as the licence.

    `source` names the list: with a row's own identifier, or its words, it makes the origin.
    """
    return [
        _row(number, _said(row, columns, given), taxonomy, labels, source)
        for number, row in enumerate(grid.rows, start=2)
        if any(row)
    ]


def _said(
    row: Sequence[str], columns: Sequence[Column], given: Mapping[str, str]
) -> dict[str, str]:
    said = dict(given)
    for column, value in zip(columns, row, strict=True):
        if column.field and value:
            said[column.field] = value
    return said


def _row(
    number: int, said: Mapping[str, str], taxonomy: Taxonomy, labels: Labels, source: str
) -> Row:
    title = said.get("title", "")
    if not title:
        return Row(number, error="It has no title.")
    doubts: list[str] = []
    tags, strange = _tags(said, taxonomy, labels)
    if strange:
        doubts.append(f"Not in the taxonomy, kept as keywords: {', '.join(strange)}.")
    try:
        record = content.Record(
            title=title,
            summary=said.get("summary", ""),
            language=_language(said, doubts),
            sections=_sections(said),
            places=_places(said, doubts),
            tags=tags,
            keywords=tuple(dict.fromkeys([*_several(said.get("keywords", "")), *strange])),
            start_date=_day(said, "start_date", doubts),
            end_date=_day(said, "end_date", doubts),
            authors=tuple(_several(said.get("authors", ""))),
            contact=said.get("contact", ""),
            licence=said.get("licence", ""),
            source_url=said.get("url", ""),
            doi=said.get("doi", "").removeprefix("https://doi.org/"),
            source_citation=_citation(said),
            source_kind=SourceKind.IMPORTED,
            origin=_origin(said, source),
            doubts=tuple(doubts),
            **_chosen(said, taxonomy, doubts),
        )
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return Row(number, error=f"It cannot be a record: {wrong}.")
    return Row(number, record.origin, record, tuple(doubts))


def _origin(said: Mapping[str, str], source: str) -> str:
    """Return what stays the same when the list comes again."""
    if doi := said.get("doi"):
        return f"doi:{doi.removeprefix('https://doi.org/').lower()}"
    if identifier := said.get("identifier"):
        return f"{source}#{identifier}"
    if url := said.get("url"):
        return url
    told = "\n".join(fold(said.get(name, "")) for name in ("title", "facility", "year"))
    return f"{source}#{sha256(told.encode()).hexdigest()[:16]}"


def _guess(name: str, taken: set[str]) -> str:
    folded = " ".join(re.findall(r"\w+", fold(name)))
    for field, names in _names().items():
        if field not in taken and folded in names:
            return field
    return IGNORED


@cache
def _names() -> dict[str, frozenset[str]]:
    text = Path(__file__).with_name("columns.yaml").read_text(encoding="utf-8")
    return {
        field: frozenset({fold(name) for name in names} | {field.replace("_", " ")})
        for field, names in yaml.safe_load(text).items()
    }


def _several(cell: str) -> list[str]:
    return [part for part in SEVERAL.split(cell) if part]


def _tags(
    said: Mapping[str, str], taxonomy: Taxonomy, labels: Labels
) -> tuple[tuple[content.Tag, ...], list[str]]:
    """Return the concepts that the cells name, and the names that are none."""
    tags: dict[str, content.Tag] = {}
    strange: list[str] = []
    for scheme in (Scheme.TOPICS, Scheme.INTERVENTIONS):
        for name in _several(said.get(scheme, "")):
            notation = _concept(name, scheme, taxonomy, labels)
            if notation is None:
                strange.append(name)
            else:
                tags[notation] = content.Tag(
                    notation=notation, source=TagSource.AUTHOR, evidence=name
                )
    return tuple(tags.values()), strange


def _concept(name: str, scheme: Scheme, taxonomy: Taxonomy, labels: Labels) -> str | None:
    folded = fold(name).strip()
    by_notation = folded.replace(" ", "-")
    if by_notation in taxonomy.terms and taxonomy[by_notation].scheme == scheme:
        return taxonomy.current(by_notation)
    matches = [m for m in labels.find(name) if taxonomy[m.notation].scheme == scheme]
    whole = [m for m in matches if m.end - m.start >= len(name.strip()) - 1]
    return whole[0].notation if whole else None


def _language(said: Mapping[str, str], doubts: list[str]) -> str:
    declared = said.get("language", "").strip()
    if re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?", declared):
        main, _, region = declared.replace("_", "-").partition("-")
        return f"{main.lower()}-{region}" if region else main.lower()
    by_name = {"english": "en", "anglais": "en", "ingles": "en", "kiingereza": "en",
               "french": "fr", "francais": "fr", "frances": "fr", "kifaransa": "fr",
               "spanish": "es", "espagnol": "es", "espanol": "es", "kihispania": "es",
               "portuguese": "pt", "portugais": "pt", "portugues": "pt", "kireno": "pt",
               "swahili": "sw", "kiswahili": "sw", "arabic": "ar", "arabe": "ar"}  # fmt: skip
    if (known := by_name.get(fold(declared))) is not None:
        return known
    told = " ".join(said.get(name, "") for name in ("title", "summary", *_SECTIONS))
    found = language_of(told, declared="")
    if not found:
        doubts.append("The language could not be told.")
    return found or "en"


def _sections(said: Mapping[str, str]) -> tuple[content.Section, ...]:
    named = [(field, role) for field, role in _SECTIONS.items() if said.get(field)]
    return tuple(content.Section(role=role, body=said[field]) for field, role in named)


def _places(said: Mapping[str, str], doubts: list[str]) -> tuple[content.Place, ...]:
    country = said.get("country", "").strip()
    code = country.upper() if re.fullmatch(r"[A-Za-z]{3}", country) else ""
    if country and not code:
        found = [one for one in countries_in(country) if one.named]
        code = found[0].code if len(found) == 1 else ""
        if not code:
            doubts.append(f"The country is not clear: {country}.")
    facility = said.get("facility", "")
    place = content.Place(
        country=code,
        admin1=said.get("admin1", ""),
        admin2=said.get("admin2", ""),
        facility=facility,
        facility_code=said.get("facility_code", ""),
        facility_type=type_of(facility),
    )
    return (place,) if place != content.Place() else ()


def _day(said: Mapping[str, str], field: str, doubts: list[str]) -> Any:
    text = said.get(field, "")
    if not text:
        return None
    period = parse(text)
    if period is None:
        doubts.append(f"The {field.replace('_', ' ')} could not be read: {text}.")
        return None
    return period.first.replace(day=1)


def _chosen(said: Mapping[str, str], taxonomy: Taxonomy, doubts: list[str]) -> dict[str, Any]:
    """Return the values of closed sets, found by their word or by their label in any language."""
    found: dict[str, Any] = {}
    for field, kind in _ENUMS.items():
        if field not in said:
            continue
        wanted = fold(said[field]).replace(" ", "-")
        facet = "outcome_verdict" if field == "verdict" else field
        value = next((one for one in kind if one.value == wanted), None)
        if value is None:
            value = next(
                (
                    kind(one.id)
                    for one in taxonomy.facet(facet)
                    if fold(said[field]) in {fold(label) for label in one.pref.values()}
                ),
                None,
            )
        if value is None:
            doubts.append(f"The {field.replace('_', ' ')} is not known: {said[field]}.")
        else:
            found[field] = value
    return found


def _citation(said: Mapping[str, str]) -> str:
    """Return how the list cites it; empty where it names no year and no place of publication."""
    if not (said.get("journal") or said.get("publisher") or said.get("year")):
        return ""
    parts = {name: said.get(name, "") for name in _CITED}
    volume = parts["volume"] + (f"({parts['number']})" if parts["number"] else "")
    where = ", ".join(filter(None, (parts["journal"], volume, parts["pages"], parts["publisher"])))
    who = f"{parts['authors']} ({parts['year']})" if parts["year"] else parts["authors"]
    return ". ".join(filter(None, (who, said["title"].rstrip("."), where))) + "."
