"""Mails with a link: none is lost, and nobody finds their link in the database."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from kb import link_mails, tickets, users
from kb.db import utcnow
from kb.models import LinkMail, Ticket
from kb.notices import CLAIMED, WAITS
from kb.vocabulary import Errand, Role
from tests.web.conftest import SAME_SITE
from tests.web.mail_server import HOST, Box, free_port, listening
from web.link_mails import AWAY, send_waiting

ASHA = "asha@x.example"


@pytest.fixture
def server(library) -> int:
    """Say where a mail server will be, some day; return its port."""
    port = free_port()
    ready = {"smtp_host": HOST, "smtp_port": port, "smtp_tls": "none", "smtp_from": "l@x.example"}
    object.__setattr__(library, "settings", library.settings.model_copy(update=ready))
    return port


def waiting(library) -> list[LinkMail]:
    with library.reading() as session:
        return list(session.scalars(select(LinkMail).order_by(LinkMail.id)))


def links(box: Box) -> list[str]:
    return [re.search(r"http://testserver(/\S+)", one.get_content())[1] for one in box.taken]


def everything(library) -> str:
    """Return all that the database holds, as text."""
    with library.engine.connect() as connection:
        tables = (LinkMail.__table__, Ticket.__table__)
        return "\n".join(str(row) for table in tables for row in connection.execute(select(table)))


def test_a_link_for_a_new_password_waits_for_a_dead_server_and_is_kept_nowhere(
    library, server, client, account, caplog
) -> None:
    account(Role.READER, email=ASHA)
    client.headers |= SAME_SITE
    answers = [
        client.post("/password", data={"email": email}) for email in (ASHA, "nobody@x.example")
    ]
    assert answers[0].text == answers[1].text  # and neither looked whether there is an account
    assert "Look into your mail." in answers[0].text
    assert answers[0].history[0].status_code == 303
    [mail] = waiting(library)  # of nobody none is left
    assert (mail.email, mail.tries) == (ASHA, 1)
    assert "did not take the mail" in mail.failed
    assert "did not take the mail" in caplog.text  # whoever runs the library hears of it
    assert ASHA not in caplog.text
    with library.reading() as session:
        assert session.scalars(select(Ticket)).all() == []  # nothing that could be opened
    box = Box()
    with listening(box, port=server):
        assert send_waiting(library) == 0  # not again at once
        assert send_waiting(library, now=utcnow() + WAITS[0]) == 1
    assert waiting(library) == []
    [link] = links(box)
    assert link.rpartition("/")[2] not in everything(library)
    chosen = client.post(link, data={"password": "seven green mangoes"})
    assert chosen.status_code == 200
    assert client.get(link).status_code == 404


def test_an_invitation_outlives_a_crash_and_its_two_links_open_it_once(
    library, server, signed_in, client
) -> None:
    admin = signed_in(Role.ADMIN)
    form = {"email": ASHA, "role": "reader", "country": "TZA"}
    shown = re.search(r"/invitation/[\w-]+", admin.post("/people/invite", data=form).text)[0]
    [mail] = waiting(library)
    assert mail.tries == 1  # at once: the page that was shown keeps nobody from writing
    with library.writing() as session:  # somebody takes the mail, and dies before it is sent
        mail = link_mails.claim(session, utcnow() + WAITS[0])
        lost = link_mails.secret_for(session, mail)
        session.commit()
    box, later = Box(), utcnow() + WAITS[0] + CLAIMED + timedelta(seconds=1)
    with listening(box, port=server):
        assert send_waiting(library) == 0
        assert send_waiting(library, now=later) == 1
    [link] = links(box)
    assert client.get(f"/invitation/{lost}").status_code == 404  # the last one counts
    assert {client.get(one).status_code for one in (shown, link)} == {200}
    client.headers |= SAME_SITE
    accepted = client.post(link, data={"name": "Asha", "password": "seven green mangoes"})
    assert accepted.status_code == 200
    assert {client.get(one).status_code for one in (shown, link)} == {404}


def test_what_opens_nothing_any_more_and_who_is_refused_get_no_mail(
    library, server, signed_in, account
) -> None:
    admin = signed_in(Role.ADMIN)
    account(Role.READER, email="gone@clinic.example")  # the server knows nobody of that name
    with library.writing() as session:
        for email in ("gone@clinic.example", *[ASHA] * (tickets.RESETS + 1)):
            link_mails.wait(session, Errand.RESET, email, language="fr", base="http://testserver")
        session.commit()
    assert len(waiting(library)) == 1 + tickets.RESETS  # who asks more often gets no more
    admin.post("/people/invite", data={"email": "b@x.example", "role": "reader"})
    with library.writing() as session:
        [open_one] = tickets.invitations(session)
        tickets.call_back(session, open_one.id, by="tests")
        session.commit()
    box = Box()
    with listening(box, port=server):
        assert send_waiting(library, now=utcnow() + WAITS[0]) == 0
    assert (box.taken, waiting(library)) == ([], [])
    with library.reading() as session:
        assert users.find(session, ASHA) is None


def test_a_server_that_is_away_is_tried_with_a_few_and_the_others_stay_unclaimed(
    library, server, account
) -> None:
    people = [f"{name}@x.example" for name in ("ana", "ben", "coco", "dede", "emi")]
    for email in people:
        account(Role.READER, email=email)
    with library.writing() as session:
        for email in people:
            link_mails.wait(session, Errand.RESET, email, language="en", base="http://testserver")
        session.commit()
    assert send_waiting(library, now=utcnow()) == 0
    tried = [one.tries for one in waiting(library)]
    assert tried == [1] * AWAY + [0] * (len(people) - AWAY)
    box = Box()
    with listening(box, port=server):  # it is back at once: who was not tried does not wait
        assert send_waiting(library, now=utcnow()) == len(people) - AWAY
