"""Who changed what and why, compared, brought back, objected to; and two who save at once."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from kb import audit, content, history, records
from kb.vocabulary import Role, Status, TagStatus

ROOT = Path(__file__).parents[2]
HOSTILE = "<script>alert(1)</script> & “x”"
WHY = "The team sent the right words."


@pytest.fixture
def edited(library, story, series) -> int:
    """A record of three versions; the second one's words are hostile."""
    with library.writing() as session:
        said = story.model_copy(update={"measures": (series,)})
        record = records.create(session, said, by="anna")
        first, second, *rest = series.points
        points = (first, second.model_copy(update={"numerator": 20}), *rest)
        new = said.model_copy(
            update={
                "title": f"Skin to skin {HOSTILE}",
                "measures": (series.model_copy(update={"points": points}),),
                "tags": story.tags[:1],
            }
        )
        records.edit(session, record.id, new, version=1, by="ben@x.example", why=HOSTILE)
        records.publish(session, record.id, by="curator")
        session.commit()
        return record.id


def told(page: str) -> str:
    """Return the words of a page, as they stand one after the other."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_the_history_names_who_when_and_why(desk, edited) -> None:
    page = desk.get(f"/desk/records/{edited}/history").text
    words = told(page)
    assert "ben@x.example · version 2" in words.replace("version 2", "· version 2").replace(
        "· ·", "·"
    )
    assert f"Why: {HOSTILE}" in words
    assert words.index("Published") < words.index("Edited") < words.index("Put into the library")
    assert "<script>alert" not in page


def test_two_versions_are_compared_word_by_word_and_point_by_point(desk, edited) -> None:
    page = desk.get(f"/desk/records/{edited}/history/compare?old=1&new=2").text
    assert '<del><span class="hidden">Taken out: </span>before the scale</del>' in page
    assert '<ins><span class="hidden">Put in: </span>&lt;script&gt;alert' in page
    assert "<del><bdi>11/30</bdi></del>" in page
    assert "<ins><bdi>20/30</bdi></ins>" in page
    assert "Skin-to-skin contact" in page
    assert "<script>alert" not in page
    assert f'href="/desk/records/{edited}/history/compare?old=2&amp;new=3"' in page


def test_the_last_change_is_shown_where_no_version_is_chosen(desk, edited) -> None:
    page = desk.get(f"/desk/records/{edited}/history/compare").text
    assert "What changed from version 2 to version 3" in page
    backwards = desk.get(f"/desk/records/{edited}/history/compare?old=3&new=1").text
    assert "What changed from version 1 to version 3" in backwards
    assert desk.get(f"/desk/records/{edited}/history/compare?old=1&new=9").status_code == 404


def test_a_version_comes_back_with_its_reason_and_what_stays_is_said(desk, edited, library) -> None:
    address = f"/desk/records/{edited}/history/1/restore"
    page = desk.get(address).text
    stays = told(page.split("This stays as it is now")[1].split("</ul>")[0])
    assert "Who may see it" in stays
    assert desk.post(address, data={"why": " "}).status_code == 422
    answer = desk.post(address, data={"why": WHY}, follow_redirects=False)
    assert answer.headers["location"] == f"/desk/records/{edited}/history"
    with library.reading() as session:
        record = records.get(session, edited)
        assert (record.title, record.status) == (
            "Skin to skin before the scale",
            Status.PUBLISHED,
        )
        event = history.events(session, edited)[-1]
        assert (event.by, event.detail["why"]) == ("curator", WHY)
    assert "restored from version 1" in desk.get(f"/desk/records/{edited}/history").text


def test_a_version_with_a_concept_that_is_gone_cannot_come_back(desk, edited, library) -> None:
    with library.writing() as session:
        record = records.get(session, edited)
        row = next(t for t in record.tags)
        row.concept.notation = "another"
        session.commit()
    page = desk.get(f"/desk/records/{edited}/history/1/restore").text
    assert "the taxonomy no longer has early-initiation-of-breastfeeding" in page
    answer = desk.post(f"/desk/records/{edited}/history/1/restore", data={"why": WHY})
    assert answer.status_code == 422


def test_what_was_purged_is_said_to_be_gone(desk, edited, library) -> None:
    with library.writing() as session:
        audit.purge(session, edited, by="curator", why="The team asked.")
        session.commit()
    page = desk.get(f"/desk/records/{edited}/history").text
    assert "What this version said is no longer kept." in page
    assert "The team asked." in page
    assert "/compare" not in page
    assert desk.get(f"/desk/records/{edited}/history/1/restore").status_code == 404


def test_who_saves_second_sees_both_and_can_save_on_top(desk, edited, library) -> None:
    with library.writing() as session:
        said = records.read(records.get(session, edited))
        new = said.model_copy(update={"summary": "Theirs."})
        records.edit(session, edited, new, version=3, by="ben")
        session.commit()
    sent = {"version": 3, "concept": "hand-hygiene", "status": "confirmed"}
    answer = desk.post(f"/desk/records/{edited}/tags", data=sent)
    assert answer.status_code == 409
    words = told(answer.text)
    assert "Somebody else saved first" in words
    theirs, mine = words.split("What you wrote, not saved yet")
    assert "Put in: Theirs" in theirs
    assert "Hand hygiene" in mine
    assert "Theirs" not in mine
    assert "You changed different things." in mine
    patch = unescape(re.search(r'name="patch" value="([^"]*)"', answer.text)[1])
    assert set(json.loads(patch)) == {"tags"}
    desk.post(
        f"/desk/records/{edited}/history/again", data={"version": 4, "patch": patch, "why": WHY}
    )
    with library.reading() as session:
        record = records.get(session, edited)
        assert record.summary == "Theirs."
        tags = {tag.notation: tag.status for tag in records.read(record).tags}
        assert tags["hand-hygiene"] is TagStatus.CONFIRMED
        assert history.events(session, edited)[-1].detail["why"] == WHY


def test_a_form_that_is_broken_is_refused(desk, edited) -> None:
    for patch in ("", "{", "[]", '{"nothing": 1}', '{"title": ""}'):
        answer = desk.post(
            f"/desk/records/{edited}/history/again", data={"version": 3, "patch": patch}
        )
        assert answer.status_code == 422, patch


def test_its_team_follows_its_record_and_objects(signed_in, client, edited, library) -> None:
    zawadi = signed_in(
        Role.CONTRIBUTOR,
        email="zawadi@ilulu.example",
        country="TZA",
        admin2="Rungwe",
        facility="Ilulu Health Centre",
    )
    address = f"/records/{edited}/history"
    page = zawadi.get(address).text
    assert "ben · version 2" in told(page).replace("version 2", "· version 2").replace("· ·", "·")
    assert "@x.example" not in page  # addresses are for admins
    assert "restore" not in page
    assert zawadi.get(f"{address}/compare?old=1&new=2").status_code == 200
    assert zawadi.post(f"{address}/object", data={"comment": " "}).status_code == 422
    zawadi.post(f"{address}/object", data={"comment": HOSTILE})
    page = zawadi.get(address).text
    assert "Zawadi" in page
    assert "ilulu.example" not in page
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    with library.reading() as session:
        last = history.events(session, edited)[-1]
        assert (last.verb, last.detail["comment"]) == ("objected", HOSTILE)


def test_nobody_else_follows_a_record(signed_in, client, edited) -> None:
    address = f"/records/{edited}/history"
    assert client.get(address, follow_redirects=False).status_code == 303
    other = signed_in(Role.CONTRIBUTOR, email="o@x.example", country="TZA", facility="Elsewhere")
    for path in (address, f"{address}/compare", f"/desk{address}"):
        assert other.get(path).status_code in {403, 404}, path
    assert other.post(f"{address}/object", data={"comment": "x"}).status_code in {403, 404}


def test_a_long_history_is_told_in_as_many_queries_as_a_short_one(
    desk, edited, library, queries
) -> None:
    def asked() -> int:
        queries.clear()
        desk.get(f"/desk/records/{edited}/history")
        return len(queries)

    asked()  # the taxonomy is read once
    few = asked()
    with library.writing() as session:
        for number in range(12):
            record = records.get(session, edited)
            new = content.Record.model_validate(
                records.read(record).model_dump() | {"summary": f"Summary {number}."}
            )
            records.edit(session, edited, new, version=record.version, by="ben")
        session.commit()
    assert asked() == few


def test_every_event_that_the_library_writes_has_words_of_its_own() -> None:
    """The audit of a whole library shows them all; an unknown one would be shown in English."""
    words = (ROOT / "web/templates/history/_words.html").read_text(encoding="utf-8")
    written = {
        found
        for path in (ROOT / "kb").glob("*.py")
        for found in re.findall(r'happened\(\s*session,\s*"([^"]+)"', path.read_text("utf-8"))
    }
    assert len(written) > 30
    assert sorted(verb for verb in written if f'"{verb}":' not in words) == []
