"""Peers read a story at once, marked; everybody else is told that there is none."""

import pytest

from kb import content
from kb.models import Record
from kb.vocabulary import Naming, Role, Status, Visibility

PLACE = content.Place(country="TZA", admin2="Rungwe", facility="Ilulu")


@pytest.fixture
def sent_in(library, make_record):
    """Send in a story of a facility; return its number."""

    def sent_in(visibility: Visibility = Visibility.DISTRICT, **changes) -> int:
        changes = {"places": (PLACE,), "naming": Naming.TYPE_AND_DISTRICT} | changes
        record_id = make_record(publish=False, visibility=visibility, **changes)
        with library.writing() as session:
            record = session.get(Record, record_id)
            record.status, record.submitted = Status.IN_REVIEW, record.created
            session.commit()
        return record_id

    return sent_in


def test_a_peer_of_the_district_reads_what_was_sent_in_marked_and_masked(
    sent_in, signed_in, client
) -> None:
    record_id = sent_in(title="Warm <b>babies</b>")
    here = f"/records/{record_id}"
    peer = signed_in(Role.CONTRIBUTOR, country="TZA", admin2="Rungwe", facility="Tukuyu")
    page = peer.get(here)
    assert page.status_code == 200
    assert "Not yet reviewed" in page.text
    assert "Only people of its district see this" in page.text
    assert "Warm &lt;b&gt;babies&lt;/b&gt;" in page.text
    assert "Ilulu" not in page.text  # naming holds among peers too
    assert 'id="take"' not in page.text
    assert page.headers["cache-control"] == "no-store"
    listed = peer.get("/peers").text
    assert f'href="{here}"' in listed
    assert "not yet reviewed" in listed
    far = signed_in(Role.CONTRIBUTOR, country="TZA", admin2="Mbozi", email="far@x.example")
    for stranger in (client, far):
        assert stranger.get(here).status_code == 404
    assert here not in far.get("/peers").text
    for side in ("share.txt", "print", "card.png", "poster", "cite.bib"):
        assert peer.get(f"{here}/{side}").status_code == 404, side  # nothing to take away yet


def test_what_is_published_for_a_country_says_so_and_is_for_nobody_else(
    library, sent_in, signed_in, client
) -> None:
    record_id = sent_in(Visibility.COUNTRY)
    with library.writing() as session:
        session.get(Record, record_id).status = Status.PUBLISHED
        session.commit()
    peer = signed_in(Role.READER, country="TZA")
    page = peer.get(f"/records/{record_id}").text
    assert "Reviewed." in page
    assert "Only people of its country see this" in page
    assert client.get(f"/records/{record_id}").status_code == 404


def test_what_everybody_reads_is_the_same_for_whoever_is_signed_in(shelf, signed_in) -> None:
    record_id = shelf()
    page = signed_in(Role.READER, country="TZA").get(f"/records/{record_id}")
    assert 'id="take"' in page.text
    assert "no-cache" in page.headers["cache-control"]
