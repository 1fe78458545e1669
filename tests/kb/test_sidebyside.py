"""Two records side by side: nothing lost, what differs is marked, and long ones end."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kb.content import Record, Section
from kb.sidebyside import MOST_PARAGRAPHS, Pair, Span, differences, side_by_side


def record(*paragraphs: str, title: str = "Chest first") -> Record:
    return Record(title=title, sections=(Section(heading="Story", body="\n\n".join(paragraphs)),))


def said(spans: tuple[Span, ...]) -> str:
    return "".join(span.text for span in spans)


def marked(spans: tuple[Span, ...]) -> list[str]:
    return [span.text for span in spans if span.differs]


def test_a_record_beside_itself_has_no_difference():
    one = record("Weighing came first.", "Now it waits.")
    assert all(pair.same and not pair.moved for pair in side_by_side(one, one))


def test_the_changed_words_are_marked_and_no_others():
    one = record("Weighing came first.", "34 of 100 babies were fed in one hour.")
    two = record("Weighing came first.", "81 of 100 babies were fed in one hour.")
    [pair] = [pair for pair in side_by_side(one, two) if not pair.same]
    assert (marked(pair.left), marked(pair.right)) == (["34"], ["81"])


def test_an_added_and_a_removed_paragraph_stand_alone():
    one = record("Weighing came first.", "The scale stood far away.")
    two = record("Weighing came first.", "Nobody paid for this work, not even lunch.")
    pairs = [pair for pair in side_by_side(one, two) if not pair.same]
    assert [(said(pair.left), said(pair.right)) for pair in pairs] == [
        ("The scale stood far away.", ""),
        ("", "Nobody paid for this work, not even lunch."),
    ]


def test_a_moved_paragraph_is_said_to_have_moved():
    one = record("One came first.", "Then two.", "And three.", "Four at last.")
    two = record("Four at last.", "One came first.", "Then two.", "And three.")
    [pair] = [pair for pair in side_by_side(one, two) if pair.moved]
    assert said(pair.left) == said(pair.right) == "Four at last."
    assert pair.same


def test_another_title_and_heading_are_seen():
    pairs = side_by_side(record("x"), record("x", title="Chest first, scale later"))
    assert [pair.heading for pair in pairs] == [True, True, False]
    assert marked(pairs[0].right) == [", scale later"]


def test_another_layout_alone_is_no_difference():
    pairs = side_by_side(record("**Weighing** came first"), record("Weighing came  FIRST."))
    assert all(pair.same for pair in pairs)


def test_curators_see_words_and_no_signs_of_markdown():
    table = "| **Week** | Fed |\n| --- | --- |\n| 9 Jan | 9 |"
    one = record("*Invented.*", "1. **Chest first.** Then dry.\n2. Weigh later.", table)
    seen = [said(pair.left) for pair in side_by_side(one, one)][2:]
    assert seen == ["Invented.", "Chest first. Then dry.\nWeigh later.", "Week | Fed", "9 Jan | 9"]


def test_a_record_that_never_ends_is_compared_up_to_a_limit_and_that_is_said():
    long = record(*(f"Paragraph {n} of many." for n in range(MOST_PARAGRAPHS * 2)))
    pairs = side_by_side(long, record("Short."))
    assert len(pairs) <= MOST_PARAGRAPHS * 2
    assert "not compared" in said(pairs[-1].left)
    assert pairs[-1].right == ()


def test_a_paragraph_that_never_ends_is_marked_as_a_whole():
    one, two = "word " * 5000, "word " * 4999 + "other"
    left, right = differences(one, two)
    assert (left, right) == ((Span(one, True),), (Span(two, True),))


PARAGRAPHS = st.lists(
    st.sampled_from(["a b c d", "a b c e", "x y", "x y z", "- q", "a"]), max_size=8
)


@given(PARAGRAPHS, PARAGRAPHS)
def test_every_paragraph_of_both_stands_there_once(one, two):
    pairs: list[Pair] = side_by_side(record(*one), record(*two))
    one, two = ([text.removeprefix("- ") for text in texts] for texts in (one, two))
    assert Counter(filter(None, (said(p.left) for p in pairs))) == Counter(
        ["Chest first", "Story", *one]
    )
    assert Counter(filter(None, (said(p.right) for p in pairs))) == Counter(
        ["Chest first", "Story", *two]
    )
    assert [said(p.left) for p in pairs if p.left] == ["Chest first", "Story", *one]


@given(st.text(), st.text())
def test_the_spans_give_both_texts_back(one, two):
    left, right = differences(one, two)
    assert (said(left), said(right)) == (one, two)
    same = ["".join(span.text.split()).casefold() for span in left if not span.differs]
    assert same == ["".join(span.text.split()).casefold() for span in right if not span.differs]
