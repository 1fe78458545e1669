"""What may name people, decided one after the other."""

import re
from io import BytesIO

import pytest
from PIL import Image

from kb import findings, originals, records
from kb.content import ChangeIdea, Section
from kb.gate import Hidden
from kb.vocabulary import FindingState, IdentifierKind, SectionRole

NAMED = "Mrs Amina Juma came on Monday. Her number is 0712 345 678."
HOSTILE = "<script>alert(1)</script> & “x”"


@pytest.fixture
def named(make_record) -> int:
    return make_record(
        publish=False,
        summary=NAMED,
        sections=(
            Section(role=SectionRole.PROBLEM, heading="Where", body="Mrs Amina Juma said so."),
        ),
    )


@pytest.fixture
def found(library):
    def of(record_id: int) -> list:
        with library.reading() as session:
            return [(f.id, f.kind, f.state) for f in findings.of(session, record_id)]

    return of


def decide(desk, record_id: int, finding: int, state: str, version: int = 1, **more):
    form = {"finding": str(finding), "state": state, "version": str(version), **more}
    return desk.post(f"/desk/records/{record_id}/privacy", data=form, follow_redirects=False)


def said(library, record_id: int):
    with library.reading() as session:
        return records.read(records.get(session, record_id))


def test_findings_are_marked_where_they_stand(desk, named) -> None:
    page = desk.get(f"/desk/records/{named}/privacy").text
    assert "<b>3</b> of 3 open" in page
    assert page.count("<mark>Mrs Amina Juma</mark>") >= 3  # in summary, section and panel
    assert "<mark>0712 345 678</mark>" in page
    assert page.count("in-focus") == 1
    assert 'value="a woman"' in page  # the role that is offered


def test_keeping_goes_on_to_the_next_finding(desk, named, found) -> None:
    first, second, _ = (one[0] for one in found(named))
    answer = decide(desk, named, first, "kept")
    assert answer.status_code == 303
    assert answer.headers["location"] == (f"/desk/records/{named}/privacy?finding={second}#finding")
    assert [state for _, _, state in found(named)].count(FindingState.KEPT) == 1
    page = desk.get(answer.headers["location"]).text
    assert "<b>2</b> of 3 open" in page


def test_all_places_of_a_text_may_be_kept_at_once(desk, named, found) -> None:
    first = found(named)[0][0]
    page = desk.get(f"/desk/records/{named}/privacy").text
    assert "Keep all 2 places that say this" in page
    decide(desk, named, first, "kept", same="yes")
    kept = [kind for _, kind, state in found(named) if state is FindingState.KEPT]
    assert kept == [IdentifierKind.PERSON, IdentifierKind.PERSON]


def test_redacting_takes_the_text_out_everywhere(desk, named, found, library) -> None:
    decide(desk, named, found(named)[0][0], "redacted")
    now = said(library, named)
    assert "Amina" not in now.summary
    assert "Amina" not in now.sections[0].body
    assert now.summary.endswith("Her number is 0712 345 678.")


def test_a_role_of_ones_own_is_written_instead(desk, named, found, library) -> None:
    decide(desk, named, found(named)[0][0], "replaced", role="  a first-time mother ")
    assert said(library, named).sections[0].body == "a first-time mother said so."
    nothing = decide(desk, named, found(named)[-1][0], "replaced", version=2, role=" ")
    assert nothing.status_code == 422


def test_who_looked_at_an_older_version_is_refused(desk, named, found) -> None:
    first, second, *_ = (one[0] for one in found(named))
    decide(desk, named, first, "redacted")
    late = decide(desk, named, second, "kept", version=1)
    assert late.status_code == 409
    assert "changed since you looked" in late.text


def test_after_the_last_one_no_other_record_comes_by_itself(
    desk, named, found, make_record
) -> None:
    other = make_record(publish=False, summary="Mrs Rehema Ali came.")
    name, phone = found(named)[0][0], found(named)[1][0]
    decide(desk, named, name, "redacted")
    answer = decide(desk, named, phone, "kept", version=2)
    assert answer.headers["location"] == f"/desk/records/{named}/privacy"
    page = desk.get(answer.headers["location"]).text
    assert f'<a href="/desk/records/{named}" aria-keyshortcuts="g">' in page
    assert f'<a href="/desk/records/{other}/privacy" aria-keyshortcuts="f">' in page
    last = decide(desk, other, found(other)[0][0], "kept")
    assert last.headers["location"] == f"/desk/records/{other}/privacy"
    page = desk.get(last.headers["location"]).text
    assert "All is decided." in page
    assert "with the next one" not in page


def test_htmx_stays_on_the_page_when_all_is_decided(desk, named, found) -> None:
    address, htmx = f"/desk/records/{named}/privacy", {"HX-Request": "true"}
    form = {"finding": found(named)[0][0], "state": "redacted", "version": 1}
    assert desk.post(address, data=form, headers=htmx).text.startswith('<div id="findings"')
    form = {"finding": found(named)[1][0], "state": "kept", "version": 2}
    last = desk.post(address, data=form, headers=htmx).text
    assert last.startswith('<div id="findings"')
    assert "All is decided." in last


def test_a_decision_to_keep_may_be_taken_back(desk, named, found) -> None:
    first = found(named)[0][0]
    decide(desk, named, first, "kept")
    page = desk.get(f"/desk/records/{named}/privacy?finding={first}").text
    assert "Open again" in page
    assert "curator" in page
    decide(desk, named, first, "open")
    assert {state for _, _, state in found(named)} == {FindingState.OPEN}


def test_pictures_are_asked_about_one_by_one(desk, make_record, library, found) -> None:
    record_id = make_record(publish=False)
    with library.writing() as session:
        hidden = [
            Hidden(IdentifierKind.FACE, "word/media/image1.png", "picture 1"),
            Hidden(IdentifierKind.COMMENT, "word/comments.xml", "Is that Amina?"),
        ]
        findings.scan(session, record_id, hidden=hidden)
        session.commit()
    asked = {kind: number for number, kind, _ in found(record_id)}
    face = asked[IdentifierKind.FACE]
    page = desk.get(f"/desk/records/{record_id}/privacy?finding={face}").text
    assert "Does this picture show a face?" in page
    assert "Yes: leave it out" in page
    assert "In the file: word/media/image1.png" in page
    assert "Role instead" not in page
    decide(desk, record_id, face, "redacted")
    states = {kind: state for _, kind, state in found(record_id)}
    assert states[IdentifierKind.FACE] is FindingState.REDACTED
    always = desk.get(f"/desk/records/{record_id}/privacy?finding={asked['comment']}").text
    assert "The copy for readers never has this" in always
    assert "Open again" not in always


def test_of_two_findings_that_overlap_the_one_in_focus_is_marked(desk, make_record, found) -> None:
    record_id = make_record(publish=False, summary=NAMED)
    for number, _, _ in found(record_id):
        page = desk.get(f"/desk/records/{record_id}/privacy?finding={number}").text
        text = re.search(
            r'<div class="as-is".*?</div>', page[page.index("<h2>Summary") :], re.DOTALL
        )
        plain = re.sub(r"<span class=\"kind\".*?</span>|<[^>]*>", "", text.group(0))
        assert plain == NAMED


def test_the_part_stands_in_the_page(desk, named) -> None:
    address = f"/desk/records/{named}/privacy"
    part = desk.get(address, headers={"HX-Request": "true"}).text
    assert part in desk.get(address).text


def test_nothing_found_is_said(desk, make_record) -> None:
    record_id = make_record(publish=False)
    page = desk.get(f"/desk/records/{record_id}/privacy").text
    assert "Nothing was found that may name people." in page
    assert desk.get("/desk/records/99/privacy").status_code == 404
    assert decide(desk, record_id, 99, "kept").status_code == 404
    assert decide(desk, record_id, 99, "burnt").status_code == 422


def test_what_people_wrote_is_escaped(desk, make_record, library) -> None:
    record_id = make_record(
        publish=False,
        title=f"Mrs Amina Juma {HOSTILE}",
        summary=f"{HOSTILE} Mrs Amina Juma {HOSTILE}",
        sections=(Section(heading=HOSTILE, body=HOSTILE),),
        change_ideas=(ChangeIdea(text=f"Mrs Amina Juma {HOSTILE}"),),
    )
    with library.writing() as session:
        hidden = [Hidden(IdentifierKind.COMMENT, HOSTILE, HOSTILE)]
        findings.scan(session, record_id, hidden=hidden)
        session.commit()
        last = findings.of(session, record_id)[-1].id
    for address in ("", f"?finding={last}"):
        page = desk.get(f"/desk/records/{record_id}/privacy{address}").text
        assert "<script>alert" not in page
        assert page.count("&lt;script&gt;alert(1)") >= 5


def test_the_queries_of_the_page_do_not_grow_with_its_findings(desk, make_record, queries) -> None:
    def count(record_id: int) -> int:
        queries.clear()
        assert desk.get(f"/desk/records/{record_id}/privacy").status_code == 200
        return len(queries)

    few = make_record(publish=False, summary=NAMED)
    numbers = " ".join(f"Call 0712 345 {number} now." for number in range(100, 150))
    many = make_record(publish=False, summary=numbers)
    make_record(publish=False, summary=NAMED)  # so that another one follows both
    count(few)  # what is read once stands ready
    assert count(few) == count(many)


def test_the_picture_is_shown_drawn_anew(desk, client, library, story, tmp_path) -> None:
    file = tmp_path / "ward.png"
    Image.new("RGB", (900, 600), (0, 128, 128)).save(file)
    sha256 = originals.sha256_of(file)
    with library.writing() as session:
        folder = library.settings.originals
        originals.keep(session, file, folder=folder, sha256=sha256, media_type="image/png")
        record_id = records.create(session, story, by="test", original=sha256).id
        hidden = [
            Hidden(IdentifierKind.FACE, "the picture", "900 × 600 pixels"),
            Hidden(IdentifierKind.FACE, "../../etc/passwd", "no picture"),
            Hidden(IdentifierKind.METADATA, "the picture", "Artist: somebody"),
        ]
        asked = findings.scan(session, record_id, hidden=hidden)
        session.commit()
        number = {(one.kind, one.field): one.id for one in asked}
    face = number[IdentifierKind.FACE, "file:the picture"]
    address = f"/desk/records/{record_id}/pictures/"
    page = desk.get(f"/desk/records/{record_id}/privacy?finding={face}").text
    assert f'<img src="{address}{face}"' in page
    shown = desk.get(f"{address}{face}")
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["cache-control"] == "no-store"
    assert Image.open(BytesIO(shown.content)).size == (640, 427)
    elsewhere = number[IdentifierKind.FACE, "file:../../etc/passwd"]
    assert desk.get(f"{address}{elsewhere}").status_code == 422
    said_of_it = number[IdentifierKind.METADATA, "file:the picture"]
    assert desk.get(f"{address}{said_of_it}").status_code == 404
    assert client.get(f"{address}{face}", follow_redirects=False).status_code == 303
