"""Photos on the page of a record: who sees them, what they cost, and when they are gone."""

import re
from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from kb import consent, copies, drafts, findings, records, users
from kb.consent import Agreed
from kb.content import Place
from kb.leftovers import whole
from kb.models import Attachment, SourceFile, StoryDraft
from kb.vocabulary import FindingState, Naming, Role, Status, Visibility
from tests.web.test_tell import begin
from web.filling import quietly
from web.pages.desk import photos
from web.photos import MOST
from web.publish.site import Wanted, publish_site
from web.uploads import clean_photo

PLACE = {"country": "TZA", "admin1": "Mbeya", "admin2": "Rungwe", "facility": "Ilulu Clinic"}
TODAY = date(2026, 11, 28)
HOSTILE = 'At Ilulu Clinic <b>caps</b> & "wool"'
DIGEST = "ab" * 32


@pytest.fixture
def folder(library):
    """Where copies lie, with a photo that no quality makes small: noise."""
    target = copies.where(library.settings.copies, DIGEST)
    if not target.exists():
        with whole(target) as file:
            Image.effect_noise((1_600, 1_200), 120).convert("RGB").save(file, "JPEG", quality=90)
    return library.settings.copies


@pytest.fixture
def pictured(library, shelf, engine, folder):
    """A published record with a photo; return its number."""
    told = {"places": (Place(**PLACE),), "naming": Naming.TYPE_AND_DISTRICT}
    record_id = shelf(**told)
    with Session(engine) as session:
        session.add(SourceFile(sha256=DIGEST, name="photo.jpg", media_type="image/jpeg", size=9))
        session.flush()
        session.add(
            Attachment(
                record_id=record_id, sha256=DIGEST, original=False, has_faces=False,
                caption=HOSTILE, alt_text="A line at Ilulu Clinic", clean=DIGEST, clean_note="",
            )
        )  # fmt: skip
        _agree(session, record_id)
        session.commit()
    return record_id


def _agree(session: Session, record_id: int, *, photos: bool = True) -> None:
    consent.record(session, record_id, Agreed(by_role="in-charge", photos=photos), by="t")


def test_a_photo_stands_on_the_page_late_sized_light_and_without_hidden_names(
    client, pictured
) -> None:
    page = client.get(f"/records/{pictured}").text
    (image,) = re.findall(r'<img src="/records/\d+/photos/1"[^>]*>', page)
    assert 'width="960" height="720" loading="lazy"' in image
    assert "A line at" in image
    assert "Ilulu" not in page
    assert "<b>caps" not in page
    assert "&lt;b&gt;caps&lt;/b&gt;" in page
    answer = client.get(f"/records/{pictured}/photos/1")
    assert answer.headers["content-type"] == "image/jpeg"
    assert len(answer.content) <= MOST
    with Image.open(BytesIO(answer.content)) as photo:
        assert not photo.getexif()
    known = {"If-None-Match": answer.headers["etag"]}
    assert client.get(f"/records/{pictured}/photos/1", headers=known).status_code == 304
    assert client.get(f"/records/{pictured}/photos/2").status_code == 404


def test_nobody_sees_a_photo_beyond_the_rules(client, signed_in, pictured, engine) -> None:
    address = f"/records/{pictured}/photos/1"

    def asked(**changes) -> tuple[int, bool]:
        with Session(engine) as session:
            record = records.get(session, pictured)
            (photo,) = record.attachments
            record.status = changes.get("status", Status.PUBLISHED)
            record.visibility = changes.get("visibility", Visibility.PUBLIC)
            photo.has_faces = changes.get("faces", False)
            _agree(session, pictured, photos=changes.get("photos", True))
            session.commit()
        page = client.get(f"/records/{pictured}").text
        return client.get(address).status_code, "/photos/1" in page

    assert asked() == (200, True)
    assert asked(faces=True) == (404, False)
    assert asked(faces=None) == (404, False)
    assert asked(photos=False) == (404, False)
    assert asked(status=Status.DRAFT) == (404, False)
    assert asked(visibility=Visibility.DISTRICT) == (404, False)
    near = signed_in(Role.CONTRIBUTOR, country="TZA", admin1="Mbeya", admin2="Rungwe")
    kept = near.get(address)
    assert (kept.status_code, kept.headers["cache-control"]) == (200, "no-store")
    far = signed_in(Role.CONTRIBUTOR, email="far@people.example", country="KEN", admin1="X")
    assert far.get(address).status_code == 404


def test_a_curator_looks_at_a_face_and_decides_with_a_reason(
    client, signed_in, pictured, engine, folder
) -> None:
    desk, record = f"/desk/records/{pictured}/photos", f"/records/{pictured}"
    with Session(engine) as session:
        records.get(session, pictured).attachments[0].has_faces = True
        session.commit()
    curator = signed_in(Role.CURATOR, email="c@people.example")
    far = signed_in(Role.CURATOR, email="far@people.example", country="KEN")
    assert "1 photo may show a face" in curator.get(f"/desk/records/{pictured}").text
    page = curator.get(desk).text
    assert "Readers do not see it" in page
    assert "&lt;b&gt;caps" in page and "<b>caps" not in page  # noqa: PT018
    (photo,) = re.findall(rf'src="({desk}/\d+)"', page)
    assert len(curator.get(photo).content) <= MOST
    assert far.get(photo).status_code in {403, 404}
    assert client.get(photo, follow_redirects=False).status_code == 303

    def seen(act: str, reason: str = HOSTILE, **more) -> tuple[int, int]:
        said = curator.post(photo, data={"act": act, "reason": reason}, **more).status_code
        return said, client.get(f"{record}/photos/1").status_code

    assert seen("agreed", reason=" ") == (422, 404)
    assert seen("covered") == (422, 404)  # without a copy
    assert seen("agreed") == (200, 200)
    assert seen("open") == (200, 404)
    assert seen("no-face") == (200, 200)
    assert seen("open") == (200, 404)
    out = BytesIO()
    Image.new("RGB", (80, 60), "#b5462f").save(out, "JPEG")
    copy = {"photo": ("covered.jpg", out.getvalue())}
    assert seen("covered", files=copy) == (200, 200)
    assert not copies.where(folder, DIGEST).exists()
    with Image.open(BytesIO(client.get(f"{record}/photos/1").content)) as shown:
        assert shown.size == (80, 60)
    (photo,) = re.findall(rf'src="({desk}/\d+)"', curator.get(desk).text)
    assert seen("remove") == (200, 404)
    assert "/photos/" not in client.get(record).text
    told = curator.get(f"/desk{record}/history").text
    words = ("the person agreed", "nobody can be recognised", "faces covered")
    assert all(f"Photo: {said}" in told for said in words)
    assert "Photo hidden again" in told
    assert "Photo removed" in told
    assert "<b>caps" not in told


def test_a_covered_copy_is_read_beside_other_writers_and_kept_only_with_its_reason(
    signed_in, library, pictured, monkeypatch
) -> None:
    curator = signed_in(Role.CURATOR, email="c@people.example")
    (number,) = re.findall(r"photos/(\d+)\"", curator.get(f"/desk/records/{pictured}/photos").text)
    out = BytesIO()
    Image.new("RGB", (80, 60), "#b5462f").save(out, "JPEG")
    kept = set(library.settings.data.rglob("*.jp*")) | set(library.settings.originals.rglob("*"))

    def read_beside_a_writer(upload):
        with library.writing() as session:  # waits for whoever writes, and gives up
            users.add(session, "w@people.example", by="tests")
            session.commit()
        return clean_photo(upload)

    monkeypatch.setattr(photos, "clean_photo", read_beside_a_writer)
    refused = curator.post(
        f"/desk/records/{pictured}/photos/{number}",
        data={"act": "covered", "reason": " "},
        files={"photo": ("covered.jpg", out.getvalue())},
    )
    assert "It is not said why." in refused.text
    now = set(library.settings.data.rglob("*.jp*")) | set(library.settings.originals.rglob("*"))
    assert now == kept  # nothing of what was refused


def test_a_record_that_is_taken_back_takes_its_photo_along(client, desk, pictured, folder) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    opened = desk.get(f"/desk/records/{pictured}/consent").text
    (action,) = set(re.findall(rf'action="(/desk/records/{pictured}/consent/[^"]*)"', opened))
    desk.post(action, data={"reason": "The team asked."}, headers=headers)
    assert client.get(f"/records/{pictured}/photos/1").status_code == 410
    assert not copies.where(folder, DIGEST).exists()


def test_a_copy_has_the_photos_that_are_agreed_to_where_asked_for(
    library, pictured, engine, tmp_path
) -> None:
    def copied(**wanted) -> tuple[bool, bool]:
        asked = Wanted(languages=("en",), **wanted)
        publish_site(library, tmp_path / "copy", wanted=asked, today=TODAY, step=quietly)
        page = (tmp_path / f"copy/records/{pictured}.html").read_text("utf-8")
        file = tmp_path / f"copy/photos/{pictured}-1.jpg"
        return file.is_file(), f"src=../photos/{pictured}-1.jpg " in page

    assert copied() == (False, False)
    assert copied(photos=True) == (True, True)
    with Session(engine) as session:
        _agree(session, pictured, photos=False)
        session.commit()
    assert copied(photos=True) == (False, False)


def test_deciding_what_names_somebody_costs_no_photo(client, pictured, engine) -> None:
    with Session(engine) as session:
        record = records.get(session, pictured)
        findings.scan(session, pictured, hidden=[])
        findings.decide(session, pictured, [], FindingState.KEPT, version=record.version, by="t")
        session.commit()
    assert client.get(f"/records/{pictured}/photos/1").status_code == 200


def test_a_photo_that_is_taken_away_goes_unless_another_story_has_it(
    signed_in, library, folder, tmp_path
) -> None:
    nurse = signed_in(Role.CONTRIBUTOR, **PLACE)
    stories = [begin(nurse), begin(nurse)]
    with library.writing() as session:
        for story in stories:
            draft = session.get(StoryDraft, int(story.rpartition("/")[2]))
            drafts.add_photo(session, draft, DIGEST, width=4, height=3)
        session.commit()
    kept = copies.where(folder, DIGEST)
    other = tmp_path / "other"
    other.write_text("of somebody else")
    nurse.post(f"{stories[0]}/photo", data={"do": f"delete {other}"})
    assert other.exists()
    nurse.post(f"{stories[0]}/photo", data={"do": f"delete {DIGEST}"})
    assert kept.exists()
    nurse.post(f"{stories[1]}/delete")
    assert not kept.exists()
