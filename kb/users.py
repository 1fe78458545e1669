"""Accounts: who is known, under which name, and with which roles where."""

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, selectinload

from kb import countries, history
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import ApiToken, Place, RoleGrant, SignIn, User
from kb.people import FIELDS, NOBODY, Grant, Person
from kb.vocabulary import ApiScope, Role
from kb.wording import marked

EMAIL = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]{1,190}")
NAME_LENGTH = 100  # characters


def add(
    session: Session,
    email: str,
    *,
    name: str = "",
    grants: Iterable[Grant] = (),
    language: str = "",
    by: str,
) -> User:
    """Open an account; its owner chooses a password by a link of `kb.tickets`.

    Raises:
        InvalidError: that is no e-mail address.
        ConflictError: there is an account of that address.
    """
    address = address_of(email)
    if find(session, address) is not None:
        raise ConflictError(
            marked("There is an account of %(address)s already.", address=address),
            hint=marked("Give that one the role."),
        )
    user = User(email=address, name=name.strip()[:NAME_LENGTH], language=language)
    session.add(user)
    session.flush()
    for one in grants:
        grant(session, user, one, by=by)
    history.happened(session, "account opened", by=by, account=address)
    return user


def address_of(email: str) -> str:
    """Return an e-mail address as accounts keep it.

    Raises:
        InvalidError: it is none.

    >>> address_of(" Asha@Hospital.example ")
    'asha@hospital.example'
    """
    address = email.strip().lower()
    if not EMAIL.fullmatch(address):
        raise InvalidError(
            marked("“%(address)s” is no e-mail address.", address=email.strip()),
            hint=marked("Write it like asha@hospital.example."),
        )
    return address


def find(session: Session, email: str) -> User | None:
    """Return the account of an e-mail address, or None."""
    query = select(User).filter_by(email=email.strip().lower())
    return session.scalar(query.options(selectinload(User.grants)))


def get(session: Session, user_id: int) -> User:
    """Return an account.

    Raises:
        NotFoundError: there is none.
    """
    user = session.get(User, user_id, options=(selectinload(User.grants),))
    if user is None:
        raise no_such(user_id)
    return user


def no_such(user_id: int) -> NotFoundError:
    """Return what is said of an account that is not there, or that somebody may not know of."""
    return NotFoundError(
        marked("There is no account %(number)s.", number=str(user_id)),
        hint=marked("`kb user list` lists them."),
    )


def by_email(session: Session, email: str) -> User:
    """Return the account of an e-mail address.

    Raises:
        NotFoundError: there is none.
    """
    user = find(session, email)
    if user is None:
        raise NotFoundError(
            marked("There is no account of %(address)s.", address=email.strip()),
            hint=marked("`kb user list` lists them."),
        )
    return user


def all_of(session: Session) -> Sequence[User]:
    """Return all accounts with their roles, by name."""
    query = select(User).options(selectinload(User.grants))
    return session.scalars(query.order_by(func.lower(User.name), User.email)).all()


def called(session: Session, emails: Iterable[str], person: Person = NOBODY) -> Mapping[str, str]:
    """Return what `person` reads for each that history keeps as `by`.

    A name; of an account without one what stands before its @, of what is no address the word
    itself. The address is for admins, who answer for the accounts.
    """
    wanted = set(emails)
    rows = session.execute(select(User.email, User.name).where(User.email.in_(wanted)))
    named = {row.email: row.name for row in rows if row.name}
    if person.has(Role.ADMIN):
        return {by: f"{named[by]} ({by})" if by in named else by for by in wanted}
    return {by: named.get(by) or by.partition("@")[0] or by for by in wanted}


def person_of(user: User, scopes: frozenset[ApiScope] | None = None) -> Person:
    """Return an account as the rules see it."""
    return Person(
        user_id=user.id,
        email=user.email,
        name=user.name,
        grants=tuple(grants_of(user)),
        language=user.language,
        scopes=scopes,
    )


def grants_of(user: User) -> list[Grant]:
    """Return the roles of an account as values."""
    return [Grant(row.role, **{name: getattr(row, name) for name in FIELDS}) for row in user.grants]


def grant(session: Session, user: User, new: Grant, *, by: str) -> Grant:
    """Give an account a role within a place, in the spelling that records use for it; return it.

    Raises:
        InvalidError: the place is none.
    """
    spelt = placed(session, new)
    if spelt not in grants_of(user):
        where = {name: getattr(spelt, name) for name in FIELDS}
        user.grants.append(RoleGrant(role=spelt.role, **where, by=by))
        history.happened(session, "role given", by=by, account=user.email, role=told(spelt))
        session.flush()
    return spelt


def placed(session: Session, grant: Grant) -> Grant:
    """Return a role with its place as the records spell it.

    Raises:
        InvalidError: a part of a country is named without the country, or there is no such country.
    """
    if not grant.country and not grant.anywhere:
        raise InvalidError(
            marked("A role in a district or facility needs its country."),
            hint=marked("Name the country too, such as TZA."),
        )
    spelt = _as_spelt(session, grant)
    if spelt.country and spelt.country not in countries.alpha3().values():
        raise InvalidError(
            marked("There is no country “%(code)s”.", code=grant.country),
            hint=marked("Write its three letters, such as TZA for Tanzania."),
        )
    return spelt


def take(session: Session, user: User, old: Grant, *, by: str) -> None:
    """Take a role from an account.

    Raises:
        NotFoundError: it has no such role.
        ConflictError: nobody would be left to give roles.
    """
    rows = [row for row in user.grants if _same(row, _as_spelt(session, old))]
    if not rows:
        raise NotFoundError(
            marked("%(address)s has no such role: %(role)s.", address=user.email, role=told(old)),
            hint=marked("It has: %(known)s.", known="; ".join(map(told, grants_of(user))) or "–"),
        )
    if old.role is Role.ADMIN:
        _refuse_last_admin(session, user)
    for row in rows:
        user.grants.remove(row)
    history.happened(session, "role taken", by=by, account=user.email, role=told(old))
    session.flush()


def told(grant: Grant) -> str:
    """Say a role and its place in one line.

    >>> told(Grant(Role.COACH, country="TZA", admin2="Rungwe"))
    'coach of Rungwe, TZA'
    """
    places = [getattr(grant, name) for name in reversed(FIELDS) if getattr(grant, name)]
    return f"{grant.role} of {', '.join(places)}" if places else str(grant.role)


def rename(session: Session, user: User, *, name: str, language: str, by: str) -> None:
    """Let an account be called `name`, and its owner read in `language`."""
    user.name, user.language = name.strip()[:NAME_LENGTH], language
    history.happened(session, "account changed", by=by, account=user.email)


def disable(session: Session, user: User, *, by: str, reason: str = "") -> None:
    """Close an account at once: whoever is signed in with it is not any more.

    What its owner wrote and decided stays under their name.

    Raises:
        ConflictError: nobody would be left to open accounts.
    """
    if any(row.role is Role.ADMIN for row in user.grants):
        _refuse_last_admin(session, user)
    user.disabled = utcnow()
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    session.execute(delete(ApiToken).where(ApiToken.user_id == user.id))
    history.happened(session, "account closed", by=by, account=user.email, reason=reason)


def enable(session: Session, user: User, *, by: str) -> None:
    """Open a closed account again; its owner signs in anew."""
    user.disabled = None
    history.happened(session, "account opened again", by=by, account=user.email)


def _as_spelt(session: Session, grant: Grant) -> Grant:
    """Return the grant with its place as the records spell it, where one differs by case only."""
    spelt = {"country": grant.country.strip().upper()}
    for name in FIELDS[1:]:
        wanted = getattr(grant, name).strip()
        column = getattr(Place, name)
        rows = session.scalars(select(column).where(column != "").distinct()) if wanted else ()
        same = [text for text in rows if text.casefold() == wanted.casefold()]
        spelt[name] = wanted if wanted in same or not same else same[0]
    return Grant(grant.role, **spelt)


def _same(row: RoleGrant, grant: Grant) -> bool:
    return row.role is grant.role and all(getattr(row, n) == getattr(grant, n) for n in FIELDS)


def _refuse_last_admin(session: Session, user: User) -> None:
    others = (
        select(func.count())
        .select_from(RoleGrant)
        .join(User, User.id == RoleGrant.user_id)
        .where(
            RoleGrant.role == Role.ADMIN,
            RoleGrant.country == "",
            User.disabled.is_(None),
            User.id != user.id,
        )
    )
    if not session.scalar(others):
        raise ConflictError(
            marked(
                "%(address)s is the last admin: nobody could give roles any more.",
                address=user.email,
            ),
            hint=marked("Make somebody else admin first."),
        )
