"""A document in the place of answers: read, shown back with its words, completed by questions."""

import tempfile
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from ingest import forms, found, story
from ingest.document import Document
from ingest.draft import Proposer
from ingest.pipeline import hidden_in
from ingest.questions import Kind
from kb import content, drafts, markup, originals
from kb.errors import InvalidError, NotReadyError
from kb.models import StoryDraft
from kb.vocabulary import Role
from kb.wording import marked
from web import story as screens
from web.deps import LibraryDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.library import Library
from web.pages.tell.mine import place_of
from web.render import language_of, page, shown_next
from web.rules import needs
from web.uploads import MOST_FILE, FormWithFile, Upload, UploadDep, read_document
from web.working import named

router = APIRouter(prefix="/tell", dependencies=[needs(Role.CONTRIBUTOR)], include_in_schema=False)

SHOWN = 600  # characters of an answer on the page that confirms it


@router.get("/document")
def document_page(request: Request) -> Response:
    """Ask for a document that tells the story."""
    return _page(request)


@router.post("/document")
def read_it(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    library: LibraryDep,
    sent: UploadDep,
) -> Response:
    """Read the document in the sandbox, and show what was found in it."""
    try:
        upload = _chosen(sent)
        document = _read(upload)
    except (InvalidError, NotReadyError) as error:
        return _page(request, error=error, note=sent.form.text("note"))
    language = screens.asked_in(language_of(request))
    kind, answers, beside, told_in = _answers(library, document, language)
    note = sent.form.text("note")
    draft = drafts.begin(session, person, kind=kind.name, language=told_in, path=screens.WHOLE)
    draft.answers = {**place_of(person, kind.name), **answers}
    draft.beside = [*map(list, beside), *([["", note]] if note else [])]
    naming = draft.answers.pop("F20", "")
    draft.agreed = {"naming": naming} if naming else {}
    _keep(session, library, draft, document, upload)
    session.commit()
    return shown_next(request, f"/tell/{draft.id}/found")


@router.get("/{draft_id}/found")
def found_page(
    request: Request, session: ReadingDep, person: PersonDep, draft_id: RecordId
) -> Response:
    """Show each question with what the document says to it."""
    draft = drafts.get(session, person, draft_id)
    kind, language = screens.kind_of(draft), screens.asked_in(language_of(request))
    open_ = screens.unanswered(kind, draft.answers)
    said = [
        (one, one.ask[language], _words(kind, one.code, draft, language))
        for one in screens.questions(kind, screens.WHOLE)
        if one.code not in open_
    ]
    short = [one for one in screens.about(kind, draft.answers, language) if one.value]
    return page(
        request, "tell/found.html", draft=draft, said=said, short=short,
        n_open=len(open_), beside=[(heading, _plain(text)) for heading, text in draft.beside],
        shown=SHOWN,
    )  # fmt: skip


@router.post("/{draft_id}/found")
def confirm(
    request: Request, session: WritingDep, person: PersonDep, draft_id: RecordId
) -> Response:
    """Go on with the questions that the document does not answer."""
    draft = drafts.get(session, person, draft_id)
    open_ = screens.unanswered(screens.kind_of(draft), draft.answers)
    drafts.choose_path(session, draft, " ".join(open_))
    address = f"/tell/{draft.id}/{screens.screens(draft)[0]}"
    session.commit()
    return shown_next(request, address)


def _chosen(sent: FormWithFile) -> Upload:
    upload = sent.file("file")
    if upload is None:
        raise InvalidError(
            marked("No document was chosen."), hint=marked("Choose a file, then send it.")
        )
    return upload


def _read(upload: Upload) -> Document:
    document = read_document(upload)
    if not document.markdown.strip():
        raise InvalidError(
            marked("There is no text in the file; it may be a picture of one."),
            hint=marked("Answer the questions instead, and add the picture as a photo."),
        )
    return document


def _answers(
    library: Library, document: Document, language: str
) -> tuple[Kind, dict[str, Any], list[tuple[str, str]], str]:
    """Return the template, the answers in the document, what is beside them, and their language."""
    filled = forms.read(document.form) if document.form else None
    if filled is not None:
        return filled.kind, story.unfilled(filled), filled.beside, filled.language
    encode = library.encoder.encode if library.encoder else None
    said: content.Record = Proposer(library.taxonomy, library.labels, encode)(document).record
    kind = found.kind_of(said)
    told_in = said.language if screens.asked_in(said.language) == said.language else language
    return kind, found.answers_of(said, kind), found.beside(said, kind), told_in


def _keep(
    session: Any, library: Library, draft: StoryDraft, document: Document, upload: Upload
) -> None:
    """Keep the file as it came, and what it hides for the curator."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, named(upload))
        path.write_bytes(upload.data)
        originals.keep(
            session,
            path,
            folder=library.settings.originals,
            sha256=digest_of(upload.data).hexdigest(),
            media_type=document.media_type,
        )
    session.flush()
    draft.sha256 = document.sha256
    draft.hidden = [[str(kind), where, text] for kind, where, text in hidden_in(document)]


def _words(kind: Kind, code: str, draft: StoryDraft, language: str) -> list[str]:
    """Return what answers a question, each idea or row of numbers on its own."""
    question = screens.question_of(kind, code)
    assert question is not None
    answer = draft.answers.get(code)
    found_ = [_plain(answer)] if isinstance(answer, str) else []
    for number in story.blocks(kind, question, draft.answers):
        fields = screens.block(kind, question, number, draft.answers, language)
        words = " · ".join(
            (one.choices or {}).get(one.value, one.value) for one in fields if one.value
        )
        rows = draft.answers.get(story.numbers_code(question, number), ())
        shown = ["  ".join(filter(None, row)) for row in rows]
        found_.append("\n".join([words, *shown]))
    return found_


def _plain(text: str) -> str:
    """Return the words of a text for who does not know the signs of Markdown."""
    return markup.to_text(text) or text


def _page(request: Request, *, error: Any = None, note: str = "") -> Response:
    status = next(STATUS[k] for k in type(error).__mro__ if k in STATUS) if error else 200
    return page(
        request, "tell/document.html", status=status, error=error, note=note,
        most_mb=MOST_FILE >> 20,
    )  # fmt: skip
