from sqlalchemy.orm import Session

from kb.remembered import Remembered


def test_what_was_made_is_found_under_its_own_stamp_only(session) -> None:
    kept = Remembered[str](2)
    assert kept.keep(session, 7, "v1", "warm") == "warm"
    assert kept.get(session, 7, "v1") == "warm"
    assert kept.get(session, 7, "v2") is None
    kept.keep(session, 7, "v2", "warmer")
    assert kept.get(session, 7, "v1") is None


def test_what_was_not_asked_for_the_longest_goes_first(session) -> None:
    kept = Remembered[str](2)
    kept.keep(session, 1, "v1", "one")
    kept.keep(session, 2, "v1", "two")
    assert kept.get(session, 1, "v1")
    kept.keep(session, 3, "v1", "three")
    assert [kept.get(session, id_, "v1") for id_ in (1, 2, 3)] == ["one", None, "three"]


def test_another_library_has_a_memory_of_its_own(session, engine) -> None:
    kept = Remembered[str](2)
    kept.keep(session, 7, "v1", "warm")
    engine.dispose()  # as before another file takes the place of this one
    with Session(engine) as after:
        assert kept.get(after, 7, "v1") is None
