"""One change that can be made to many records: its name and its value, and what comes of it.

`kb.bulk` makes it to records. Most change what a record says, a few where it stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content, countries, tagging
from kb.errors import ConflictError, InvalidError
from kb.folding import fold
from kb.models import Concept, Record
from kb.permissions import IN_WORK
from kb.vocabulary import Status, TagSource, TagStatus, Visibility
from kb.wording import marked


class Do(StrEnum):
    """What can be done to many records at once."""

    ADD_TAG = "add-tag"  # a notation, confirmed
    CONFIRM_TAG = "confirm-tag"
    REMOVE_TAG = "remove-tag"  # as rejected, so that nothing suggests it again
    LEVEL = "level"
    RECORD_TYPE = "record-type"
    LANGUAGE = "language"  # BCP 47
    COUNTRY = "country"  # ISO 3166-1 alpha-3
    ADMIN1 = "admin1"
    ADMIN2 = "admin2"
    LICENCE = "licence"  # SPDX identifier
    ADD_KEYWORD = "add-keyword"
    REMOVE_KEYWORD = "remove-keyword"
    REVIEW_DUE = "review-due"  # an ISO date
    VISIBILITY = "visibility"  # narrower only
    RETURN = "return"  # to its author; the reason is the question
    RETIRE = "retire"
    PUBLISH = "publish"


ACTS = (Do.RETURN, Do.RETIRE, Do.PUBLISH)  # these change where a record stands, not what it says
NEED_A_REASON = (Do.RETURN, Do.RETIRE)
SAID_AS = marked(
    "A tag by its notation, a country by three letters (TZA), a language as in “sw”, a licence as "
    "in CC-BY-4.0, a day as in 2027-03-01. Sending back, retiring and publishing need nothing here."
)


@dataclass(frozen=True, slots=True)
class Step:
    """One change, and to what."""

    do: Do
    value: str = ""

    def __str__(self) -> str:
        """Return it as the command line has it."""
        return f"{self.do}={self.value}" if self.value else str(self.do)


def step(text: str) -> Step:
    """Return the change that “what=value” names.

    Raises:
        InvalidError: there is no such change, or its value cannot be.
    """
    name, _, value = text.partition("=")
    try:
        made = Step(Do(name.strip()), value.strip())
    except ValueError as error:
        raise InvalidError(
            marked("“%(change)s” is no change that can be made to many records.", change=name),
            hint=marked("Name one of: %(changes)s.", changes=", ".join(Do)),
        ) from error
    return made


def check(session: Session, steps: Sequence[Step]) -> None:
    """Refuse a change that no record could take.

    Raises:
        InvalidError: none is named, the taxonomy has no such concept, or a value cannot be.
    """
    if not steps:
        raise InvalidError(
            marked("No change is named."),
            hint=marked("Name one of: %(changes)s.", changes=", ".join(Do)),
        )
    for one in steps:
        if one.do in _TAGS:
            known = session.scalar(select(Concept.id).where(Concept.notation == one.value))
            if known is None:
                raise InvalidError(
                    marked("The taxonomy has no concept “%(concept)s”.", concept=one.value),
                    hint=marked("Choose one from the list, by its label or its notation."),
                )
        elif one.do not in ACTS:
            said_after(_ANY, [one], by="")


def said_after(said: content.Record, steps: Sequence[Step], *, by: str) -> content.Record:
    """Return what the record says after the change.

    Raises:
        InvalidError: the value cannot be.
        ConflictError: this record cannot take it.
    """
    for one in steps:
        if one.do not in ACTS:
            update = _HOW[one.do](said, one, by)
            try:
                said = content.Record.model_validate(said.model_dump() | update)
            except ValidationError as error:
                raise InvalidError(
                    marked(
                        "“%(value)s” cannot be the %(field)s.", value=one.value, field=str(one.do)
                    ),
                    hint=SAID_AS,
                ) from error
    return said


def status_after(record: Record, steps: Sequence[Step]) -> Status:
    """Return where the record would stand.

    Raises:
        ConflictError: it cannot go there from where it stands.
    """
    status = record.status
    for one in steps:
        if one.do is Do.RETIRE:
            if status in {Status.PUBLISHED, Status.WITHDRAWN}:
                raise ConflictError(
                    marked("Readers know it: it is or was published."),
                    hint=marked("Only what waits can be retired."),
                )
            status = Status.RETIRED
        if one.do is Do.RETURN:
            if status not in IN_WORK:
                raise ConflictError(
                    marked("It does not wait for the desk."),
                    hint=marked("Only what waits can be sent back."),
                )
            status = Status.RETURNED
        if one.do is Do.PUBLISH:
            if status in {Status.WITHDRAWN, Status.RETIRED}:
                raise ConflictError(
                    marked("It was withdrawn or retired."), hint=marked("Reopen it first.")
                )
            status = Status.PUBLISHED
    return status


def _tagged(said: content.Record, one: Step, by: str) -> dict[str, object]:
    tags = {tag.notation: tag for tag in said.tags}
    if one.do is Do.ADD_TAG and one.value not in tags:
        tags[one.value] = content.Tag(notation=one.value, source=TagSource.CURATOR)
    if one.value in tags:
        status = TagStatus.REJECTED if one.do is Do.REMOVE_TAG else TagStatus.CONFIRMED
        tags[one.value] = tagging.decided(tags[one.value], status, by=by)
    return {"tags": tuple(tags.values())}


def _keyworded(said: content.Record, one: Step, _by: str) -> dict[str, object]:
    if not one.value:
        raise InvalidError(marked("No keyword is named."), hint=marked("Write it behind the “=”."))
    kept = [word for word in said.keywords if word != one.value]
    if one.do is Do.REMOVE_KEYWORD:
        return {"keywords": tuple(kept)}
    there = one.value in said.keywords
    return {"keywords": said.keywords if there else (*kept, one.value)}


def _placed(said: content.Record, one: Step, _by: str) -> dict[str, object]:
    """Return the place with this part; a country by its three letters, or by a name that it has."""
    if len(said.places) > 1:
        raise ConflictError(
            marked("It names several places."), hint=marked("Change them in the record itself.")
        )
    place = said.places[0] if said.places else content.Place()
    return {"places": (place.model_dump() | {str(one.do): _known(one)},)}


def _known(one: Step) -> str:
    if one.do is not Do.COUNTRY:
        return one.value
    by_name = {fold(name): code for name, code in countries.names().items()}
    return by_name.get(fold(one.value), one.value)


def _narrowed(said: content.Record, one: Step, _by: str) -> dict[str, object]:
    order = list(Visibility)
    if one.value not in order:
        raise InvalidError(
            marked("“%(value)s” is no visibility.", value=one.value),
            hint=marked("It may be: %(known)s.", known=", ".join(order)),
        )
    if order.index(Visibility(one.value)) > order.index(said.visibility):
        raise ConflictError(
            marked("It would be shown to more people."),
            hint=marked("Its team decides that: ask them."),
        )
    return {"visibility": one.value}


def _dated(_said: content.Record, one: Step, _by: str) -> dict[str, object]:
    try:
        return {"review_due": date.fromisoformat(one.value) if one.value else None}
    except ValueError as error:
        raise InvalidError(
            marked("“%(value)s” is no date.", value=one.value),
            hint=marked("Write it as 2027-03-01."),
        ) from error


def _set(said: content.Record, one: Step, _by: str) -> dict[str, object]:
    del said
    return {one.do.replace("-", "_"): one.value}


_TAGS = (Do.ADD_TAG, Do.CONFIRM_TAG, Do.REMOVE_TAG)
_HOW: Mapping[Do, Callable[[content.Record, Step, str], dict[str, object]]] = {
    **dict.fromkeys(_TAGS, _tagged),
    **dict.fromkeys((Do.LEVEL, Do.RECORD_TYPE, Do.LANGUAGE, Do.LICENCE), _set),
    **dict.fromkeys((Do.COUNTRY, Do.ADMIN1, Do.ADMIN2), _placed),
    **dict.fromkeys((Do.ADD_KEYWORD, Do.REMOVE_KEYWORD), _keyworded),
    Do.REVIEW_DUE: _dated,
    Do.VISIBILITY: _narrowed,
}
_ANY = content.Record(title="any", visibility=Visibility.PUBLIC)
