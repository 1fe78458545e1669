"""What people are told by mail, on their page and in feeds, in their own language."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from kb import content, follows, notices, records, users
from kb.db import utcnow
from kb.models import Notice
from kb.vocabulary import FollowKind, NoticeKind, Role
from tests.web.mail_server import HOST, Box, listening
from web import outbox
from web.ticking import tick

ASHA = "asha@ilulu.example"
ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://library.example"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def post(library, box):
    """Let the library send mail."""
    with listening(box) as port:
        _set(library, smtp_host=HOST, smtp_port=port)
        yield


def _set(library, **changes) -> None:
    own = {"smtp_tls": "none", "smtp_from": "library@ministry.example", "base_url": BASE}
    settings = library.settings.model_copy(update={**own, **changes})
    object.__setattr__(library, "settings", settings)


@pytest.fixture
def asha(library, signed_in):
    """A person with an account; the browser that she is signed in with."""
    return signed_in(Role.CONTRIBUTOR, email=ASHA, country="TZA")


def user_id(library, email: str = ASHA) -> int:
    with library.reading() as session:
        found = users.find(session, email)
        assert found is not None
        return found.id


def tell(library, kind=NoticeKind.TEAM_ASKED, *, email=ASHA, **options) -> None:
    with library.writing() as session:
        told = users.find(session, email)
        notices.write(session, [told.id], kind, link="/requests/1", **options)
        session.commit()


def test_a_notice_is_mailed_once_with_title_and_link_and_nothing_else(
    library, asha, post, box, shelf
) -> None:
    record_id = shelf()
    tell(library, record_id=record_id)
    assert outbox.send_waiting(library) == 1
    assert outbox.send_waiting(library) == 0
    (taken,) = box.taken
    assert taken["To"] == ASHA
    assert taken["Subject"] == "Somebody asks about a story: Skin to skin before the scale"
    text = taken.get_content()
    assert f"{BASE}/requests/1" in text
    assert taken["List-Unsubscribe"].startswith(f"<{BASE}/notices/stop/")
    assert taken["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_title_of_a_story_that_not_everybody_reads_is_in_no_mail_and_on_no_page(
    library, asha, post, box, make_record
) -> None:
    hidden = make_record(publish=False, title="Mrs Amina Juma and her baby")
    tell(library, record_id=hidden)
    outbox.send_waiting(library)
    assert box.taken[0]["Subject"] == f"Somebody asks about a story: story {hidden}"
    assert "Amina" not in box.taken[0].as_string()
    assert "Amina" not in asha.get("/notices").text


def test_a_mail_is_in_the_language_of_the_person(library, asha, post, box) -> None:
    with library.writing() as session:
        users.find(session, ASHA).language = "ar"
        session.commit()
    tell(library, NoticeKind.ANSWERED)
    outbox.send_waiting(library)
    names = outbox.telling_people.names_for(library, "ar")
    said = names.gettext("Somebody wrote to you through the library")
    assert box.taken[0]["Subject"] == said


def test_without_a_mail_server_notices_wait_on_the_page(library, asha) -> None:
    tell(library, NoticeKind.ANSWERED)
    assert tick(library)["mails sent"] == 0
    page = asha.get("/notices").text
    assert "Somebody wrote to you" in page
    assert "sends no mail" in page
    asha.post("/notices/seen", data={"upto": "1"})
    with library.reading() as session:
        assert notices.unseen(session, user_id(library)) == 0


def test_what_waits_for_one_person_is_one_mail(library, asha, post, box, account) -> None:
    account(Role.READER, email="o@x.example")
    tell(library, NoticeKind.SUPPORT_ASKED)
    tell(library, NoticeKind.SUPPORT_ASKED)
    tell(library, NoticeKind.ANSWERED)
    tell(library, email="o@x.example")
    assert (outbox.send_waiting(library), outbox.send_waiting(library)) == (2, 0)
    several = next(taken for taken in box.taken if taken["To"] == ASHA)
    assert several["Subject"] == "3 notices for you"
    text = several.get_content()
    assert text.count("A team asks for your help") == 2
    assert text.count(f"{BASE}/requests/1") == 3
    assert f"{BASE}/notices\r\n" in text.replace("\n", "\r\n").replace("\r\r", "\r")


def test_a_server_that_is_away_is_tried_again_later_and_the_log_says_so(
    library, asha, caplog
) -> None:
    _set(library, smtp_host=HOST, smtp_port=1)
    tell(library)
    assert outbox.send_waiting(library) == 0
    assert f"{HOST}:1 did not take the mail" in caplog.text
    assert ASHA not in caplog.text
    with library.reading() as session:
        kept = session.get_one(Notice, 1)
        assert kept.mail_due > utcnow() + timedelta(minutes=4)
        assert "did not take the mail" in kept.mail_failed
    assert outbox.send_waiting(library) == 0


def test_an_address_that_is_refused_for_ever_is_given_up_and_others_get_theirs(
    library, asha, post, box, account
) -> None:
    account(Role.READER, email="gone@clinic.example")
    tell(library, email="gone@clinic.example")
    tell(library)
    assert outbox.send_waiting(library) == 1
    assert [taken["To"] for taken in box.taken] == [ASHA]
    with library.reading() as session:
        kept = session.get_one(Notice, 1)
        assert (kept.mail_due, kept.mailed) == (None, None)


def test_the_address_in_a_mail_ends_mails_by_one_post_and_not_by_a_look(
    library, asha, post, box, client
) -> None:
    tell(library)
    outbox.send_waiting(library)
    path = box.taken[0]["List-Unsubscribe"].strip("<>").removeprefix(BASE)
    assert client.get(path).status_code == 200  # programs look into mails
    with library.reading() as session:
        assert notices.chosen(session, user_id(library))[0]
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with library.reading() as session:
        assert not notices.chosen(session, user_id(library))[0]
    assert client.post("/notices/stop/another").status_code == 404


def test_a_digest_comes_by_mail_with_what_readers_see_and_without_what_was_taken_back(
    library, asha, post, box, shelf
) -> None:
    with library.writing() as session:
        follows.add(session, user_id(library), FollowKind.PLACE, "TZA")
        session.commit()
    shelf(title="A new story", places=(content.Place(country="TZA", admin2="Rungwe"),))
    gone = shelf(title="Taken back")
    later = utcnow() + timedelta(days=8)
    with library.writing() as session:
        written = follows.write_digests(session, later, below=lambda n: (n,))
        records.withdraw(session, gone, by="test", reason="asked for")
        session.commit()
    assert written == 1
    assert outbox.send_waiting(library) == 1
    text = box.taken[0].get_content()
    assert "A new story" in text
    assert "Tanzania" in text
    assert "Taken back" not in text
    assert box.taken[0]["List-Unsubscribe"].endswith("?digest=true>")


def test_feeds_have_a_secret_address_that_is_shown_once(library, asha, client, shelf) -> None:
    shelf(title="Of <Rungwe> & others")
    with library.writing() as session:
        follows.add(session, user_id(library), FollowKind.PLACE, "TZA")
        session.commit()
    tell(library, NoticeKind.ANSWERED)
    page = asha.post("/notices/feeds").text
    addresses = [part.partition("</code>")[0] for part in page.split('dir="ltr">http')[1:]]
    assert len(addresses) == 2
    paths = ["/feeds/" + address.partition("/feeds/")[2] for address in addresses]
    assert "/feeds/" not in asha.get("/notices").text
    told, news = (client.get(path) for path in paths)
    assert told.headers["content-type"].startswith("application/atom+xml")
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["referrer-policy"] == "no-referrer"
    titles = [e.text for e in ET.fromstring(told.text).iter(f"{ATOM}title")]
    assert titles == ["Notices – Test shelf", "Somebody wrote to you through the library"]
    titles = [e.text for e in ET.fromstring(news.text).iter(f"{ATOM}title")]
    assert titles == ["New in what you follow – Test shelf", "Of <Rungwe> & others"]
    asha.post("/notices/feeds")
    assert client.get(paths[0]).status_code == 404
    assert client.get("/feeds/x/news.atom").status_code == 404


def test_a_feed_without_anything_in_it_is_a_feed(library, asha, client) -> None:
    page = asha.post("/notices/feeds").text
    path = "/feeds/" + page.split("/feeds/")[2].partition("</code>")[0]
    root = ET.fromstring(client.get(path).text)
    assert [root.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated")] == [
        True,
        True,
        True,
    ]


def test_whoever_sits_at_the_computer_has_no_notices_but_sees_requests(desk) -> None:
    for page in ("/notices", "/notices/news", "/account"):
        answer = desk.get(page)
        assert answer.status_code == 200, page
        assert "kb user add" in answer.text  # what to do to have some
    assert desk.post("/notices/choices", data={"digest": "day"}).status_code == 403
    assert desk.get("/requests").status_code == 200


def test_what_is_asked_of_notices_is_each_persons_own(library, asha, account, signed_in) -> None:
    other = signed_in(Role.CONTRIBUTOR, email="neema@x.example")
    tell(library, NoticeKind.ANSWERED)
    assert "Somebody wrote" not in other.get("/notices").text
    other.post("/notices/seen", data={"upto": "99"})
    with library.reading() as session:
        assert notices.unseen(session, user_id(library)) == 1


def test_the_choice_of_how_to_be_told_is_kept(asha) -> None:
    asha.post("/notices/choices", data={"digest": "never"})
    page = asha.get("/notices").text
    assert 'name="by_mail" value="yes">' in page
    assert 'value="never" checked' in page


@pytest.mark.usefixtures("asha", "post")
def test_to_tick_twice_does_each_thing_once(library, shelf, account) -> None:
    account(Role.COACH, email="coach@x.example", country="TZA")
    asked = (content.SupportRequest(text="A second scale"),)
    shelf(support_requests=asked, places=(content.Place(country="TZA"),))
    first = tick(library)
    assert first["requests opened from stories"] == 1
    assert first["mails sent"] == 1
    assert set(tick(library).values()) == {0}
    later = utcnow() + timedelta(days=31)
    assert tick(library, now=later)["requests handed on"] == 1
    assert tick(library, now=later)["requests handed on"] == 0


def test_the_account_page_says_how_many_notices_are_new(library, asha) -> None:
    assert "new notice" not in asha.get("/account").text
    tell(library, NoticeKind.ANSWERED)
    assert "1 new notice" in asha.get("/account").text
