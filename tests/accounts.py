"""People with accounts, for tests of what goes between them."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from kb import content, records, users
from kb.people import Grant, Person
from kb.vocabulary import Role


def known(session: Session, name: str, role: Role = Role.CONTRIBUTOR, **place: str) -> Person:
    """Return somebody who has an account, and this role there."""
    user = users.add(session, f"{name}@people.example", name=name.title(), by="tests")
    session.flush()
    users.grant(session, user, Grant(role, **place), by="tests")
    session.flush()
    session.refresh(user)
    return users.person_of(user)


def maker(session: Session, story: content.Record) -> Callable[..., int]:
    """Return what makes a record like the story in this session, and gives its number."""

    def make(*, publish: bool = True, **changes: object) -> int:
        record = records.create(session, story.model_copy(update=changes), by="tests")
        if publish:
            records.publish(session, record.id, by="tests")
        session.flush()
        return record.id

    return make
