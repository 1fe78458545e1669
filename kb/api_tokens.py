"""What programs sign in by: a token of a person, with scopes, that ends."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from kb import history, users
from kb.db import utcnow
from kb.errors import InvalidError
from kb.models import ApiToken, User
from kb.people import NOBODY, Person
from kb.secrets import kept, new_token
from kb.vocabulary import ApiScope
from kb.wording import marked

PREFIX = "kb_"  # by which those who look for lost secrets in code can tell one
LONGEST_DAYS = 366


def make(
    session: Session, user: User, *, name: str, scopes: Collection[ApiScope], days: int = 90
) -> str:
    """Return a new token of `user`; it is shown this once.

    Raises:
        InvalidError: it has no name, may do nothing, or would hold for more than a year.
    """
    if not name.strip():
        raise InvalidError(marked("A token needs a name."), hint=marked("Say what it is for."))
    if not scopes:
        raise InvalidError(
            marked("A token needs a scope."),
            hint=marked("Choose among: %(scopes)s.", scopes=", ".join(ApiScope)),
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidError(
            marked(
                "A token holds for 1 to %(most)s days, not %(days)s.", most=LONGEST_DAYS, days=days
            ),
            hint=marked("Choose fewer."),
        )
    token = new_token(PREFIX)
    session.add(
        ApiToken(
            token_sha256=kept(token),
            user_id=user.id,
            name=name.strip()[:100],
            scopes=sorted(scopes),
            expires=utcnow() + timedelta(days=days),
        )
    )
    history.happened(session, "token made", by=user.email, name=name, scopes=" ".join(scopes))
    return token


def of(session: Session, user_id: int) -> Sequence[ApiToken]:
    """Return the tokens of an account, the newest first."""
    query = select(ApiToken).filter_by(user_id=user_id).order_by(ApiToken.id.desc())
    return session.scalars(query).all()


def end(session: Session, user_id: int, token_id: int, *, by: str) -> None:
    """Let a token of an account open nothing any more."""
    session.execute(delete(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id))
    history.happened(session, "token ended", by=by, token=str(token_id))


def person_with(session: Session, token: str) -> Person:
    """Return whose token it is, with its scopes; `NOBODY` where it opens nothing."""
    query = select(ApiToken, User).join(User, User.id == ApiToken.user_id)
    query = query.where(ApiToken.token_sha256 == kept(token), User.disabled.is_(None))
    row = session.execute(query.options(selectinload(User.grants))).first()
    if row is None or row.ApiToken.expires < utcnow():
        return NOBODY
    return users.person_of(row.User, frozenset(map(ApiScope, row.ApiToken.scopes)))
