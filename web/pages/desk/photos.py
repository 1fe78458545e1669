"""Photos of a record that may show a face: looked at, covered, agreed to, or taken off."""

from io import BytesIO

from fastapi import APIRouter, Request, Response
from PIL import Image
from sqlalchemy.orm import Session

from kb import copies, faces, records
from kb.errors import ConflictError, InvalidError, KBError, NotFoundError, NotReadyError
from kb.faces import Covered
from kb.models import Attachment
from kb.permissions import Act
from kb.vocabulary import FaceRuling, Role
from kb.wording import marked
from web import photos
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.forms import Form
from web.pages.records import FOR_SAVING
from web.render import page, shown_next
from web.rules import may, needs
from web.uploads import MOST_PHOTO, FormWithFile, PhotoDep, clean_photo

router = APIRouter(
    prefix="/desk/records/{record_id}/photos",
    include_in_schema=False,
    dependencies=[needs(Role.CURATOR), may(Act.CURATE)],
)

REMOVE = "remove"
COULD_NOT = (ConflictError, InvalidError, NotReadyError)


@router.get("")
def photos_page(request: Request, session: ReadingDep, record_id: RecordId) -> Response:
    """Show the photos, who sees each, and what can be decided."""
    return _page(request, session, record_id)


@router.get("/{photo_id}")
def photo(
    session: ReadingDep, library: LibraryDep, record_id: RecordId, photo_id: RecordId
) -> Response:
    """Send a photo to its curator, whether readers see it or not."""
    clean = _found(session, record_id, photo_id).clean
    if clean is None:
        raise _no_photo()
    data = photos.small(copies.find(library.settings.copies, clean))
    return Response(data, media_type="image/jpeg", headers=FOR_SAVING)


@router.post("/{photo_id}")
def decide(
    request: Request,
    session: WritingDep,
    library: LibraryDep,
    person: PersonDep,
    sent: PhotoDep,
    *,
    record_id: RecordId,
    photo_id: RecordId,
) -> Response:
    """Write the decision down with its reason, and put or take away the picture that goes."""
    with library.reading() as before:  # nothing is locked while the photo that was sent is read
        _found(before, record_id, photo_id)
    form, act = sent.form, sent.form.text("act")
    said = {"by": person.by, "reason": form.text("reason")}
    gone = []
    try:
        if act == FaceRuling.COVERED:
            folders = library.settings.originals, library.settings.copies
            copy = _covered(sent)
            gone = [
                faces.cover(
                    session, record_id, photo_id, copy,
                    originals_in=folders[0], copies_in=folders[1], **said,
                )
            ]  # fmt: skip
        elif act == REMOVE:
            gone = [faces.remove(session, record_id, photo_id, **said)]
        else:
            faces.rule(session, record_id, photo_id, form.choice("act", FaceRuling), **said)
    except COULD_NOT as error:
        session.rollback()
        return _page(request, session, record_id, error=error, at=photo_id, typed=form)
    session.commit()
    with library.reading() as after:
        copies.delete(after, gone, folder=library.settings.copies)
    return shown_next(request, f"/desk/records/{record_id}/photos")


def _found(session: Session, record_id: int, photo_id: int) -> Attachment:
    found = next((one for one in faces.of(session, record_id) if one.id == photo_id), None)
    if found is None:
        raise _no_photo()
    return found


def _no_photo() -> NotFoundError:
    return NotFoundError(
        marked("This story has no such photo."), hint=marked("Look at its photos.")
    )


def _covered(sent: FormWithFile) -> Covered:
    upload = sent.file("photo")
    if upload is None:
        raise InvalidError(
            marked("No photo was chosen."), hint=marked("Choose the copy with the face covered.")
        )
    data = clean_photo(upload)
    with Image.open(BytesIO(data), formats=photos.KINDS) as image:
        kind = Image.MIME.get(image.format or "", "image/jpeg")
        return Covered(data, kind, *image.size)


def _page(
    request: Request,
    session: Session,
    record_id: int,
    *,
    error: KBError | None = None,
    at: int = 0,
    typed: Form | None = None,
) -> Response:
    record = records.get(session, record_id)
    status = next(STATUS[k] for k in type(error).__mro__ if k in STATUS) if error else 200
    agreed = record.consent
    return page(
        request,
        "desk/photos.html",
        status=status,
        record=record,
        photos=faces.of(session, record_id),
        is_hidden=faces.is_hidden,
        may_show=agreed is not None and agreed.photos and agreed.withdrawn is None,
        most_mb=MOST_PHOTO >> 20,
        error=error,
        at=at,
        typed=typed,
    )
