"""A letter to those who follow: chosen at the desk, mailed in two forms, kept as a page."""

from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from kb import follows, newsletters, notices, records, users
from kb.content import Place, Tag
from kb.db import utcnow
from kb.errors import ConflictError
from kb.models import Newsletter
from kb.vocabulary import DigestEvery, FollowKind, Naming, Role, TagStatus
from tests.web.mail_server import HOST, Box, listening
from web import outbox

ASHA = "asha@ilulu.example"
BASE = "https://library.example"
OTHER = Tag(notation="kangaroo-mother-care", status=TagStatus.CONFIRMED)
TOPIC = Tag(notation="early-initiation-of-breastfeeding", status=TagStatus.CONFIRMED)
NASTY = "Warm <b>babies</b> & “cold” rooms"


class Links(HTMLParser):
    """The addresses in a page, and what it would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.links += [said["href"] or ""] if tag == "a" and "href" in said else []
        self.loads += [tag] if tag in {"img", "script", "link", "iframe"} else []


@pytest.fixture
def curator(signed_in):
    return signed_in(Role.CURATOR)


@pytest.fixture
def box(library) -> Iterator[Box]:
    """What a mail server took that the library sends by."""
    box = Box()
    with listening(box) as port:
        own = {"smtp_tls": "none", "smtp_from": "library@ministry.example", "base_url": BASE}
        settings = library.settings.model_copy(update={**own, "smtp_host": HOST, "smtp_port": port})
        object.__setattr__(library, "settings", settings)
        yield box


@pytest.fixture
def asha(account, library) -> int:
    """Somebody who follows a topic."""
    account(Role.CONTRIBUTOR, email=ASHA, country="TZA")
    with library.writing() as session:
        number = users.find(session, ASHA).id
        follows.add(session, number, FollowKind.TOPIC, TOPIC.notation)
        session.commit()
    return number


def write(curator, *ids: int, **fields) -> str:
    """Write a letter at the desk; return its address there."""
    said = {"title": NASTY, "words": "Two things.\n\nTry <i>one</i>.", "language": "en"}
    answer = curator.post(
        "/desk/letters", data=said | fields | {"ids": list(ids)}, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_letter_is_proposed_looked_at_and_mailed_with_the_readers_own_first(
    curator, asha, library, shelf, box
) -> None:
    assert asha
    shelf(title="Of something else", tags=(OTHER,))
    ilulu = Place(country="TZA", facility="Ilulu")
    naming = Naming.TYPE_AND_COUNTRY
    shelf(title=NASTY, tags=(TOPIC,), language="fr", places=(ilulu,), naming=naming)
    shelf(title="Taken back later")
    proposal = curator.get("/desk/letters").text
    assert proposal.count('name="ids"') == 3
    address = write(curator, 1, 2, 3)
    preview = curator.get(address).text
    assert "1 person gets it" in preview
    assert "<b>babies" not in preview
    assert curator.get(f"{address}/mail.txt").text.startswith(NASTY)
    alone = curator.get(f"{address}/mail.html")
    assert "sandbox" in alone.headers["content-security-policy"]
    assert curator.post(f"{address}/send", follow_redirects=False).status_code == 303
    assert curator.post(f"{address}/send", follow_redirects=False).status_code == 409
    with library.writing() as session:
        records.withdraw(session, 3, by="test", reason="asked for")
        session.commit()
    assert outbox.send_waiting(library) == 1
    assert outbox.send_waiting(library) == 0
    (mail,) = box.taken
    assert mail["Subject"] == NASTY
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = mail["List-Unsubscribe"].strip("<>")
    assert stop.startswith(f"{BASE}/notices/stop/")
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert text.index("NEW IN WHAT YOU FOLLOW") < text.index(f"* {NASTY}") < text.index("ALSO NEW")
    assert text.index("ALSO NEW") < text.index("Of something else")
    found = Links(html)
    assert not found.loads
    assert f"{BASE}/records/2" in found.links
    assert f"{BASE}/letters/1" in found.links
    assert stop in found.links
    assert "Warm &lt;b&gt;babies&lt;/b&gt; &amp; “cold” rooms" in html
    assert 'lang="fr" dir="ltr"' in html
    for said in (text, html):
        assert "Taken back later" not in said
        assert "Ilulu" not in said
    answer = curator.post(stop.removeprefix(BASE), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with library.reading() as session:
        assert newsletters.readers(session) == []


def test_a_letter_stays_as_a_page_and_in_a_feed_without_what_was_taken_back(
    curator, client, library, shelf, engine
) -> None:
    shelf(title=NASTY)
    shelf(title="Taken back later")
    address = write(curator, 1, 2)
    public = address.removeprefix("/desk")
    assert client.get(public).status_code == 404
    assert "letters/1" not in client.get("/letters.atom").text
    curator.post(f"{address}/send")
    with library.writing() as session:
        records.withdraw(session, 2, by="test", reason="asked for")
        session.commit()
    page = client.get(public).text
    assert "Warm &lt;b&gt;babies&lt;/b&gt;" in page
    assert "Try &lt;i&gt;one&lt;/i&gt;." in page
    assert "Taken back later" not in page
    assert public in client.get("/letters").text
    entry = ET.fromstring(client.get("/letters.atom").content).find("{*}entry")
    assert entry.findtext("{*}title") == NASTY
    assert "Nothing is new" in curator.get("/desk/letters").text


def test_what_was_typed_is_shown_again_and_only_what_readers_see_goes_into_a_letter(
    curator, library, shelf, make_record
) -> None:
    shelf(title="Seen by all")
    make_record(title="A draft", publish=False)
    refused = curator.post("/desk/letters", data={"title": " ", "words": "My <words>", "ids": "1"})
    assert refused.status_code == 422
    assert "My &lt;words&gt;" in refused.text
    address = write(curator, 1, more="2 99 x")
    assert "A draft" not in curator.get(address).text
    assert "A draft" not in curator.get(f"{address}/mail.txt").text
    with library.writing() as session:
        kept = session.get(Newsletter, 1)
        assert kept.record_ids == [1, 2, 99]
        newsletters.send(session, 1, utcnow())
        with pytest.raises(ConflictError):
            newsletters.write(
                session, 1, title="Again", words="", language="en", record_ids=[1], by="test"
            )


def test_who_wants_no_digest_and_who_follows_nothing_gets_no_letter(asha, account, library) -> None:
    account(Role.CONTRIBUTOR, email="neema@ilulu.example")
    with library.writing() as session:
        assert newsletters.readers(session) == [asha]
        notices.choose(session, asha, by_mail=True, digest=DigestEvery.NEVER)
        assert newsletters.readers(session) == []
