"""Records that tell the same are found, and those that only look alike are not."""

import random
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ingest.duplicates import (
    IN_A_FORM,
    N_HASHES,
    Shelf,
    jaccard,
    resemblance,
    signature,
    text_of,
    unsigned,
)
from kb import content, records
from kb.errors import NotFoundError
from kb.models import Likeness, SourceFile, TextSignature
from kb.vocabulary import LikenessKind, LikenessState

WORDS = [f"{a}{b}" for a in ("ka", "mo", "ti", "lu", "se") for b in ("ra", "ni", "do", "gu", "wa")]


def text(seed: int, n: int = 200) -> str:
    """Words by chance: two seeds have next to nothing in common."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(WORDS, k=2)) for _ in range(n))


def changed(said: str, share: float, seed: int = 0) -> str:
    chance = random.Random(seed)
    return " ".join(
        f"other{chance.random()}"[:9] if chance.random() < share else word for word in said.split()
    )


@pytest.fixture
def add(session):
    """Keep a record of this text and note it on the shelf."""
    shelf = Shelf.load(session)

    def add(said: str, *, title="", name="", modified=None) -> tuple[int, list[Likeness]]:
        body = content.Section(heading="What we did", body=said)
        new = content.Record(title=title or f"Story {len(shelf)} {said[:20]}", sections=(body,))
        sha256 = uuid4().hex
        file = SourceFile(
            sha256=sha256, name=name or f"{sha256}.md", media_type="text/markdown", size=1
        )
        session.add(file)
        session.flush()
        record_id = records.create(session, new, by="test", original=sha256).id
        return record_id, shelf.note(session, record_id, text_of(new), modified=modified)

    add.shelf = shelf
    return add


def test_the_same_words_in_another_layout_are_the_same_text(add):
    first, none = add(text(1), title="One title")
    again, found = add("**" + text(1).upper().replace(" ", ",\n* ") + "**", title="One title")
    assert none == []
    [pair] = found
    assert (pair.kind, pair.score, pair.state) == (LikenessKind.SAME_TEXT, 1, LikenessState.OPEN)
    assert (pair.record_id, pair.other_id) == (again, first)


def test_a_title_that_one_reader_left_out_makes_no_other_text(session, add):
    first, _ = add(text(1), title="Chest first, scale later")
    second = records.create(session, content.Record(title="scan7"), by="test").id
    [pair] = add.shelf.note(session, second, "What we did\n" + text(1))
    assert (pair.kind, pair.other_id) == (LikenessKind.SAME_TEXT, first)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1, 0.2])
def test_a_text_with_some_words_changed_is_nearly_the_same(add, share):
    first, _ = add(text(1))
    _, [pair] = add(changed(text(1), share))
    assert (pair.other_id, pair.kind) == (first, LikenessKind.NEAR_TEXT)
    assert pair.score == pytest.approx((1 - share) ** 2 / (2 - (1 - share) ** 2), abs=0.12)


def test_a_text_that_went_on_is_found(add):
    first, _ = add(text(1))
    _, [pair] = add(text(1) + " " + text(2, n=100))
    assert pair.other_id == first


def test_moved_paragraphs_are_found(add):
    first, _ = add(text(1) + "\n\n" + text(2))
    _, [pair] = add(text(2) + "\n\n" + text(1))
    assert pair.other_id == first


def test_other_texts_are_not_alike(add):
    assert [add(text(seed))[1] for seed in range(1, 12)] == [[]] * 11


def test_two_stories_in_one_form_are_two_stories(add):
    form = [text(seed, n=20) for seed in range(100, 106)]
    for story in range(IN_A_FORM * 3):
        answers = [text(1000 + story * 10 + n, n=20) for n in range(len(form))]
        _, found = add("\n\n".join(f"## {q}\n\n{a}" for q, a in zip(form, answers, strict=True)))
        assert found == []


def test_a_form_filled_in_twice_with_the_same_answers_is_found_among_many(add):
    form = [text(seed, n=20) for seed in range(100, 106)]

    def filled(story: int, share: float = 0) -> str:
        answers = [changed(text(1000 + story * 10 + n, n=30), share) for n in range(len(form))]
        return "\n\n".join(f"## {q}\n\n{a}" for q, a in zip(form, answers, strict=True))

    ids = [add(filled(story))[0] for story in range(IN_A_FORM * 3)]
    _, [pair] = add(filled(4, 0.1))
    assert pair.other_id == ids[4]


def test_a_story_in_many_versions_is_no_form(add):
    said = text(1)
    last, _ = add(said)
    for version in range(IN_A_FORM * 2):
        said = changed(said, 0.05, seed=version)
        new, found = add(said)
        assert last in {pair.other_id for pair in found}
        last = new


def test_copies_that_several_partners_changed_are_no_form(add):
    ids = [add(changed(text(1), 0.05, seed=partner))[0] for partner in range(IN_A_FORM * 2)]
    _, found = add(changed(text(1), 0.05, seed=99))
    assert {pair.other_id for pair in found} == set(ids)


def test_a_short_text_is_the_same_only_word_by_word(add):
    first, _ = add("Weigh the baby later.", title="Later")
    assert add("Weigh the baby now.", title="Later")[1] == []
    [pair] = add("weigh THE baby later!", title="Later")[1]
    assert (pair.kind, pair.other_id) == (LikenessKind.SAME_TEXT, first)


def test_short_texts_make_no_form_of_what_long_ones_share(session, add):
    """Whether the shelf was there all the time, or is loaded again after each of them."""
    shared = text(1, n=24)
    for n in range(IN_A_FORM):
        add(f"{shared} {text(10 + n, n=1)}", title=f"S{n}")
    first, _ = add(f"{shared} {text(2, n=12)}", title="A")
    second, found = add(f"{shared} {text(3, n=12)}", title="B")
    assert [pair.other_id for pair in found] == [first]
    third = records.create(session, content.Record(title="C"), by="test").id
    found = Shelf.load(session).note(session, third, f"{shared} {text(4, n=12)}")
    assert {pair.other_id for pair in found} == {first, second}


def test_files_without_text_are_not_alike(session):
    shelf = Shelf.load(session)
    for _ in range(2):
        record = records.create(session, content.Record(title="scan"), by="test")
        assert shelf.note(session, record.id, "\n") == []


def test_scripts_without_spaces_are_compared_too(add):
    chance = random.Random(1)
    said = "".join(chance.choices([chr(c) for c in range(0x4E00, 0x4F00)], k=300))
    first, _ = add(said)
    _, [pair] = add(said[:150] + "好好" + said[150:])
    assert pair.other_id == first


def test_a_later_version_of_the_file_names_the_earlier_record(add):
    older, _ = add(text(1), name="07_story_FINAL_v2.docx")
    _, [pair] = add(changed(text(1), 0.1), name="story_v3.docx")
    assert (pair.kind, pair.earlier_id) == (LikenessKind.EARLIER_VERSION, older)


def test_a_version_that_comes_late_is_still_the_earlier_one(add):
    newer, _ = add(text(1), name="story_v3.docx")
    late, [pair] = add(changed(text(1), 0.1), name="story_v2.docx")
    assert (pair.kind, pair.earlier_id) == (LikenessKind.EARLIER_VERSION, late)
    assert (pair.record_id, pair.other_id) == (late, newer)


def test_without_marks_the_date_in_the_file_says_which_is_earlier(add):
    add(text(1), title="One story", modified=date(2024, 3, 1))
    late, [pair] = add(changed(text(1), 0.1), title="One story", modified=date(2023, 3, 1))
    assert (pair.kind, pair.earlier_id) == (LikenessKind.EARLIER_VERSION, late)


def test_without_marks_and_dates_the_one_that_came_first_is_earlier(add):
    first, _ = add(text(1), title="One story")
    _, [pair] = add(changed(text(1), 0.1), title="One story")
    assert (pair.kind, pair.earlier_id) == (LikenessKind.EARLIER_VERSION, first)


def test_one_title_alone_makes_no_versions(add):
    add(text(1), title="Annual report")
    assert add(text(2), title="Annual report")[1] == []


def test_noting_twice_keeps_one_pair_and_the_decision(session, add):
    add(text(1))
    second, [pair] = add(changed(text(1), 0.1))
    pair.state, pair.decided_by = LikenessState.DIFFERENT, "ama"
    said = text_of(records.read(records.get(session, second)))
    [again] = add.shelf.note(session, second, said)
    assert (again.id, again.state, again.decided_by) == (pair.id, LikenessState.DIFFERENT, "ama")
    assert session.scalar(select(func.count()).select_from(Likeness)) == 1
    assert session.scalar(select(func.count()).select_from(TextSignature)) == 2


def test_what_is_alike_is_alike_from_both_sides(session, add):
    first, _ = add(text(1))
    _, [pair] = add(changed(text(1), 0.1))
    said = text_of(records.read(records.get(session, first)))
    [back] = add.shelf.note(session, first, said)
    assert (back.id, back.kind, back.score) == (pair.id, pair.kind, pair.score)


def test_a_text_that_was_changed_since_is_compared_as_it_is_now(session, add):
    first, _ = add(text(1))
    now = records.read(records.get(session, first))
    new = now.model_copy(update={"sections": (content.Section(body=text(9)),)})
    records.edit(session, first, new, version=1, by="test")
    assert add(changed(text(1), 0.1))[1] == []


def test_a_shelf_that_is_loaded_again_knows_what_the_first_knew(session, add):
    first, _ = add(text(1))
    shelf = Shelf.load(session)
    assert len(shelf) == 1
    second = records.create(session, content.Record(title="Second"), by="test").id
    [pair] = shelf.note(session, second, changed(text(1), 0.05))
    assert pair.other_id == first


def test_a_library_made_before_gets_its_signatures_and_its_pairs(engine):
    with Session(engine) as session:
        for said in (text(1), text(2), changed(text(1), 0.1)):
            new = content.Record(title="Old", sections=(content.Section(body=said),))
            records.create(session, new, by="test")
        assert len(unsigned(session)) == 3
        Shelf.load(session)
        assert not unsigned(session)
        pairs = session.execute(select(Likeness.record_id, Likeness.other_id)).all()
        assert [tuple(pair) for pair in pairs] == [(3, 1)]


def test_loading_does_not_make_known_signatures_again(session, add):
    first, _ = add(text(1))
    row = session.get(TextSignature, first)
    row.text_sha256 = "kept"
    session.flush()
    Shelf.load(session)
    session.refresh(row)
    assert row.text_sha256 == "kept"


def test_a_record_that_was_edited_is_found_under_its_new_words(session, add):
    first, _ = add(text(1))
    second, none = add(text(2))
    assert none == []
    now = records.read(records.get(session, second))
    new = now.model_copy(update={"sections": (content.Section(body=changed(text(1), 0.05)),)})
    records.edit(session, second, new, version=1, by="test")
    Shelf.load(session)
    [pair] = session.execute(select(Likeness.record_id, Likeness.other_id)).all()
    assert tuple(pair) == (second, first)
    assert session.get(TextSignature, second).record_version == 2


def test_an_edit_of_a_few_words_keeps_the_signature_of_the_file(session, add):
    first, _ = add(text(1))
    before = session.get(TextSignature, first).text_sha256
    now = records.read(records.get(session, first))
    new = now.model_copy(update={"title": now.title + " again"})
    records.edit(session, first, new, version=1, by="test")
    Shelf.load(session)
    signed = session.get(TextSignature, first)
    assert (signed.text_sha256, signed.record_version) == (before, 2)


def test_comparing_asks_the_same_number_of_questions_of_a_small_and_a_large_library(add, queries):
    for seed in range(1, 4):
        add(text(seed))
    before = len(queries)
    add(changed(text(1), 0.1))
    few = len(queries) - before
    for seed in range(10, 40):
        add(text(seed))
    before = len(queries)
    add(changed(text(2), 0.1))
    assert len(queries) - before == few


def test_a_record_that_is_not_there_cannot_be_noted(session):
    with pytest.raises(NotFoundError, match="99"):
        Shelf.load(session).note(session, 99, text(1))


@given(st.floats(0, 1), st.integers(0, 2**16))
def test_the_estimate_is_near_the_exact_share(share, seed):
    one = text(seed, n=300)
    two = changed(one, share, seed)
    exact = jaccard(one, two)
    error = (exact * (1 - exact) / N_HASHES) ** 0.5
    assert resemblance(signature(one), signature(two)) == pytest.approx(exact, abs=5 * error + 0.01)


@given(st.text(), st.text())
def test_the_exact_share_is_symmetric_and_whole_for_a_text_itself(one, two):
    assert jaccard(one, two) == jaccard(two, one)
    assert jaccard(one, one) == 1
