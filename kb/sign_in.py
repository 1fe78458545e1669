"""Signing in: password, second step, and the browsers that are signed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from hmac import compare_digest
from typing import Final

import pyotp
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, selectinload

from kb import history, users
from kb.db import utcnow
from kb.errors import ConflictError, ForbiddenError, InvalidError, NotReadyError
from kb.models import FailedSignIn, SignIn, User
from kb.people import NOBODY, Person
from kb.secrets import kept, new_token
from kb.wording import marked

SHORTEST = 10  # characters of a password. Source: NIST SP 800-63B, 3.1.1.2 asks for length only
LONGEST = 200
STAYS: Final = timedelta(days=30)  # signed in without coming back
SEEN_EVERY: Final = timedelta(days=1)
FREE_TRIES = 5
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN: Final = timedelta(days=1)
STEP_S = 30  # a one-time code holds so long. Source: RFC 6238, 5.2
OF_ADDRESS = 100  # failures a day from one network address, whoever they were for


class WrongError(ForbiddenError):
    """Address, password or code do not belong together; which of them is not said."""


class TooSoonError(NotReadyError):
    """Too many attempts failed; the next one has to wait."""


class CodeNeededError(ForbiddenError):
    """The password is right; the account asks for a one-time code too."""


@cache
def _hasher() -> PasswordHash:
    # RFC 9106's second choice, for machines with little memory: 64 MiB, three passes. Four
    # people who sign in at once take 256 MiB.
    return PasswordHash((Argon2Hasher(time_cost=3, memory_cost=65_536, parallelism=1),))


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(new_token())


def choose_password(session: Session, user: User, password: str, *, by: str) -> None:
    """Give an account its password; all its browsers have to sign in again.

    Raises:
        InvalidError: it is too short, too long, or the account's own name or address.
    """
    if len(password) < SHORTEST:
        raise InvalidError(
            marked("A password needs %(fewest)s characters or more.", fewest=SHORTEST),
            hint=marked(
                "Three or four words that nobody would put together are easy to keep in mind."
            ),
        )
    if len(password) > LONGEST:
        raise InvalidError(
            marked("A password has at most %(most)s characters.", most=LONGEST),
            hint=marked("Use fewer."),
        )
    if password.casefold() in {user.email.casefold(), user.name.casefold()}:
        raise InvalidError(
            marked("That is what everybody would try first."), hint=marked("Use another one.")
        )
    user.password_hash = _hasher().hash(password)
    user.password_set = utcnow()
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    history.happened(session, "password chosen", by=by, account=user.email)


def verify(session: Session, email: str, password: str, *, origin: str = "") -> int:
    """Return the number of the account whose password this is; only reads.

    Whether an address has an account takes as long to answer as whether a password is right. The
    caller writes a failure down with `failed`. `origin` is where the attempt comes from, such as
    a network address.

    Raises:
        TooSoonError: too many attempts failed; the hint says how long to wait.
        WrongError: address and password do not belong together.
    """
    _refuse_too_many(session, email, origin)
    user = users.find(session, email)
    known = user.password_hash if user is not None and user.disabled is None else None
    right = _hasher().verify(password[:LONGEST], known or _nobodys_hash())
    if user is None or known is None or not right:
        raise WrongError(
            marked("The e-mail address and the password do not belong together."),
            hint=marked("Look at both again, or ask for a new password."),
        )
    return user.id


def enter(session: Session, user_id: int, *, code: str = "", device: str = "") -> str:
    """Sign a browser in after `verify`; return the secret that its cookie carries.

    Raises:
        CodeNeededError: the account asks for a one-time code, and there is none.
        WrongError: the code is not right.
    """
    user = users.get(session, user_id)
    if user.totp_since is not None:
        if not code.strip():
            raise CodeNeededError(
                marked("This account asks for a one-time code too."),
                hint=marked("Open the app that shows it, and type the six digits."),
            )
        use_code(user, code)
    return open_door(session, user, device=device)


def failed(session: Session, email: str, *, origin: str = "") -> None:
    """Write down that a sign-in failed, and forget those of yesterday."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.at < utcnow() - FORGOTTEN))
    session.add_all(FailedSignIn(key=key) for key in _keys(email, origin))


def open_door(session: Session, user: User, *, device: str = "") -> str:
    """Sign a browser in; return the secret that its cookie carries."""
    token = new_token()
    now = utcnow()
    session.execute(delete(SignIn).where(SignIn.expires < now))
    session.execute(delete(FailedSignIn).where(FailedSignIn.key == _key(user.email)))
    session.add(
        SignIn(
            token_sha256=kept(token),
            user_id=user.id,
            seen=now,
            expires=now + STAYS,
            device=device[:80],
        )
    )
    history.happened(session, "signed in", by=user.email)
    return token


def person_with(session: Session, token: str) -> tuple[Person, bool]:
    """Return who is signed in with the secret of a cookie, and whether `stay` is due.

    Who is not is `NOBODY`.
    """
    query = select(SignIn, User).join(User, User.id == SignIn.user_id)
    query = query.where(SignIn.token_sha256 == kept(token), User.disabled.is_(None))
    row = session.execute(query.options(selectinload(User.grants))).first()
    now = utcnow()
    if row is None or row.SignIn.expires < now:
        return NOBODY, False
    return users.person_of(row.User), now - row.SignIn.seen > SEEN_EVERY


def stay(session: Session, token: str) -> None:
    """Let a browser that came back stay signed in for another while."""
    row = session.scalar(select(SignIn).filter_by(token_sha256=kept(token)))
    if row is not None:
        row.seen = utcnow()
        row.expires = row.seen + STAYS


def browsers(session: Session, user_id: int) -> Sequence[SignIn]:
    """Return where an account is signed in, the last seen first."""
    query = select(SignIn).filter_by(user_id=user_id).where(SignIn.expires >= utcnow())
    return session.scalars(query.order_by(SignIn.seen.desc(), SignIn.id.desc())).all()


def number_of(session: Session, token: str) -> int | None:
    """Return the number of the browser that has this secret, as `browsers` lists it."""
    return session.scalar(select(SignIn.id).filter_by(token_sha256=kept(token)))


def close_door(session: Session, token: str) -> None:
    """Sign the browser out that has this secret."""
    session.execute(delete(SignIn).where(SignIn.token_sha256 == kept(token)))


def close_one(session: Session, user_id: int, sign_in_id: int) -> None:
    """Sign one browser of an account out."""
    query = delete(SignIn).where(SignIn.id == sign_in_id, SignIn.user_id == user_id)
    session.execute(query)


def close_others(session: Session, user_id: int, token: str) -> None:
    """Sign all browsers of an account out but the one that has this secret."""
    query = delete(SignIn).where(SignIn.user_id == user_id, SignIn.token_sha256 != kept(token))
    session.execute(query)


def close_all(session: Session, user: User, *, by: str) -> None:
    """Sign all browsers of an account out, where a laptop is lost, say; its password stays."""
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    history.happened(session, "signed out everywhere", by=by, account=user.email)


def begin_codes(user: User) -> str:
    """Give an account a secret for one-time codes, not asked for yet; return it in base32."""
    if user.totp_since is not None:
        raise ConflictError(
            marked("One-time codes are on already."), hint=marked("Turn them off first.")
        )
    user.totp_secret = pyotp.random_base32()
    return user.totp_secret


def codes_address(user: User, issuer: str) -> str:
    """Return what an authenticator app reads, as a QR code or a link."""
    assert user.totp_secret is not None
    return pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.email, issuer_name=issuer)


def confirm_codes(session: Session, user: User, code: str) -> None:
    """Ask for one-time codes from now on, once the app has shown a right one.

    Raises:
        WrongError: it is not right.
        ConflictError: no secret was given.
    """
    if user.totp_secret is None:
        raise ConflictError(marked("One-time codes were not begun."), hint=marked("Begin again."))
    use_code(user, code)
    user.totp_since = utcnow()
    history.happened(session, "one-time codes on", by=user.email)


def end_codes(session: Session, user: User, *, by: str) -> None:
    """Ask for no one-time codes any more."""
    user.totp_secret = user.totp_since = user.totp_step = None
    history.happened(session, "one-time codes off", by=by, account=user.email)


def use_code(user: User, code: str, *, now: datetime | None = None) -> None:
    """Take a one-time code; one step early or late is right too, and none counts twice.

    Raises:
        WrongError: it is not right, or was used.

    Source: RFC 6238, 5.2.
    """
    assert user.totp_secret is not None
    moment = now or utcnow()
    step = int(moment.timestamp()) // STEP_S
    said = "".join(code.split())
    for other in (step, step - 1, step + 1):
        right = pyotp.TOTP(user.totp_secret).at(other * STEP_S)
        if compare_digest(said.encode(), right.encode()) and other > (user.totp_step or 0):
            user.totp_step = other
            return
    raise WrongError(
        marked("That code is not right, or was used already."),
        hint=marked("Wait for the next one, and see that the clock of your phone is right."),
    )


def _refuse_too_many(session: Session, email: str, origin: str) -> None:
    """Make an attacker wait: twice as long after each failure, up to a quarter of an hour."""
    since = utcnow() - FORGOTTEN
    mail, *address = _keys(email, origin)
    query = select(func.count(), func.max(FailedSignIn.at)).where(FailedSignIn.at > since)
    times, last = session.execute(query.where(FailedSignIn.key == mail)).one()
    if times >= FREE_TRIES:
        wait = min(timedelta(seconds=2 ** min(times, 20)), LONGEST_WAIT)
        _refuse_before(last + wait)
    if address:
        times, last = session.execute(query.where(FailedSignIn.key == address[0])).one()
        if times >= OF_ADDRESS:
            _refuse_before(last + LONGEST_WAIT)


def _refuse_before(moment: datetime) -> None:
    left = moment - utcnow()
    if left > timedelta(0):
        raise TooSoonError(
            marked("Too many sign-ins failed."),
            hint=marked(
                "Try again in %(minutes)s minutes, or ask for a new password.",
                minutes=max(1, round(left.total_seconds() / 60)),
            ),
        )


def _keys(email: str, origin: str) -> list[str]:
    return [_key(email), *([_key(f"from {origin}")] if origin else [])]


def _key(text: str) -> str:
    return kept(text.strip().lower())
