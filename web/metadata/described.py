"""What all forms say of a record: its citation, and what stands around it."""

from dataclasses import dataclass, field
from datetime import datetime

from kb import countries
from kb.content import Place
from kb.licences import KNOWN, Licence
from kb.taxonomy import Taxonomy
from web.catalogue import PublicRecord
from web.citing import Citation
from web.library import Library
from web.names import Names


@dataclass(frozen=True, slots=True)
class Subject:
    """A concept that the record carries."""

    notation: str
    scheme: str  # topics or interventions
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Where:
    """A place as it may be shown."""

    country: str  # ISO 3166-1 alpha-2; empty where the locale data know none
    name: str  # from the smallest part to the country: “Rungwe, Mbeya, Tanzania”


@dataclass(frozen=True, slots=True)
class Copy:
    """The file of a record that readers may take."""

    address: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Described(Citation):
    """A record as other systems describe it: only what every reader may see."""

    home: str  # the library's address, without a slash at its end
    updated: datetime
    version: int
    team: str = ""  # who stands behind it, where it wants credit
    spdx: str = ""
    licence: Licence | None = None
    subjects: tuple[Subject, ...] = ()
    where: tuple[Where, ...] = ()
    copy: Copy | None = field(default=None)
    source_url: str = ""
    elsewhere: bool = False  # it has its home in another library

    @property
    def creators(self) -> tuple[str, ...]:
        """Its authors, else the team, else the library: the forms that need one get one."""
        return self.authors or ((self.team or self.library),)

    @property
    def identifier(self) -> str:
        """The address that stays: of its DOI where it has one, else of its page."""
        return f"https://doi.org/{self.doi}" if self.doi else self.address


def described(record: PublicRecord, library: Library, names: Names, home: str) -> Described:
    """Describe the record; `names` says in which language its concepts are called."""
    said = record.said
    home = home.rstrip("/")
    address = f"{home}/records/{record.record_id}"
    spdx = library.site.licence_of(said.licence, said.origin)
    subjects = _subjects(record, library.taxonomy, names, home)
    return Described(
        record_id=record.record_id,
        record_type=said.record_type,
        title=said.title,
        authors=said.authors or ((said.credit_line,) if said.credit_line else ()),
        published=record.published.date(),
        library=record.library or library.site.name,
        address=address,
        language=said.language,
        abstract=said.summary,
        keywords=(*(one.label for one in subjects), *said.keywords),
        doi=said.doi,
        home=home,
        updated=record.updated,
        version=record.version,
        team=said.credit_line,
        spdx=spdx,
        licence=KNOWN.get(spdx),
        subjects=subjects,
        where=tuple(_where(place, names) for place in said.places if place.country),
        copy=_copy(record, address, offered=record.copy_offered(library.settings.share_originals)),
        source_url=said.source_url or record.home,
        elsewhere=bool(record.library),
    )


def _subjects(
    record: PublicRecord, taxonomy: Taxonomy, names: Names, home: str
) -> tuple[Subject, ...]:
    known = (taxonomy.terms.get(tag.notation) for tag in record.said.tags)
    return tuple(
        Subject(
            term.notation,
            term.scheme,
            str(names.concept(term.notation)),
            f"{home}/{term.scheme}/{term.notation}",
        )
        for term in known
        if term is not None
    )


def _where(place: Place, names: Names) -> Where:
    parts = (place.facility, place.admin2, place.admin1, str(names.country(place.country)))
    return Where(countries.alpha2().get(place.country, ""), ", ".join(filter(None, parts)))


def _copy(record: PublicRecord, address: str, *, offered: bool) -> Copy | None:
    original = record.original
    if original is None or not offered:
        return None
    return Copy(f"{address}/file", original.media_type)
