"""Similar experiences elsewhere, as JSON: of a record, or of a text that a program sends."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from kb.vocabulary import FacilityType, Level, SectionRole
from search import context, differences
from search import similar as verbs
from search.filters import Scope
from web.api.answers import RecordSummary, summary_of
from web.catalogue import public_records, published
from web.deps import IndexDep, ReadingDep, RecordId
from web.errors import documented
from web.render import address
from web.rules import OPEN
from web.speaking import SPEAKS

router = APIRouter(prefix="/api/v1", dependencies=[OPEN, SPEAKS])

MOST = 100
USUAL = 5


class Shared(BaseModel):
    """What two places have in common."""

    part: context.Part
    value: str = Field(description="Of a closed set; of births about how many a month.")


class Difference(BaseModel):
    """What differs between this record and what it is like."""

    aspect: differences.Aspect
    here: list[str] = Field(description="Of what was asked about; empty where there is only more.")
    there: list[str] = Field(description="Of this record.")
    concept: str = Field(description="The intervention that was decided about differently.")


class Similar(BaseModel):
    """A record like another one or like a text, why, and what differs."""

    record: RecordSummary
    score: float
    concepts: list[str]
    passage: str
    section: SectionRole | None = Field(description="That `passage` is from.")
    other_passage: str = Field(description="That `passage` is near to.")
    other_section: SectionRole | None
    elsewhere: bool = Field(description="In another country.")
    context: list[Shared]
    differs: list[Difference]


class Plan(BaseModel):
    """What somebody plans, and where."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        min_length=1,
        max_length=verbs.LONGEST,
        description="What goes wrong and what is to be tried, in any language. Kept nowhere.",
    )
    level: Level | None = None
    facility_type: FacilityType | None = Field(
        default=None, description="With any of these three, places like it come first."
    )
    births: int | None = Field(default=None, ge=1, le=100_000, description="A month.")
    limit: int = Field(default=USUAL, ge=1, le=MOST, description="How many at most.")


class LikePlan(BaseModel):
    """What a text was understood to tell of, and the records like it."""

    language: str = Field(description="BCP 47; empty when there is too little to tell.")
    concepts: list[str]
    births: float | None = Field(description="A month, as far as it is told.")
    similar: list[Similar]


@router.get(
    "/records/{record_id}/similar", tags=["records"], responses=documented(404, 410, 422, 503)
)
def similar_records(
    request: Request,
    session: ReadingDep,
    index: IndexDep,
    record_id: RecordId,
    *,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = USUAL,
    like_mine: Annotated[bool, Query(description="Places like that of the record first.")] = False,
) -> list[Similar]:
    """Return public records like this one in problem and change, elsewhere first."""
    published(session, record_id)
    found = verbs.similar(
        session, index, record_id, scope=Scope.PUBLIC, limit=limit, like_mine=like_mine
    )
    return list(_with_records(request, session, found))


@router.post("/similar", tags=["search"], responses=documented(403, 413, 422, 503))
def similar_to_plan(request: Request, session: ReadingDep, index: IndexDep, plan: Plan) -> LikePlan:
    """Return public records like a plan: who did it, why they are like it, and what differs."""
    kinds = (plan.facility_type,) if plan.facility_type else ()
    place = context.Context(level=plan.level, facility_types=kinds, births=plan.births)
    found = verbs.similar_to_text(
        session, index, plan.text, scope=Scope.PUBLIC, limit=plan.limit, like=place or None
    )
    return LikePlan(
        language=found.language,
        concepts=list(found.concepts),
        births=found.context.births,
        similar=list(_with_records(request, session, found.similar)),
    )


def _with_records(
    request: Request, session: Session, found: Iterable[verbs.Similar]
) -> Iterator[Similar]:
    """Yield each with its record; one that was withdrawn this moment is left out."""
    found = tuple(found)
    records = public_records(session, (one.record_id for one in found))
    for one in found:
        if one.record_id in records:
            url = address(request, f"/records/{one.record_id}")
            yield Similar(
                record=summary_of(records[one.record_id], url),
                score=one.score,
                concepts=list(one.concepts),
                passage=one.passage,
                section=one.section,
                other_passage=one.other_passage,
                other_section=one.other_section,
                elsewhere=one.elsewhere,
                context=[Shared(part=two.part, value=two.value) for two in one.context],
                differs=[
                    Difference(
                        aspect=two.aspect,
                        here=list(two.here),
                        there=list(two.there),
                        concept=two.concept,
                    )
                    for two in one.differs
                ],
            )
