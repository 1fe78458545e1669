"""What file names say of versions."""

import pytest

from ingest.versionmarks import mark, newer


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("EIBF_story_FINAL_v2.docx", "EIBF_story_FINAL_v3_july.docx"),
        ("story v9.docx", "story v10.pdf"),
        ("story v2.9.docx", "story v2.10.docx"),
        ("story draft.docx", "story.docx"),
        ("story.docx", "story-FINAL.docx"),
        ("07_story_draft3.docx", "story draft 4.docx"),
        ("rapport brouillon.odt", "rapport version finale.odt"),
        ("informe borrador.docx", "informe última versión.docx"),
        ("story 2023-05-04.docx", "story 2023-06-01.docx"),
        ("story_20230504.docx", "story_20230601.docx"),
        ("story May 2023.docx", "story June 2023.docx"),
        ("rapport mai 2023.docx", "rapport juin 2023.docx"),
    ],
)
def test_the_newer_of_two_names_is_known_both_ways(earlier, later):
    one, two = mark(earlier), mark(later)
    assert one.stem == two.stem
    assert (newer(two, one), newer(one, two)) == (1, -1)


@pytest.mark.parametrize("name", ["story.docx", "story copy.pdf", "01-story.docx", "story (2).odt"])
def test_a_copy_is_neither_newer_nor_another_story(name):
    assert mark(name).stem == "story"
    assert newer(mark(name), mark("story.docx")) == 0


def test_words_that_only_begin_like_a_mark_stay():
    assert mark("finality of the vest review.docx").stem == "finality of the vest review"
    assert mark("v60 coffee.docx").number == (60,)
    assert mark("").stem == ""
