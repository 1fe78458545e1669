"""A story while it is told: kept with every step, found again, sent in.

Callers open and close the transaction. The answers stand under the codes of the templates; what
they come to as a record is worked out by whoever calls.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import StoryDraft
from kb.people import Person
from kb.wording import marked

Said: TypeAlias = Mapping[str, Any]  # by code: a text, or rows of numbers

MOST_OPEN = 50  # stories of one person that were not sent in
LONGEST = 20_000  # characters of one answer
MOST_PHOTOS = 6


class TwoPhonesError(ConflictError):
    """Two people, or two phones, answered the same question; `theirs` is what was kept first."""

    def __init__(self, theirs: Said, version: int) -> None:
        self.theirs = theirs
        self.version = version
        super().__init__(
            marked("Somebody else answered this question at the same time."),
            hint=marked("Both answers are shown. Keep what you want of them, and save."),
        )


def begin(session: Session, person: Person, *, kind: str, language: str, path: str) -> StoryDraft:
    """Begin a story, with nothing in it yet.

    Raises:
        ConflictError: this person has begun many stories and sent none of them.
    """
    begun = [one for one in mine(session, person) if one.record_id is None]
    if len(begun) >= MOST_OPEN:
        raise ConflictError(
            marked("You have begun %(count)s stories that are not sent in.", count=len(begun)),
            hint=marked("Finish one of them, or delete one."),
        )
    draft = StoryDraft(
        user_id=person.user_id,
        by=person.by,
        kind=kind,
        language=language,
        path=path,
        answers={},
        saved={},
        beside=[],
        photos=[],
        agreed={},
        hidden=[],
    )
    session.add(draft)
    session.flush()
    return draft


def get(session: Session, person: Person, draft_id: int) -> StoryDraft:
    """Return a story that this person tells.

    Raises:
        NotFoundError: there is none, or somebody else tells it.
    """
    draft = session.scalar(select(StoryDraft).where(StoryDraft.id == draft_id, _of(person)))
    if draft is None:
        raise NotFoundError(
            marked("You are telling no such story."),
            hint=marked("Look at the list of your stories."),
        )
    return draft


def mine(session: Session, person: Person) -> Sequence[StoryDraft]:
    """Return the stories of this person, the one they worked at last first."""
    query = select(StoryDraft).where(_of(person)).order_by(StoryDraft.updated.desc(), StoryDraft.id)
    return session.scalars(query).all()


def of_record(session: Session, record_id: int) -> StoryDraft | None:
    """Return the answers that a record was made from; None where nobody told it here."""
    return session.scalar(select(StoryDraft).filter_by(record_id=record_id))


def answer(session: Session, draft: StoryDraft, step: str, said: Said, *, version: int) -> bool:
    """Keep the answers of one step; an empty one takes an answer away. Tell whether any is new.

    `version` is the one that the step was opened with. Whoever answers another step meanwhile is
    in nobody's way.

    Raises:
        TwoPhonesError: somebody else has answered this step since, with other words.
        InvalidError: an answer is longer than anybody reads.
    """
    _refuse_long(said)
    changed = {code: new for code, new in said.items() if draft.answers.get(code, "") != new}
    changed = {code: new for code, new in changed.items() if new or code in draft.answers}
    if not changed:
        return False
    theirs = {code: draft.answers[code] for code in said if code in draft.answers}
    if draft.saved.get(step, 0) > version and theirs:
        raise TwoPhonesError(theirs, draft.version)
    kept = {**draft.answers, **changed}
    draft.answers = {code: words for code, words in kept.items() if words}
    _touch(session, draft, step)
    return True


def agree(session: Session, draft: StoryDraft, agreed: Said, *, version: int) -> None:
    """Keep what was decided about showing the story, beside what was decided before.

    Raises:
        TwoPhonesError: somebody else has decided otherwise since this `version`.
    """
    new = {**draft.agreed, **agreed}
    if new == draft.agreed:
        return
    if draft.saved.get("showing", 0) > version:
        raise TwoPhonesError(draft.agreed, draft.version)
    draft.agreed = new
    _touch(session, draft, "showing")


def choose_path(session: Session, draft: StoryDraft, path: str) -> None:
    """Ask other questions from now on: the quick ones, or all."""
    draft.path = path
    _touch(session, draft, "path")


def add_photo(session: Session, draft: StoryDraft, sha256: str, *, width: int, height: int) -> None:
    """Hang a photo on the story; the same one twice is one.

    Raises:
        InvalidError: there are many already.
    """
    if any(one["sha256"] == sha256 for one in draft.photos):
        return
    if len(draft.photos) >= MOST_PHOTOS:
        raise InvalidError(
            marked("There are %(count)s photos already.", count=MOST_PHOTOS),
            hint=marked("Take one away, then add this one."),
        )
    new = {"sha256": sha256, "width": width, "height": height}
    draft.photos = [*draft.photos, {**new, "faces": None, "caption": "", "alt": ""}]
    _touch(session, draft, "photo")


def describe_photo(session: Session, draft: StoryDraft, sha256: str, **said: Any) -> None:
    """Say of a photo whether it shows a face, what is on it, and what it means."""
    draft.photos = [{**one, **said} if one["sha256"] == sha256 else one for one in draft.photos]
    _touch(session, draft, "photo")


def replace_photo(draft: StoryDraft, sha256: str, new: str, *, width: int, height: int) -> None:
    """Let another picture stand in the place of a photo; what was said of it stays."""
    size = {"sha256": new, "width": width, "height": height}
    draft.photos = [{**one, **size} if one["sha256"] == sha256 else one for one in draft.photos]


def drop_photo(session: Session, draft: StoryDraft, sha256: str) -> None:
    """Take a photo away."""
    draft.photos = [one for one in draft.photos if one["sha256"] != sha256]
    _touch(session, draft, "photo")


def forget(session: Session, draft: StoryDraft) -> None:
    """Delete a story that was not sent in.

    Raises:
        ConflictError: it was; then it is a record, which is withdrawn.
    """
    if draft.record_id is not None:
        raise ConflictError(
            marked("This story was sent in."), hint=marked("Ask the library to take it back.")
        )
    session.delete(draft)
    session.flush()


def is_told_by(draft: StoryDraft, person: Person) -> bool:
    """Tell whether this person tells the story."""
    return draft.user_id == person.user_id and (person.user_id is not None or draft.by == person.by)


def _of(person: Person) -> ColumnElement[bool]:
    if person.user_id is not None:
        return StoryDraft.user_id == person.user_id
    return StoryDraft.user_id.is_(None) & (StoryDraft.by == person.by)


def _touch(session: Session, draft: StoryDraft, step: str) -> None:
    draft.updated = utcnow()
    draft.saved = {**draft.saved, step: draft.version + 1}
    try:
        session.flush()
    except StaleDataError as error:
        raise ConflictError(
            marked("This story was saved from another phone at the same moment."),
            hint=marked("Send it again: nothing you typed is lost."),
        ) from error


def _refuse_long(said: Said) -> None:
    for words in said.values():
        if isinstance(words, str) and len(words) > LONGEST:
            raise InvalidError(
                marked(
                    "This answer has %(count)s letters; up to %(most)s are kept.",
                    count=len(words),
                    most=LONGEST,
                ),
                hint=marked("Shorten it; it stands below as you wrote it."),
            )
