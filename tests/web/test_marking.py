"""Marks around passages in HTML that is already safe."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from kb import markup
from web.marking import Anchor, holds, with_marks


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_a_quote_is_found_across_cells_and_paragraphs() -> None:
    html = markup.to_html("One.\n\nTwo *three*\n\n| May | 20 |\n|---|---|\n| June | 30 |")
    marked = with_marks(html, [Anchor("a", "three | May | 20"), Anchor("b", "30")])
    assert '<em><mark id="a">three</mark></em>' in marked
    assert "<mark>20</mark>" in marked
    assert '<mark id="b">30</mark>' in marked


def test_quotes_that_overlap_share_their_marks() -> None:
    marked = with_marks("<p>one two three</p>", [Anchor("a", "one two"), Anchor("b", "two three")])
    assert marked.count("<mark") == 3
    assert 'id="a"' in marked
    assert 'id="b"' in marked
    twice = with_marks("<p>one two</p>", [Anchor("a", "one"), Anchor("b", "one two")])
    assert '<span id="b"></span><mark id="a">one' in twice


def test_attributes_and_escapes_stay_as_they_are() -> None:
    html = '<p><a href="/x" title="a > b">a &lt; b</a> &amp; c</p>'
    assert with_marks(html, [Anchor("n", "b & c")]) == (
        '<p><a href="/x" title="a > b">a &lt; <mark id="n">b</mark></a><mark> &amp; c</mark></p>'
    )


def test_what_is_not_there_changes_nothing() -> None:
    assert with_marks("<p>one</p>", [Anchor("a", "two"), Anchor("b", "…")]) == "<p>one</p>"
    assert not holds("one", "…")


@given(
    text=st.text(alphabet="ab <>&*|\n\"'", max_size=80),
    quotes=st.lists(st.text(alphabet="ab <&", max_size=6), max_size=4),
)
def test_marks_change_no_word_and_leave_every_tag_whole(text, quotes) -> None:
    html = markup.to_html(text)
    anchors = [Anchor(f"n{number}", quote) for number, quote in enumerate(quotes)]
    marked = with_marks(html, anchors)
    assert plain(marked) == plain(html)
    without = re.sub(r"</?mark[^>]*>|<span id=[^>]*></span>", "", marked)
    assert unescape(without) == unescape(html)
