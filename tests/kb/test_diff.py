"""What differs between two versions: nothing is left out, and nothing that stayed is told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import content
from kb.diff import What, diff, merge
from kb.sidebyside import MOST_WORDS, runs
from kb.vocabulary import Level, SectionRole, TagStatus


@pytest.fixture
def measured(story) -> content.Record:
    points = tuple(
        content.Point(period=date(2024, 1, 1 + 7 * week), numerator=10 + week, denominator=30)
        for week in range(4)
    )
    measure = content.Measure(name="Fed within an hour", points=points)
    return story.model_copy(update={"measures": (measure,)})


def changed(record, **values) -> content.Record:
    return record.model_copy(update=values)


def test_the_same_record_differs_in_nothing(measured) -> None:
    assert diff(measured, measured) == []


def test_a_field_is_told_with_the_words_that_went_and_came(story) -> None:
    [title] = diff(story, changed(story, title="Skin to skin before the bath"))
    assert (title.field, title.what) == ("title", What.CHANGED)
    [field] = title.fields
    assert [(run.text, run.became) for run in field.value.runs] == [
        ("Skin to skin before the ", "same"),
        ("scale", "removed"),
        ("bath", "added"),
    ]


def test_a_field_that_was_empty_is_added_and_one_that_is_empty_is_removed(story) -> None:
    [summary, team] = diff(story, changed(story, summary="", team_size=4))
    assert (summary.what, team.what) == (What.REMOVED, What.ADDED)
    assert team.fields[0].value.new == "4"


def test_a_section_is_known_by_its_heading_and_told_by_its_field(story) -> None:
    problem, did = story.sections
    new = problem.model_copy(update={"body": "Only 36 % …"})
    [section] = diff(story, changed(story, sections=(new, did)))
    assert (section.field, section.name, section.what) == ("sections", "Problem", What.CHANGED)
    assert [field.field for field in section.fields] == ["body"]


def test_a_section_that_got_another_heading_is_the_same_section(story) -> None:
    problem, did = story.sections
    body = "The scale stood by the bed, and every baby was put on it first."
    old = changed(story, sections=(problem, did.model_copy(update={"body": body})))
    new = changed(story, sections=(problem, did.model_copy(update={"body": body, "heading": "X"})))
    [section] = diff(old, new)
    assert [field.field for field in section.fields] == ["heading"]


def test_sections_that_change_places_have_moved_and_nothing_else(story) -> None:
    problem, did = story.sections
    aim = content.Section(role=SectionRole.AIM, heading="Aim", body="From 34 % to 80 %.")
    [moved] = diff(
        changed(story, sections=(problem, did, aim)), changed(story, sections=(aim, problem, did))
    )
    assert (moved.what, moved.name) == (What.MOVED, "Aim")


def test_a_measure_is_told_point_by_point(measured) -> None:
    [measure] = measured.measures
    first, second, third, last = measure.points
    more = content.Point(period=date(2024, 2, 5), value=44.5)
    points = (first, second.model_copy(update={"numerator": 12}), last, more)
    new = changed(measured, measures=(measure.model_copy(update={"points": points}),))
    [difference] = diff(measured, new)
    assert difference.fields == ()
    assert [(p.period, p.what, p.old, p.new) for p in difference.points] == [
        ("2024-01-08", What.CHANGED, "11/30", "12/30"),
        ("2024-01-15", What.REMOVED, "12/30", ""),
        ("2024-02-05", What.ADDED, "", "44.5"),
    ]
    assert third.numerator == 12


def test_a_gap_that_came_is_told_as_a_gap(measured) -> None:
    [measure] = measured.measures
    points = (*measure.points, content.Point(period=date(2024, 2, 5)))
    new = changed(measured, measures=(measure.model_copy(update={"points": points}),))
    assert [p.new for p in diff(measured, new)[0].points] == ["–"]


def test_tags_and_places_are_told_too(story) -> None:
    first, second = story.tags
    decided = second.model_copy(update={"status": TagStatus.CONFIRMED, "confirmed_by": "ben"})
    place = story.places[0].model_copy(update={"admin2": "Kyela"})
    new = changed(story, tags=(decided,), places=(place,), level=Level.DISTRICT)
    found = {(d.field, d.name): d for d in diff(story, new)}
    assert found["tags", first.notation].what is What.REMOVED
    fields = {field.field for field in found["tags", second.notation].fields}
    assert fields == {"status", "confirmed_by"}
    [where] = found["places", "Ilulu Health Centre, Kyela"].fields
    assert (where.value.old, where.value.new) == ("Rungwe", "Kyela")
    assert found["level", ""].fields[0].value.new == "district"


def test_what_ingest_read_where_is_no_difference(story) -> None:
    seen = content.Evidence(field="aim.target", section=0, quote="80 %")
    assert diff(story, changed(story, evidence=(seen,))) == []


def test_two_who_changed_other_fields_are_brought_together(story) -> None:
    mine, theirs = changed(story, title="Mine"), changed(story, summary="Theirs")
    merged, clashes = merge(story, mine, theirs)
    assert (merged.title, merged.summary, clashes) == ("Mine", "Theirs", ())


def test_two_who_changed_one_field_clash_and_are_told(story) -> None:
    mine = changed(story, title="Mine", summary="Same")
    theirs = changed(story, title="Theirs", summary="Same")
    merged, clashes = merge(story, mine, theirs)
    assert (merged.title, clashes) == ("Mine", ("title",))


def test_two_who_decided_different_tags_are_brought_together(story) -> None:
    first, second = story.tags
    confirmed = second.model_copy(update={"status": TagStatus.CONFIRMED})
    rejected = first.model_copy(update={"status": TagStatus.REJECTED})
    added = content.Tag(notation="hand-hygiene")
    mine, theirs = changed(story, tags=(first, confirmed)), changed(story, tags=(rejected, second))
    assert merge(story, mine, theirs)[0].tags == (rejected, confirmed)
    assert merge(story, mine, theirs)[1] == ()
    more = changed(story, tags=(*story.tags, added))
    merged, clashes = merge(story, changed(story, tags=(first,)), more)
    assert (merged.tags, clashes) == ((first, added), ())
    other = changed(story, tags=(first, second.model_copy(update={"status": TagStatus.REJECTED})))
    assert merge(story, mine, other) == (mine, ("tags",))


def test_the_order_of_tags_is_no_difference(story) -> None:
    assert diff(story, changed(story, tags=story.tags[::-1])) == []


@given(old=st.text("ab \n.é", max_size=60), new=st.text("ab \n.é", max_size=60))
def test_the_runs_are_both_texts_to_the_letter(old, new) -> None:
    told = runs(old, new)
    assert "".join(run.text for run in told if run.became != "added") == old
    assert "".join(run.text for run in told if run.became != "removed") == new


def test_of_long_texts_only_the_words_that_changed_are_marked() -> None:
    lines = [f"Line {n} tells of what was done in week {n}." for n in range(MOST_WORDS)]
    old = "\n\n".join(lines)
    lines[400] = lines[400].replace("done", "tried")
    told = runs(old, "\n\n".join(lines))
    assert [(r.text, r.became) for r in told if r.became != "same"] == [
        ("done", "removed"),
        ("tried", "added"),
    ]
