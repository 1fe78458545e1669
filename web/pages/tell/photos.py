"""Photos of a story: made small and clean as they come, with faces asked for and words beside."""

from hashlib import sha256 as digest_of
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from PIL import Image
from sqlalchemy.orm import Session

from kb import copies, drafts, leftovers
from kb.errors import InvalidError, NotFoundError, NotReadyError
from kb.models import StoryDraft
from kb.vocabulary import Role
from kb.wording import marked
from web import story as screens
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.forms import Form
from web.pages.records import FOR_SAVING
from web.photos import KINDS
from web.render import page, shown_next
from web.rules import needs
from web.uploads import MOST_PHOTO, FormWithFile, PhotoDep, Upload, clean_photo

router = APIRouter(prefix="/tell", dependencies=[needs(Role.CONTRIBUTOR)], include_in_schema=False)

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
FACES = {"yes": True, "no": False}
DROP = "delete "  # before the digest of a photo that is taken away
PREVIEW = 640  # pixels of the longest side of a photo that is looked at while it is told


@router.get("/{draft_id}/photo")
def photos_page(
    request: Request, session: ReadingDep, person: PersonDep, draft_id: RecordId
) -> Response:
    """Show the photos of a story, and ask for one."""
    return _page(request, drafts.get(session, person, draft_id))


@router.post("/{draft_id}/photo")
def add(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    library: LibraryDep,
    sent: PhotoDep,
    *,
    draft_id: RecordId,
) -> Response:
    """Keep what is said of the photos, and one more, without what the camera wrote beside it."""
    draft = drafts.get(session, person, draft_id)
    act = sent.form.text("do")
    _describe(session, draft, sent.form)
    had = [one["sha256"] for one in draft.photos if act == DROP + one["sha256"]]
    for digest in had:
        drafts.drop_photo(session, draft, digest)
    session.commit()  # nothing is locked while a photo is read, and a bad one costs no word
    if act.startswith(DROP):
        copies.delete(session, had, folder=library.settings.copies)
        return shown_next(request, f"/tell/{draft.id}/photo", part=True)
    if act in {"back", "next"} and not sent.files.get("photo", ("", b""))[0]:
        where = screens.progress(draft, screens.PHOTO)
        address = f"/tell/{draft.id}/{where.before if act == 'back' else where.after}"
        return shown_next(request, address, part=True)
    try:
        data = clean_photo(_chosen(sent))
    except (InvalidError, NotReadyError) as error:
        return _page(request, draft, error=error)
    digest = digest_of(data).hexdigest()
    target = copies.where(library.settings.copies, digest)
    if not target.exists():
        with leftovers.whole(target) as file:
            file.write(data)
    with Image.open(BytesIO(data), formats=KINDS) as image:
        width, height = image.size
    drafts.add_photo(session, draft, digest, width=width, height=height)
    session.commit()
    return shown_next(request, f"/tell/{draft.id}/photo", part=True)


@router.get("/{draft_id}/photos/{digest}")
def photo(
    session: ReadingDep,
    person: PersonDep,
    library: LibraryDep,
    *,
    draft_id: RecordId,
    digest: Digest,
    small: bool = False,
) -> Response:
    """Send a photo to whoever tells the story; a `small` one costs her few bytes."""
    draft = drafts.get(session, person, draft_id)
    if all(one["sha256"] != digest for one in draft.photos):
        raise NotFoundError(
            marked("This story has no such photo."), hint=marked("Look at its photos.")
        )
    data = copies.find(library.settings.copies, digest).read_bytes()
    if small:
        return Response(_preview(data), media_type="image/jpeg", headers=FOR_SAVING)
    kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    kind = "image/webp" if data.startswith(b"RIFF") else kind
    return Response(data, media_type=kind, headers=FOR_SAVING)


def _describe(session: Session, draft: StoryDraft, form: Form) -> None:
    """Keep what a form says of each photo that it shows."""
    for digest in [one["sha256"] for one in draft.photos]:
        if f"caption.{digest}" in form.fields:
            said: dict[str, Any] = {key: form.text(f"{key}.{digest}") for key in ("caption", "alt")}
            said["faces"] = FACES.get(form.text(f"faces.{digest}"))
            drafts.describe_photo(session, draft, digest, **said)


def _preview(data: bytes) -> bytes:
    out = BytesIO()
    with Image.open(BytesIO(data), formats=KINDS) as image:
        image.thumbnail((PREVIEW, PREVIEW))
        image.convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


def _chosen(sent: FormWithFile) -> Upload:
    upload = sent.file("photo")
    if upload is None:
        raise InvalidError(marked("No photo was chosen."), hint=marked("Choose one, then add it."))
    return upload


def _page(request: Request, draft: StoryDraft, *, error: Any = None) -> Response:
    status = next(STATUS[k] for k in type(error).__mro__ if k in STATUS) if error else 200
    return page(
        request,
        "tell/photos.html",
        part="tell/_photos.html",
        status=status,
        draft=draft,
        name=screens.PHOTO,
        error=error,
        theirs=[],
        most_mb=MOST_PHOTO >> 20,
        most_photos=drafts.MOST_PHOTOS,
        progress=screens.progress(draft, screens.PHOTO),
    )
