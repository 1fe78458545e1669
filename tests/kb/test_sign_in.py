"""Passwords, one-time codes, links and tokens: each opens one door, for as long as it says."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from kb import api_tokens, sign_in, tickets, users
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import ApiToken, FailedSignIn, SignIn, Ticket
from kb.people import NOBODY, Grant
from kb.sign_in import CodeNeededError, TooSoonError, WrongError
from kb.vocabulary import ApiScope, Errand, Role

EMAIL, PASSWORD = "asha@x.example", "seven green mangoes"


@pytest.fixture
def asha(session):
    user = users.add(session, EMAIL, name="Asha", by="tests")
    sign_in.choose_password(session, user, PASSWORD, by=EMAIL)
    return user


@pytest.mark.parametrize("password", ["", "short", "x" * 201, "Asha@x.example"])
def test_a_password_that_will_not_do_says_why(session, asha, password) -> None:
    with pytest.raises(InvalidError):
        sign_in.choose_password(session, asha, password, by=EMAIL)
    assert sign_in.verify(session, EMAIL, PASSWORD) == asha.id


def test_a_password_is_kept_as_argon2id_and_a_new_one_signs_all_browsers_out(session, asha) -> None:
    assert asha.password_hash.startswith("$argon2id$")
    token = sign_in.open_door(session, asha, device="Firefox")
    assert sign_in.person_with(session, token)[0].email == EMAIL
    sign_in.choose_password(session, asha, "another three words", by=EMAIL)
    assert sign_in.person_with(session, token) == (NOBODY, False)


def test_a_session_ends_by_itself_and_lasts_for_who_comes_back(session, asha) -> None:
    token = sign_in.open_door(session, asha)
    row = session.scalar(select(SignIn))
    row.seen = utcnow() - timedelta(days=2)
    session.flush()
    person, came_back = sign_in.person_with(session, token)
    assert came_back
    sign_in.stay(session, token)
    session.flush()
    assert sign_in.person_with(session, token) == (person, False)
    row.expires = utcnow() - timedelta(seconds=1)
    session.flush()
    assert sign_in.person_with(session, token) == (NOBODY, False)


def test_each_failure_makes_the_next_try_wait_longer_up_to_a_quarter_of_an_hour(
    session, asha
) -> None:
    for _ in range(sign_in.FREE_TRIES):
        with pytest.raises(WrongError):
            sign_in.verify(session, EMAIL, "wrong", origin="10.0.0.1")
        sign_in.failed(session, EMAIL, origin="10.0.0.1")
        session.flush()
    with pytest.raises(TooSoonError):
        sign_in.verify(session, EMAIL, PASSWORD, origin="10.0.0.2")
    for row in session.scalars(select(FailedSignIn)):
        row.at = utcnow() - sign_in.LONGEST_WAIT
    session.flush()
    assert sign_in.verify(session, EMAIL, PASSWORD) == asha.id


def test_who_tries_many_accounts_from_one_address_has_to_wait_too(session, asha) -> None:
    for n in range(sign_in.OF_ADDRESS):
        sign_in.failed(session, f"{n}@x.example", origin="10.0.0.1")
    session.flush()
    with pytest.raises(TooSoonError):
        sign_in.verify(session, EMAIL, PASSWORD, origin="10.0.0.1")
    assert sign_in.verify(session, EMAIL, PASSWORD, origin="10.0.0.2") == asha.id


def test_a_one_time_code_holds_for_a_minute_around_and_never_twice(session, asha) -> None:
    secret = sign_in.begin_codes(asha)
    noon = datetime(2026, 11, 28, 12, tzinfo=UTC)
    codes = pyotp.TOTP(secret)  # the second implementation: what a phone shows
    for seconds in (-90, 90):
        with pytest.raises(WrongError):
            sign_in.use_code(asha, codes.at(noon + timedelta(seconds=seconds)), now=noon)
    early = codes.at(noon - timedelta(seconds=30))
    sign_in.use_code(asha, f" {early[:3]} {early[3:]} ", now=noon)
    for code in (early, codes.at(noon - timedelta(seconds=60))):
        with pytest.raises(WrongError):
            sign_in.use_code(asha, code, now=noon)
    sign_in.use_code(asha, codes.at(noon), now=noon)


def test_an_account_with_codes_asks_for_one(session, asha) -> None:
    secret = sign_in.begin_codes(asha)
    assert "issuer=Shelf" in sign_in.codes_address(asha, "Shelf")
    sign_in.confirm_codes(session, asha, pyotp.TOTP(secret).now())
    with pytest.raises(CodeNeededError):
        sign_in.enter(session, asha.id)
    with pytest.raises(WrongError):
        sign_in.enter(session, asha.id, code="000000")
    with pytest.raises(ConflictError):
        sign_in.begin_codes(asha)
    sign_in.end_codes(session, asha, by=EMAIL)
    assert sign_in.enter(session, asha.id)


def test_a_link_for_a_new_password_works_once_for_half_an_hour(session, asha) -> None:
    first, second = (tickets.ask_reset(session, EMAIL) for _ in range(2))
    with pytest.raises(InvalidError):
        tickets.reset(session, first, "short")
    tickets.reset(session, first, "another three words")
    assert sign_in.verify(session, EMAIL, "another three words")
    for used in (first, second, "never issued"):
        with pytest.raises(NotFoundError, match="used already"):
            tickets.reset(session, used, "yet another password")
    late = tickets.ask_reset(session, EMAIL)
    session.flush()
    for row in session.scalars(select(Ticket).filter_by(used=None)):
        row.expires = utcnow() - timedelta(seconds=1)
    session.flush()
    with pytest.raises(NotFoundError):
        tickets.reset(session, late, "yet another password")


def test_links_for_a_new_password_cannot_be_asked_for_without_end(session, asha) -> None:
    made = [tickets.ask_reset(session, EMAIL) for _ in range(tickets.RESETS + 2)]
    session.flush()
    assert [secret is None for secret in made] == [False] * tickets.RESETS + [True] * 2
    assert tickets.ask_reset(session, "nobody@x.example") is None


def test_an_invitation_opens_the_account_it_promises_once(session) -> None:
    grant = Grant(Role.COACH, country="TZA", admin2="Rungwe")
    secret = tickets.invite(session, "Bahati@x.example", [grant], by="admin")
    session.flush()
    assert [row.email for row in tickets.invitations(session)] == ["bahati@x.example"]
    user = tickets.accept(session, secret, name="Bahati", password=PASSWORD, language="sw")
    assert (user.email, user.language, users.grants_of(user)) == ("bahati@x.example", "sw", [grant])
    with pytest.raises(NotFoundError):
        tickets.accept(session, secret, name="x", password=PASSWORD)
    with pytest.raises(ConflictError):
        tickets.invite(session, "bahati@x.example", [grant], by="admin")


def test_an_invitation_that_was_called_back_opens_nothing(session) -> None:
    secret = tickets.invite(session, "b@x.example", [Grant(Role.READER)], by="admin")
    session.flush()
    tickets.call_back(session, tickets.invitations(session)[0].id, by="admin")
    with pytest.raises(NotFoundError):
        tickets.accept(session, secret, name="x", password=PASSWORD)


def test_a_ticket_of_one_kind_opens_no_other_door(session, asha) -> None:
    secret = tickets.ask_reset(session, EMAIL)
    session.flush()
    for errand in set(Errand) - {Errand.RESET}:
        with pytest.raises(NotFoundError):
            tickets.look(session, secret, errand)


def test_a_token_of_a_program_says_whose_it_is_until_it_ends(session, asha) -> None:
    token = api_tokens.make(session, asha, name="Report", scopes=[ApiScope.READ], days=7)
    session.flush()
    person = api_tokens.person_with(session, token)
    assert (person.email, person.scopes) == (EMAIL, frozenset({ApiScope.READ}))
    row = session.scalar(select(ApiToken))
    assert token not in row.token_sha256
    row.expires = utcnow() - timedelta(seconds=1)
    session.flush()
    assert api_tokens.person_with(session, token) == NOBODY
    second = api_tokens.make(session, asha, name="Report", scopes=[ApiScope.READ], days=7)
    session.flush()
    users.disable(session, asha, by="tests")
    assert api_tokens.person_with(session, second) == NOBODY
    for wrong in ({"name": " "}, {"scopes": []}, {"days": 0}, {"days": 400}):
        with pytest.raises(InvalidError):
            api_tokens.make(session, asha, **{"name": "x", "scopes": list(ApiScope)} | wrong)
