"""What a reader asks for: the question and the filters, as they stand in an address."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kb.vocabulary import FacilityType, Level, RecordType, StrengthBand, Verdict
from search.filters import Filters

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

    def at(self, page: int) -> str:
        """Return the address of another page of the same answers."""
        return _address(self.q, self.chosen, page)

    def toggled(self, group: str, value: str) -> str:
        """Return the address with this value added to the filters, or taken away."""
        pair = (group, value)
        without = [other for other in self.chosen if other != pair]
        return _address(self.q, without if pair in self.chosen else [*self.chosen, pair])

    def answer(self) -> str:
        """Return the address of what the answers come to together."""
        return _address(self.q, self.chosen, path="/answer")

    def open(self) -> str:
        """Return the address of the question without any filter."""
        return _address(self.q, [])


AskedDep = Annotated[Asked, Query()]


def _address(
    question: str, chosen: list[tuple[str, str]], page: int = 1, *, path: str = "/search"
) -> str:
    asked = [("q", question)] if question else []
    later = [("page", str(page))] if page > 1 else []
    query = urlencode([*asked, *chosen, *later])
    return f"{path}?{query}" if query else path
