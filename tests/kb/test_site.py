"""The file that makes a library somebody's own: what it sets, and what is said when it is wrong."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from kb.contrast import READABLE, contrast
from kb.errors import InvalidError
from kb.palette import DARK, LIGHT
from kb.settings import Settings
from kb.site import Site, Words, file_of, read, site_of, terms_of

LANGUAGES = ("en", "fr", "ar")
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40"/></svg>'
STYLESHEET = Path(__file__).parents[2] / "web/static/maktaba.css"


@pytest.fixture
def write(tmp_path):
    """Write a site file; return its path."""

    def write_it(text: str, name: str = "site.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_it


def wrong(path: Path) -> str:
    with pytest.raises(InvalidError) as caught:
        read(path, LANGUAGES)
    assert caught.value.hint
    return str(caught.value)


def test_a_library_without_a_file_is_as_it_comes(tmp_path) -> None:
    assert file_of(Settings(data=tmp_path)) is None
    site = site_of(Settings(data=tmp_path), LANGUAGES)
    assert site == Site(languages=LANGUAGES)
    assert not site.has_own_colours


def test_the_file_lies_in_the_data_folder_unless_it_is_named(write, tmp_path) -> None:
    own = write('name = "In the folder"')
    other = write('name = "Elsewhere"', "other.toml")
    assert file_of(Settings(data=tmp_path)) == own
    assert site_of(Settings(data=tmp_path)).name == "In the folder"
    assert site_of(Settings(data=tmp_path, site=other)).name == "Elsewhere"


def test_a_file_that_is_named_and_not_there_is_missed(tmp_path) -> None:
    with pytest.raises(InvalidError, match=r"KB_SITE names .*lost\.toml"):
        site_of(Settings(data=tmp_path, site=tmp_path / "lost.toml"))


def test_a_name_in_the_environment_goes_before_the_file_in_every_language(write, tmp_path) -> None:
    write('name = "Ministry"\n[texts.fr]\nname = "Ministère"\nfooter = "Pied"')
    site = site_of(Settings(data=tmp_path, name="A trial"), LANGUAGES)
    assert (site.called("en"), site.called("fr")) == ("A trial", "A trial")
    assert site.text("footer", "fr") == Words("Pied", "fr")
    assert site_of(Settings(data=tmp_path), LANGUAGES).called("fr") == "Ministère"


def test_a_text_is_in_the_readers_language_else_in_the_first_that_has_it(write) -> None:
    site = read(
        write(
            'name = "Library"\nlanguages = ["fr", "en", "ar"]\n'
            '[texts.en]\nhome_title = "How?"\nabout = "We"\n[texts.fr]\nhome_title = "Comment ?"'
        ),
        LANGUAGES,
    )
    assert site.text("home_title", "en") == Words("How?", "en")
    assert site.text("home_title", "ar") == Words("Comment ?", "fr")
    assert site.text("about", "ar") == Words("We", "en")
    assert site.text("terms", "en") is None
    assert site.called("ar") == "Library"


def test_the_short_name_is_the_name_where_there_is_none(write) -> None:
    site = read(write('name = "Long name"\n[texts.fr]\nshort_name = "Bref"'), LANGUAGES)
    assert (site.called_in_short("en"), site.called_in_short("fr")) == ("Long name", "Bref")


def test_everything_that_is_wrong_is_said_at_once_with_key_and_remedy(write) -> None:
    path = write(
        'nam = "x"\nname = 3\nlogo = "no.svg"\nlanguages = ["en", "xx"]\nlicence = "cc by 4"\n'
        'contact = "phone"\ntaxonomy = "a.yaml"\n[colours]\naccent_dark = "blue"\naccnt = "x"\n'
        '[texts.fr]\nhome_titel = "x"\n[texts.en]\nhome_examples = ["1","2","3","4","5","6","7"]'
    )
    said = wrong(path).splitlines()
    assert all(line.startswith(f"{path}: ") for line in said)
    told = dict(line.removeprefix(f"{path}: ").split(": ", 1) for line in said)
    assert told == {
        "name": 'write a text in quotes, such as "…".',
        "nam": "there is no such key. Did you mean “name”?",
        "logo": told["logo"],
        "languages": "the pages are not written in “xx”. There is en, fr, ar.",
        "licence": told["licence"],
        "contact": "“phone” is neither an e-mail address nor begins with https://.",
        "taxonomy": 'write a list in brackets, such as ["…", "…"].',
        "colours.accent_dark": "write a colour as #0b5c6b: six digits of 0-9 and a-f.",
        "colours.accnt": "there is no such key. Did you mean “accent”?",
        "texts.fr.home_titel": "there is no such key. Did you mean “home_title”?",
        "texts.en.home_examples": "these are too many: at most 6.",
    }
    assert "no.svg cannot be read" in told["logo"]
    assert told["licence"].endswith("Did you mean “CC-BY-4.0”?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "no end', "is not TOML"),
        ('name = "a"\nname = "b"', "is not TOML"),
        ("languages = []", "name one language at least"),
        ("texts = 3", "texts: write a heading"),
        ("[texts]\nen = 3", "texts.en: write a heading in brackets, such as [texts.en]"),
        ('[texts.tlh]\nname = "x"', "the pages are not written in “tlh”"),
        ('name = ""', "name: it is empty"),
        ('short_name = "a name that is far too long"', "at most 24 letters"),
        ("facets = [3]", "facets.0: write a text in quotes"),
        ("taxonomy = ['lost.yaml']", "lost.yaml is not there"),
        ('logo = "."', "cannot be read"),
    ],
)
def test_what_cannot_be_is_told_in_plain_words(write, text, said) -> None:
    assert said in wrong(write(text))


def test_a_file_in_another_encoding_is_told(tmp_path) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes('name = "Bibliothèque"'.encode("latin-1"))
    assert "is not written in UTF-8" in wrong(path)


def test_a_colour_that_cannot_be_read_is_refused_with_its_contrast_and_the_nearest(write) -> None:
    said = wrong(write('[colours]\naccent = "#F2C200"\naccent_dark = "#003399"'))
    assert (
        "“#f2c200” is hard to read on light pages: its contrast is 1.6, and 4.5 is needed" in said
    )
    light, dark = re.findall(r"nearest that can be read is “(#\w+)”", said)
    own = read(write(f'[colours]\naccent = "{light}"\naccent_dark = "{dark}"')).colours
    assert (own.accent, own.accent_dark) == (light, dark)


def test_the_accent_of_dark_pages_follows_from_the_one_of_light_pages(write) -> None:
    assert read(write("")).colours.dark == DARK.accent
    own = read(write('[colours]\naccent = "#0a6b3d"'))
    assert own.colours.dark == DARK.nearest("#0a6b3d")
    assert own.has_own_colours
    assert read(write('[colours]\naccent_dark = "#ffffff"')).colours.dark == "#ffffff"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(
    "colour", ["#f2c200", "#ff0000", "#003399", "#808080", "#ffffff", "#000000"]
)
def test_the_nearest_colour_can_be_read_wherever_it_stands(theme, colour) -> None:
    near = theme.nearest(colour)
    for ground in (theme.paper, theme.card, theme.tint(near)):
        assert contrast(near, ground) >= READABLE
    assert contrast(theme.on_accent, near) >= READABLE


def test_the_grounds_are_those_of_the_stylesheet() -> None:
    css = STYLESHEET.read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, flags=re.DOTALL)[:2]
    for theme, rules in ((LIGHT, light), (DARK, dark)):
        said = dict(re.findall(r"--([\w-]+): (#\w+)", rules))
        full = {name: re.sub(r"^#(.)(.)(.)$", r"#\1\1\2\2\3\3", one) for name, one in said.items()}
        assert (full["paper"], full["card"]) == (theme.paper, theme.card)
        assert (full["accent"], full["on-accent"]) == (theme.accent, theme.on_accent)


@pytest.mark.parametrize(
    ("drawing", "said"),
    [
        (SQUARE.replace("<rect", "<script>alert(1)</script><rect"), "holds <script>"),
        (SQUARE.replace("<rect", '<rect onload="alert(1)"'), "has a script (onload)"),
        (SQUARE.replace("<rect", '<image href="https://x.example/a.png"/><rect'), "leads to https"),
        (SQUARE.replace("<rect", "<foreignObject/><rect"), "holds <foreignobject>"),
        ("<!DOCTYPE svg>" + SQUARE, "has a DOCTYPE"),
        (SQUARE.replace("</svg>", ""), "is damaged"),
        ("GIF89a", "neither an SVG nor a PNG"),
        (SQUARE.replace("</svg>", " " * 20_000 + "</svg>"), "an SVG may have 20,000"),
    ],
)
def test_a_logo_only_shows(write, drawing, said) -> None:
    write(drawing, "logo.svg")
    assert said in wrong(write('logo = "logo.svg"'))


def test_a_logo_is_found_beside_its_file_and_says_its_shape(write) -> None:
    write(SQUARE, "logo.svg")
    site = read(write('logo = "logo.svg"'))
    assert site.picture is not None
    assert (site.picture.ratio, site.picture.is_drawing) == (2.0, True)


def test_a_picture_may_be_larger_than_a_drawing_but_not_any_size(write, tmp_path) -> None:
    stream = BytesIO()
    Image.new("RGB", (300, 100), "navy").save(stream, "PNG")
    (tmp_path / "logo.png").write_bytes(stream.getvalue())
    site = read(write('logo = "logo.png"'))
    assert site.picture is not None
    assert site.picture.ratio == 3.0
    (tmp_path / "logo.png").write_bytes(stream.getvalue() + b"\0" * 500_000)
    assert "a PNG may have 500,000" in wrong(write('logo = "logo.png"'))


def test_a_broken_picture_and_one_that_grows_in_memory_are_refused(write, tmp_path) -> None:
    stream = BytesIO()
    Image.effect_noise((200, 200), 60).save(stream, "PNG")
    (tmp_path / "logo.png").write_bytes(stream.getvalue()[:2000])
    assert "logo.png is damaged" in wrong(write('logo = "logo.png"'))
    Image.new("1", (20_000, 8)).save(tmp_path / "logo.png")
    assert "20000 × 8 pixels" in wrong(write('logo = "logo.png"'))


def test_the_licence_of_the_library_is_not_put_on_what_came_from_elsewhere(write) -> None:
    site = read(write('licence = "CC-BY-4.0"'))
    assert site.licence_of("", "") == "CC-BY-4.0"
    assert site.licence_of("CC0-1.0", "") == "CC0-1.0"
    assert site.licence_of("", "another library, 7") == ""


OWN_TERMS = """
scheme: {id: tz, version: 2026.1, languages: [en]}
topics:
  - id: national-programmes
    broader: [health-system-foundations]
    pref: {en: National programmes}
  - id: safe-birth-programme
    broader: [national-programmes]
    pref: {en: Safe birth programme}
"""


def test_own_concepts_come_with_the_file_and_may_be_a_facet(write, tmp_path) -> None:
    write(OWN_TERMS, "own.yaml")
    write('taxonomy = ["own.yaml"]\nfacets = ["national-programmes"]')
    terms = terms_of(Settings(data=tmp_path), LANGUAGES)
    assert [term.notation for term in terms.narrower("national-programmes")] == [
        "safe-birth-programme"
    ]


@pytest.mark.parametrize(
    ("facet", "said"),
    [
        ("national-programms", "has no concept “national-programms”. Did you mean “national-"),
        ("safe-birth-programme", "nothing stands below “safe-birth-programme”"),
    ],
)
def test_a_facet_that_leaves_nothing_to_choose_is_refused(write, tmp_path, facet, said) -> None:
    write(OWN_TERMS, "own.yaml")
    write(f'taxonomy = ["own.yaml"]\nfacets = ["{facet}"]')
    with pytest.raises(InvalidError, match=re.escape(said)):
        terms_of(Settings(data=tmp_path), LANGUAGES)
