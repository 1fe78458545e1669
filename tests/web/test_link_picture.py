"""What a link shows in a message: nothing hidden, no empty boxes, no line out of the picture."""

import pytest
from PIL import features

from kb.content import ChangeIdea, Place
from kb.site import Site
from kb.vocabulary import Naming, Verdict
from tests.web.test_sharing import FED, PLACE, shown, story
from web import drawing
from web.drawing import drawable, font, runs_left, wrapped
from web.link_picture import LinkPicture, of_library, of_record, png
from web.names import Names

SITE = Site(name="Test shelf")


def test_a_picture_says_the_title_the_place_and_two_numbers(terms) -> None:
    picture = of_record(shown(story(verdict=Verdict.WORKED)), terms, SITE)
    assert picture.title == "The first hour"
    assert picture.where == "Ilulu · Rungwe · Tanzania · Worked"
    assert (picture.before, picture.after, picture.measure) == ("34%", "82%", FED.name)
    assert [value for _, value in picture.series] == [34, 82]
    assert picture.tried == ()


def test_a_picture_speaks_the_language_of_the_story(terms) -> None:
    picture = of_record(shown(story(language="fr", verdict=Verdict.WORKED)), terms, SITE)
    assert picture.where == "Ilulu · Rungwe · Tanzanie · A marché"


def test_without_numbers_a_picture_shows_what_was_tried(terms) -> None:
    picture = of_record(shown(story(measures=())), terms, SITE)
    assert picture.tried == ("Weigh later", "Warm the towels")
    assert picture.after == ""


@pytest.mark.parametrize(
    ("naming", "where"),
    [
        (Naming.TYPE_AND_COUNTRY, "Health centre / primary health centre · Tanzania"),
        (Naming.ANONYMOUS, ""),
    ],
)
def test_a_picture_names_the_place_as_its_team_allows(terms, naming, where) -> None:
    assert of_record(shown(story(naming=naming)), terms, SITE).where == where


@pytest.mark.parametrize("said", ["नमस्ते", "ሰላም", "大家好", "A 🙂"])
def test_what_no_font_here_can_write_is_left_out(terms, said) -> None:
    assert drawable(said) == ""
    assert of_record(shown(story(title=said)), terms, SITE).title == ""


@pytest.mark.parametrize("said", ["Œuf, ñandú, São, ẹ̀kọ́, “34 %” –", "Kituo cha Afya", "€ 1 · 2…"])
def test_latin_letters_of_every_language_are_written(said) -> None:
    assert drawable(said) == said


def test_a_sign_that_the_font_lacks_is_written_as_people_do_without() -> None:
    assert drawable("≥ 2 kg → 34 %") == ">= 2 kg – 34 %"


def test_arabic_is_written_where_its_letters_can_be_joined(monkeypatch) -> None:
    said = "الرضاعة خلال الساعة الأولى"
    assert runs_left(said)
    assert drawable(said) == (said if features.check("raqm") else "")
    monkeypatch.setattr(drawing.features, "check", lambda feature: False)
    assert drawable(said) == ""
    assert drawable("KMC 2024") == "KMC 2024"


def test_lines_stay_within_their_width() -> None:
    look = font(44)
    for text in ("word " * 90, "x" * 400, "a " + "y" * 300 + " z"):
        lines = wrapped(text, look, 600, 3)
        assert 1 <= len(lines) <= 3
        assert all(look.getlength(line) <= 600 for line in lines)
        assert any(line.endswith("…") for line in lines)
    assert wrapped("two words", look, 600, 3) == ["two words"]
    assert wrapped("", look, 600, 3) == []


def test_whatever_a_picture_says_it_weighs_little(terms) -> None:
    long = "Wording " * 60
    ideas = (ChangeIdea(text=long), ChangeIdea(text=long))
    for said in (
        story(title=long, measures=(FED.model_copy(update={"name": long}),)),
        story(title=long, measures=(), change_ideas=ideas, places=(Place(), PLACE)),
        story(title="x" * 500, measures=(), change_ideas=()),
    ):
        assert len(png(of_record(shown(said), terms, Site(name="Maktaba")))) <= 100_000
    for language in ("en", "fr", "ar"):
        assert len(png(of_library(SITE, Names(terms, language)))) <= 100_000


def test_a_picture_is_drawn_once_and_its_etag_follows_what_it_says() -> None:
    one, same, other = (LinkPicture("L", title) for title in ("A", "A", "B"))
    assert png(one) is png(same)
    assert one.etag == same.etag != other.etag
