"""What curators decided on other records speaks for a draft at once, and against it."""

import numpy as np
import pytest

from ingest.neighbours import Confirmed
from kb import records
from kb.content import Record, Section, Tag
from kb.vocabulary import TagStatus

KMC, FEEDS, WARMTH = (
    "kangaroo-mother-care",
    "newborn-feeding-support",
    "thermal-care-and-hypothermia",
)
POSTER = "job-aids-and-wall-charts"


@pytest.fixture
def shelf(terms):
    return Confirmed(terms)


def _own(shelf, **likely):
    own = np.zeros(len(shelf.notations), np.float32)
    for notation, confidence in likely.items():
        own[shelf.notations.index(notation.replace("_", "-"))] = confidence
    return own


def _vote(shelf, advice, notation):
    return float(advice.votes[shelf.notations.index(notation)])


def test_what_was_confirmed_on_a_like_record_is_voted_for(shelf):
    shelf.add(1, "The room that emptied", confirmed=[KMC, FEEDS])
    shelf.add(2, "Posters", confirmed=[POSTER])
    advice = shelf.advise(_own(shelf, kangaroo_mother_care=0.9))
    assert _vote(shelf, advice, FEEDS) > 0
    assert _vote(shelf, advice, POSTER) == 0
    assert advice.nearest[FEEDS].title == "The room that emptied"


def test_a_record_that_is_added_speaks_for_the_next_draft(shelf):
    own = _own(shelf, kangaroo_mother_care=0.9)
    assert _vote(shelf, shelf.advise(own), FEEDS) == 0
    shelf.add(1, "The room that emptied", confirmed=[KMC, FEEDS])
    assert _vote(shelf, shelf.advise(own), FEEDS) > 0


def test_what_was_rejected_on_a_like_record_counts_against(shelf):
    own = _own(shelf, kangaroo_mother_care=0.9)
    shelf.add(1, "One", confirmed=[KMC], rejected=[WARMTH])
    advice = shelf.advise(own)
    assert _vote(shelf, advice, WARMTH) < 0
    assert WARMTH not in advice.nearest


def test_a_new_decision_takes_the_place_of_the_old_one(shelf, terms):
    own = _own(shelf, kangaroo_mother_care=0.9)
    shelf.add(1, "One", confirmed=[KMC, FEEDS])
    shelf.add(1, "One", confirmed=[KMC], rejected=[FEEDS])
    assert len(shelf) == 1
    assert _vote(shelf, shelf.advise(own), FEEDS) < 0
    again = Confirmed(terms)
    again.add(1, "One", confirmed=[KMC], rejected=[FEEDS])
    assert np.allclose(again.advise(own).company, shelf.advise(own).company)


def test_a_record_is_not_asked_about_itself(shelf):
    shelf.add(1, "One", confirmed=[KMC, FEEDS])
    advice = shelf.advise(_own(shelf, kangaroo_mother_care=0.9), without=[1])
    assert advice.records == 0
    assert not advice.votes.any()
    assert not advice.company.any()


def test_company_is_the_same_whether_a_record_is_left_out_or_was_never_there(shelf, terms):
    own = _own(shelf, kangaroo_mother_care=0.9, thermal_care_and_hypothermia=0.3)
    other = Confirmed(terms)
    for one in (shelf, other):
        one.add(1, "One", confirmed=[KMC, FEEDS])
        one.add(2, "Two", confirmed=[KMC, WARMTH, POSTER])
    shelf.add(3, "Three", confirmed=[WARMTH, POSTER])
    assert np.allclose(shelf.advise(own, without=[3]).company, other.advise(own).company, atol=1e-5)


def test_more_records_than_there_was_room_for_are_all_kept(shelf):
    for n in range(200):
        shelf.add(n, f"Record {n}", confirmed=[KMC, FEEDS])
    assert len(shelf) == 200
    assert shelf.advise(_own(shelf, kangaroo_mother_care=0.9)).records == 200


def test_retired_and_unknown_concepts_are_left_out(shelf):
    shelf.add(1, "One", confirmed=[KMC, "no-such-concept"])
    assert "no-such-concept" not in shelf.advise(_own(shelf, kangaroo_mother_care=1)).nearest


def test_a_shelf_is_loaded_from_what_curators_decided(session, terms):
    tags = (
        Tag(notation=KMC, status=TagStatus.CONFIRMED),
        Tag(notation=FEEDS, status=TagStatus.CONFIRMED),
        Tag(notation=POSTER, status=TagStatus.REJECTED),
        Tag(notation=WARMTH, status=TagStatus.SUGGESTED),
    )
    sections = (Section(body="Small babies stay on the chest."),)
    made = records.create(session, Record(title="Warm", sections=sections, tags=tags), by="a")
    records.create(session, Record(title="Undecided", sections=sections), by="a")
    shelf = Confirmed.load(session, terms)
    advice = shelf.advise(_own(shelf, kangaroo_mother_care=0.9))
    assert len(shelf) == 1
    assert advice.nearest[FEEDS][:2] == (made.id, "Warm")
    assert _vote(shelf, advice, POSTER) < 0
    assert _vote(shelf, advice, WARMTH) == 0
