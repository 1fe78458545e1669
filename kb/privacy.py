"""What of a record may be shown: the facility's choice, and small numbers, applied everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kb import content, death_reviews, masking, small_numbers, texts
from kb.vocabulary import Naming, TagStatus

# From the least that is shown of a place to the most.
SHOWING = (Naming.ANONYMOUS, Naming.TYPE_AND_COUNTRY, Naming.TYPE_AND_DISTRICT, Naming.NAMED)


@dataclass(frozen=True)
class View:
    """What readers may see of places, numbers and texts that belong together."""

    naming: Naming  # as its team chose it
    language: str
    places: Sequence[content.Place]
    measures: Sequence[content.Measure] = ()
    context_numbers: Mapping[str, str] | None = None
    of_deaths: bool = False  # findings of a death review

    @cached_property
    def rare(self) -> bool:
        """Whether rare deaths are counted, so that dates and place are told coarsely."""
        return small_numbers.rare_deaths(self.measures, self.naming, self.context_numbers or {})

    @property
    def keeps_back(self) -> bool:
        """Whether a text of the record may read otherwise than it was written."""
        return self._mask is not masking.unchanged or bool(self._pairs)

    @property
    def shown_naming(self) -> Naming:
        """How closely the place is told: where deaths are rare, and of death reviews, less."""
        naming = narrower(self.naming, death_reviews.NAMING) if self.of_deaths else self.naming
        return narrower(naming, Naming.TYPE_AND_DISTRICT) if self.rare else naming

    @cached_property
    def shown_places(self) -> tuple[content.Place, ...]:
        """The places as far as they may be told; none where nothing may."""
        shown = (shown_place(place, self.shown_naming) for place in self.places)
        return tuple(place for place in shown if place != content.Place())

    @cached_property
    def shown_measures(self) -> tuple[content.Measure, ...]:
        """The measures in the same order, small numbers kept back, as readers may see them."""
        seen = (small_numbers.shown(measure, rare=self.rare) for measure in self.measures)
        if not self.keeps_back:
            return tuple(seen)
        return tuple(texts.part_reworded(measure, self.text) for measure in seen)

    def text(self, text: str) -> str:
        """Return a text of the record without the names and numbers that are kept back."""
        masked = self._mask(text) if text else text
        return small_numbers.reworded(masked, self._kept)

    @cached_property
    def _mask(self) -> masking.Change:
        return masking.mask(tuple(self.places), self.shown_naming, self.language)

    @cached_property
    def _kept(self) -> list[small_numbers.Kept]:
        return list(small_numbers.kept(self._pairs))

    @cached_property
    def _pairs(self) -> list[tuple[content.Measure, content.Measure]]:
        seen = (small_numbers.shown(measure, rare=self.rare) for measure in self.measures)
        pairs = zip(self.measures, seen, strict=True)
        return [(told, shown) for told, shown in pairs if told != shown]


def view(said: content.Record) -> View:
    """Return what readers may see of a record."""
    return View(
        said.naming,
        said.language,
        said.places,
        said.measures,
        said.context_numbers,
        of_deaths=death_reviews.is_finding(said),
    )


def narrower(one: Naming, other: Naming) -> Naming:
    """Return which of the two shows less.

    >>> narrower(Naming.NAMED, Naming.TYPE_AND_DISTRICT).value
    'type-and-district'
    """
    return min(one, other, key=SHOWING.index)


def shown_place(place: content.Place, naming: Naming) -> content.Place:
    """Return `place` with everything left out that `naming` does not allow.

    >>> hidden = shown_place(content.Place(country="TZA", admin2="Rungwe", facility="Ilulu"),
    ...                      Naming.TYPE_AND_DISTRICT)
    >>> hidden.facility, hidden.admin2
    ('', 'Rungwe')
    """
    if naming is Naming.NAMED:
        return place
    if naming is Naming.ANONYMOUS:
        return content.Place()
    shown = place.model_copy(update={"facility": "", "facility_code": ""})
    if naming is Naming.TYPE_AND_COUNTRY:
        return shown.model_copy(update={"admin1": "", "admin2": ""})
    return shown


def public(said: content.Record) -> content.Record:
    """Return `said` without what is not for every reader's eyes.

    Places as their naming allows, in texts too; numbers of one to four people kept back; only
    confirmed tags, authors only where they want credit, and neither contact nor doubts nor where
    ingest read each field. Scores are of the whole record: ask `kb.scores` of `said`.
    """
    seen = view(said)
    naming = seen.shown_naming
    shown = texts.reworded(said, seen.text) if seen.keeps_back else said
    confirmed = (tag for tag in shown.tags if tag.status is TagStatus.CONFIRMED)
    named = naming is Naming.NAMED
    return shown.model_copy(
        update={
            "naming": naming,
            "places": seen.shown_places,
            "measures": seen.shown_measures,
            "tags": tuple(
                tag.model_copy(update={"confirmed_by": "", "neighbour": ""}) for tag in confirmed
            ),
            "authors": shown.authors if said.credit_wanted else (),
            "credit_line": shown.credit_line if said.credit_wanted else "",
            "logistics": {k: v for k, v in shown.logistics.items() if named or k != "where"},
            # How large the place is tells which place it is.
            "context_numbers": shown.context_numbers if named else {},
            "baseline": small_numbers.baseline(shown.baseline),
            "contact": "",
            "doubts": (),
            "evidence": (),
            **_addresses(said, naming),
            **(_coarse_dates(said) if seen.rare else {}),
        }
    )


def _addresses(said: content.Record, naming: Naming) -> dict[str, str]:
    """Return the addresses and codes of the record that hold no name that is kept back."""
    names = ("source_url", "origin", "doi")
    told = {name: getattr(said, name) for name in names}
    return {
        name: "" if value and masking.says(value, said.places, naming) else value
        for name, value in told.items()
    }


def _coarse_dates(said: content.Record) -> dict[str, object]:
    first, last = said.start_date, said.end_date
    return {
        "start_date": small_numbers.quarter(first) if first else None,
        "end_date": small_numbers.quarter(last) if last else None,
    }
