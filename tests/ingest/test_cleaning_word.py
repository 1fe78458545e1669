"""The copy of a Word document: names however they are written, fields, comments, changes."""

import io
import re

import docx
import pytest

from ingest.cleaning import Order, clean
from ingest.document import Format
from ingest.readers.hidden import hidden_in
from kb.vocabulary import IdentifierKind
from tests.ingest.identifying import (
    LIMITS,
    MOTHER,
    in_body,
    left_in,
    plain,
    run,
    word_file,
)

pytestmark = pytest.mark.no_library


def test_word_keeps_inserted_text_and_loses_deleted_text_comments_and_properties() -> None:
    found = {(one.kind, one.where) for one in hidden_in(word_file(), Format.DOCX, LIMITS).hidden}
    assert {
        (IdentifierKind.METADATA, "docProps/core.xml"),
        (IdentifierKind.COMMENT, "word/comments.xml"),
        (IdentifierKind.TRACKED_CHANGE, "word/document.xml"),
        (IdentifierKind.FACE, "word/media/image1.jpg"),
        (IdentifierKind.COORDINATES, "word/media/image1.jpg"),
    } <= found
    copy = clean(word_file(), Format.DOCX, Order(), LIMITS).data
    left = hidden_in(copy, Format.DOCX, LIMITS).hidden
    assert {one.kind for one in left} == {IdentifierKind.FACE}
    again = docx.Document(io.BytesIO(copy))
    assert "Kept words." in "\n".join(line.text for line in again.paragraphs)


def test_text_beside_the_document_s_own_is_told() -> None:
    beside = hidden_in(word_file(), Format.DOCX, LIMITS).beside
    assert any("Told by Nyambura of the night shift" in one.text for one in beside)


@pytest.mark.parametrize(
    "words",
    [
        run("Told by Zawadi</w:t><w:br/><w:t>Kilonzo"),
        run("Told by Zaw") + run("adi</w:t><w:tab/><w:t>KILONZO"),
        run("Told by Za\u0301wadi\u00ad Kil\u200bonzo"),
        run("Told by Zawadi\u00a0\u00a0Kilonzo."),
        run("Told by the nurse (") + run("Zawadi-Kilonzo") + run(")"),
    ],
)
def test_a_name_goes_however_it_is_written(words) -> None:
    copy = clean(in_body(words), Format.DOCX, Order(MOTHER), LIMITS).data
    text = "\n".join(line.text for line in docx.Document(io.BytesIO(copy)).paragraphs)
    assert "a mother" in text
    assert not {"zawadi", "kilonzo"} & set(re.findall(r"\w+", plain(copy)))


FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {} </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
BOUND = (
    '<w:sdt><w:sdtPr><w:dataBinding w:xpath="/cp:coreProperties[1]/dc:creator[1]"/></w:sdtPr>'
    "<w:sdtContent>{}</w:sdtContent></w:sdt>"
)


@pytest.mark.parametrize(
    "words",
    [
        FIELD.format("AUTHOR", run("Oldname")),
        FIELD.format("FILENAME \\p", run("C:/Users/Oldname/x.docx")),
        f'<w:fldSimple w:instr=" LASTSAVEDBY ">{run("Oldname")}</w:fldSimple>',
        run("Oldname", "<w:vanish/>"),
        BOUND.format(run("Oldname")),
        f'<w:ins w:author="Oldname" w:id="3">{run("Kept.")}</w:ins>',
    ],
)
def test_word_tells_nothing_of_its_author_in_fields_and_hidden_words(words) -> None:
    assert not left_in(clean(in_body(words), Format.DOCX, Order(), LIMITS).data)


def test_a_field_that_names_nobody_stays() -> None:
    copy = clean(in_body(FIELD.format("PAGE", run("7"))), Format.DOCX, Order(), LIMITS).data
    assert docx.Document(io.BytesIO(copy)).paragraphs[0].text == "7"


def test_a_name_that_was_looked_at_and_kept_does_not_refuse_the_copy() -> None:
    words = run("Mrs Zawadi Kilonzo may be named: she agreed.")
    assert "Zawadi" in _plain_text(clean(in_body(words), Format.DOCX, Order(), LIMITS).data)


def _plain_text(copy: bytes) -> str:
    return "\n".join(line.text for line in docx.Document(io.BytesIO(copy)).paragraphs)
