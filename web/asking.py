"""What a reader asks for: the question and the filters, as they stand in an address."""

from collections.abc import Collection
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kb.vocabulary import FacilityType, Level, RecordType, StrengthBand, Verdict
from search.filters import Filters
from search.query import Sort

LAST_PAGE = 1000
# What the address calls a filter → what `Filters` calls it, in the order of the page.
GROUPS = {
    "topic": "topics",
    "intervention": "interventions",
    "verdict": "verdicts",
    "level": "levels",
    "country": "countries",
    "facility_type": "facility_types",
    "strength": "strengths",
    "language": "languages",
    "record_type": "record_types",
    "year": "years",
}
FIELDS = {field: group for group, field in GROUPS.items()}

Notation = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,80}$")]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Language = Annotated[str, StringConstraints(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Year = Annotated[int, Field(ge=1900, le=2100)]


class Asked(BaseModel):
    """A question, its filters and a page of the answers; values of one filter are alternatives."""

    model_config = ConfigDict(frozen=True)

    q: str = Field(default="", description="The question, in any language, as one would ask it.")
    topic: list[Notation] = Field(default=[], description="Notations; narrower topics count too.")
    intervention: list[Notation] = Field(default=[], description="Notations, narrower ones too.")
    verdict: list[Verdict] = []
    level: list[Level] = []
    country: list[Country] = Field(default=[], description="ISO 3166-1 alpha-3, such as TZA.")
    facility_type: list[FacilityType] = []
    strength: list[StrengthBand] = []
    language: list[Language] = Field(default=[], description="BCP 47, such as fr.")
    record_type: list[RecordType] = []
    year: list[Year] = Field(default=[], description="In which the work began.")
    without: list[Notation] = Field(
        default=[], description="Concepts that the question names and is not to be about."
    )
    sort: Sort = Field(default=Sort.RELEVANCE, description="What comes first.")
    every: bool = Field(
        default=False, description="List every record, also several of one facility."
    )
    page: int = Field(default=1, ge=1, le=LAST_PAGE)

    @property
    def filters(self) -> Filters:
        """The filters as `search` takes them."""
        chosen: dict[str, Any] = {
            field: tuple(getattr(self, group)) for group, field in GROUPS.items()
        }
        return Filters(**chosen)

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """Each value of a filter that is set, with the name of the filter."""
        return [(group, str(value)) for group in GROUPS for value in getattr(self, group)]

    @property
    def concept(self) -> str:
        """The one concept that is asked for without a question, else an empty text."""
        chosen = [*self.topic, *self.intervention]
        return chosen[0] if len(chosen) == 1 and not self.q.strip() else ""

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What stays when another question is asked: filters, order, whether all is listed."""
        return [*self.chosen, *self._order]

    @property
    def _order(self) -> list[tuple[str, str]]:
        order = [("sort", str(self.sort))] if self.sort is not Sort.RELEVANCE else []
        return [*order, ("every", "true")] if self.every else order

    def address(self, path: str = "/search") -> str:
        """Return the address of these answers, or of what `path` makes of the same question."""
        asked = [("q", self.q)] if self.q else []
        asked += [*self.chosen, *(("without", notation) for notation in self.without)]
        asked += self._order
        asked += [("page", str(self.page))] if self.page > 1 else []
        query = urlencode(asked)
        return f"{path}?{query}" if query else path

    def at(self, page: int) -> str:
        """Return the address of another page of the same answers."""
        return self._with(page=page)

    def toggled(self, group: str, value: str) -> str:
        """Return the address with this value added to the filters, or taken away."""
        now = [str(one) for one in getattr(self, group)]
        return self._with(
            **{group: [one for one in now if one != value] if value in now else [*now, value]}
        )

    def exchanged(self, group: str, taken: Collection[str], put: Collection[str]) -> str:
        """Return the address with some values of a filter taken away and others put instead."""
        kept = [str(one) for one in getattr(self, group) if str(one) not in {*taken, *put}]
        return self._with(**{group: [*kept, *put]})

    def filtered(self, filters: Filters, *, keep_question: bool = True) -> str:
        """Return the address of the same question, or of none, under these filters."""
        chosen: dict[str, Any] = {g: list(getattr(filters, f)) for g, f in GROUPS.items()}
        return self._with(**chosen, **({} if keep_question else {"q": "", "without": []}))

    def concept_toggled(self, notation: str) -> str:
        """Return the address with this concept of the question taken away, or taken back."""
        now = self.without
        return self._with(
            without=[n for n in now if n != notation] if notation in now else [*now, notation]
        )

    def sorted_by(self, sort: Sort) -> str:
        """Return the address of the same answers in another order."""
        return self._with(sort=sort)

    def folding_toggled(self) -> str:
        """Return the address with the records of one facility all listed, or folded again."""
        return self._with(every=not self.every)

    def reworded(self, question: str) -> str:
        """Return the address of another question under the same filters."""
        return self._with(q=question, without=[])

    def answer(self) -> str:
        """Return the address of what the answers come to together."""
        return self.model_copy(update={"page": 1}).address("/answer")

    def open(self) -> str:
        """Return the address of the question without any filter."""
        return self._with(**{group: [] for group in GROUPS})

    def _with(self, **changed: Any) -> str:
        return self.model_copy(update={"page": 1, **changed}).address()


AskedDep = Annotated[Asked, Query()]
