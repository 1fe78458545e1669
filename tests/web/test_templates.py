"""What must hold of every template and of the stylesheet."""

import gzip
import re

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from kb.card import FIELDS
from kb.vocabulary import Awaits, Became, IdentifierKind, LikenessKind, Scheme, TagSource
from web import render
from web.assets import FOLDER
from web.pictures import runchart
from web.render import environment, excerpt, marked

TEMPLATES = FOLDER.parent / "templates"
FIRST_VIEW_KB = {"/": 60, "/search?q=scale": 80, "/records/1": 80}


def sources() -> dict[str, str]:
    files = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    return {str(f.relative_to(TEMPLATES)): f.read_text(encoding="utf-8") for f in files}


def test_only_one_place_prints_html_it_did_not_escape() -> None:
    found = [name for name, text in sources().items() for _ in re.findall(r"\|\s*safe\b", text)]
    assert found == ["_signs.html"]
    assert not any("autoescape" in text for text in sources().values())


def test_no_template_carries_script_or_style_of_its_own() -> None:
    for name, text in sources().items():
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", text), name
        # Data for programs are no script: no browser runs them, and the policy does not ask.
        scripts = text.replace('<script type="application/ld+json">', "")
        assert not re.search(r"<script(?![^>]*\ssrc=)", scripts), name


def test_a_template_is_translated_once_for_all_languages(library, monkeypatch) -> None:
    translated: list[str] = []
    compiled = Environment.compile

    def hear(env, source, name=None, *rest, **named):
        translated.append(name)
        return compiled(env, source, name, *rest, **named)

    monkeypatch.setattr(Environment, "compile", hear)
    shelf = DictLoader({"figure.html": "{{ 1234567|number }}"})  # nothing of it is one language's
    monkeypatch.setattr(render, "PackageLoader", lambda _package: shelf)
    in_each = {
        environment(library, language).get_template("figure.html").render()
        for language in ("en", "fr")
    }
    assert len(in_each) == 2
    assert translated == ["figure.html"]


def test_no_template_is_long() -> None:
    assert {name for name, text in sources().items() if text.count("\n") > 120} == set()


def test_the_stylesheet_is_small_and_mirrors_by_itself() -> None:
    css = (FOLDER / "maktaba.css").read_text(encoding="utf-8")
    assert len(gzip.compress(css.encode())) < 12 * 1024
    css += (FOLDER / "desk.css").read_text(encoding="utf-8")
    physical = (
        r"(margin|padding|border|inset)-(left|right|top|bottom)|[;{]\s*(left|right|width|height):"
    )
    assert not re.search(physical, css)


def test_every_class_of_the_charts_has_a_style() -> None:
    css = (FOLDER / "maktaba.css").read_text(encoding="utf-8")
    classes = set(re.findall(r"\bchart-[a-z-]+", runchart.__doc__ or "")) - {"chart-axis"}
    assert len(classes) > 8
    assert {name for name in classes if f".{name}" not in css} == set()


def test_the_desk_has_words_for_every_value(library) -> None:
    words = environment(library).get_template("desk/_words.html").module
    for named, kind in (
        (words.awaits, Awaits),
        (words.kinds, IdentifierKind),
        (words.sources, TagSource),
        (words.alike, LikenessKind),
        (words.became, Became),
        (words.schemes, Scheme),
        (words.card, FIELDS),
    ):
        assert set(named) == set(kind)


def test_the_vendored_script_has_its_licence_beside_it() -> None:
    for script in FOLDER.glob("*.min.js"):
        assert (FOLDER / script.name.replace(".min.js", ".LICENSE.txt")).exists()


def test_a_first_view_is_light(client, shelf, series) -> None:
    shelf(measures=(series,))
    for address, limit_kb in FIRST_VIEW_KB.items():
        page = client.get(address)
        linked = re.findall(r'(?:<script src|rel="stylesheet" href)="([^"]+)"', page.text)
        sent = [page.content, *(client.get(file).content for file in linked)]
        assert sum(len(gzip.compress(part)) for part in sent) < limit_kb * 1024, address


def test_highlights_are_escaped_first_and_marked_after() -> None:
    text = "Wash <b>hands</b> & wait"
    assert marked(text, ((8, 13), (0, 4))) == (
        "<mark>Wash</mark> &lt;b&gt;<mark>hands</mark>&lt;/b&gt; &amp; wait"
    )
    assert marked("<i>", ()) == "&lt;i&gt;"


@given(
    text=st.text(alphabet="ab \n<&", max_size=200),
    data=st.data(),
    length=st.integers(min_value=5, max_value=80),
)
def test_an_excerpt_is_short_and_its_marks_stand_on_the_same_words(text, data, length) -> None:
    words = [(m.start(), m.end()) for m in re.finditer(r"[ab]+", text)]
    chosen = data.draw(st.lists(st.sampled_from(words), unique=True)) if words else []
    shown = excerpt(text, chosen, length)
    plain = re.sub(r"</?mark>", "", shown).removeprefix("… ").removesuffix(" …")
    assert Markup(plain).unescape().replace(" · ", "\n") in text.replace(" · ", "\n")
    assert len(Markup(plain).unescape().replace(" · ", "\n")) <= length
    marks = re.findall(r"<mark>(.*?)</mark>", shown)
    assert set(marks) <= {text[a:b] for a, b in chosen}


def test_an_excerpt_shows_the_place_with_the_most_matches() -> None:
    text = "feed " + "x " * 200 + "the first feed within one hour " + "y " * 200
    spans = [(m.start(), m.end()) for m in re.finditer("feed|hour", text)]
    shown = excerpt(text, spans, 100)
    assert "first <mark>feed</mark> within one <mark>hour</mark>" in shown
    assert len(shown) < 140
