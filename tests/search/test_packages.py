"""The table of change ideas: a rule, choices with reasons, facts of an edition as of its day."""

from datetime import UTC, date, datetime

import pytest

from kb import content
from kb.editions import Choice, Content, Part, Place
from kb.privacy import public
from kb.vocabulary import Clearance, CollectionKind, Decision, Level, Naming, PartKind, Verdict
from search.accounts import Account
from search.packages import UNSAID, as_of, became, change_ideas

SCALE, POSTER = "process-redesign", "reminders-and-cues"


def idea(text: str, kind: str = SCALE, **changes) -> content.ChangeIdea:
    adopted = {"decision": Decision.ADOPTED, "verdict": Verdict.WORKED}
    return content.ChangeIdea(text=text, interventions=(kind,) if kind else (), **adopted | changes)


def dropped(text: str, kind: str = POSTER) -> content.ChangeIdea:
    return idea(text, kind, decision=Decision.ABANDONED, verdict=Verdict.DID_NOT_WORK)


def account(record_id: int, *ideas: content.ChangeIdea, **changes) -> Account:
    told = {
        "record_id": record_id,
        "version": (1, datetime(2024, 6, 3, tzinfo=UTC)),
        "title": f"Story {record_id}",
        "language": "en",
        "level": Level.FACILITY,
        "verdict": Verdict.WORKED,
        "verdict_reason": "",
        "strength": 0,
        "cost_said": False,
        "places": (content.Place(country="TZA", admin2=f"District {record_id}"),),
        "ideas": ideas,
        "measures": (),
        "sections": (),
    }
    return Account(**told | changes)


def package(*choices: Choice, least_places: int = 1, linked: int | None = None) -> Content:
    return Content(
        kind=CollectionKind.CHANGE_PACKAGE,
        title="x",
        purpose="x",
        language="en",
        least_places=least_places,
        choices=choices,
        parts=tuple(
            Part(
                part_id=n,
                kind=PartKind.RECORD,
                record_id=n,
                version=1,
                clearance=Clearance.LINKED if n == linked else Clearance.BY_LICENCE,
            )
            for n in (1, 2)
        ),
    )


TOLD = (
    account(1, idea("Weigh later"), dropped("Hang a poster")),
    account(2, idea("Move the scale"), idea("Ring a bell", POSTER), dropped("Scold", SCALE)),
)


def shown(table) -> dict[str, set[str]]:
    return {group.intervention: {i.text for i in group.ideas} for group in table.groups}


@pytest.mark.parametrize(
    ("least", "kinds"), [(0, {SCALE, POSTER}), (1, {SCALE, POSTER}), (2, {SCALE}), (3, set())]
)
def test_a_kind_of_change_stands_where_enough_places_kept_it(least, kinds) -> None:
    table = change_ideas(TOLD, package(least_places=least))
    assert shown(table).keys() == kinds
    assert {group.intervention for group in table.below} == {SCALE, POSTER} - kinds


def test_what_was_dropped_stands_beside_what_was_kept() -> None:
    table = change_ideas(TOLD, package(least_places=2))
    assert shown(table) == {SCALE: {"Weigh later", "Move the scale", "Scold"}}
    (group,) = table.groups
    assert [(one.value, one.count, one.records) for one in group.decisions] == [
        (Decision.ADOPTED, 2, (1, 2)),
        (Decision.ABANDONED, 1, (2,)),
    ]


def test_an_idea_left_out_is_not_counted_and_is_named_with_the_reason() -> None:
    left = Choice(record_id=1, text="Weigh later", place=Place.LEFT_OUT, why="Elsewhere.")
    table = change_ideas(TOLD, package(left, least_places=2))
    assert shown(table) == {}
    assert [(one.record_id, one.text, one.why) for one in table.left_out] == [
        (1, "Weigh later", "Elsewhere.")
    ]


def test_an_idea_taken_in_stands_alone_for_its_kind() -> None:
    taken = Choice(record_id=2, text="Ring a bell", place=Place.TAKEN_IN, why="Cheap.")
    table = change_ideas(TOLD, package(taken, least_places=2))
    assert shown(table)[POSTER] == {"Ring a bell"}
    assert {table.note(i) for g in table.groups for i in g.ideas} == {"", "Cheap."}


def test_a_choice_about_words_that_a_record_no_longer_says_is_silent() -> None:
    gone = Choice(record_id=1, text="Ask Mrs Juma", place=Place.LEFT_OUT, why="No.")
    noted = Choice(record_id=1, text="Ask Mr Juma", why="Good.")
    table = change_ideas(TOLD, package(gone, noted))
    assert table.left_out == ()
    assert table.notes == {}


def test_a_record_that_is_only_linked_is_not_counted() -> None:
    table = change_ideas(TOLD, package(least_places=0, linked=2))
    assert shown(table) == {SCALE: {"Weigh later"}, POSTER: {"Hang a poster"}}
    assert table.linked == (2,)


def test_an_edition_keeps_its_facts_in_words_that_are_still_said() -> None:
    then = content.Record(
        title="As it was",
        verdict=Verdict.WORKED,
        change_ideas=(idea("Weigh later", steps="Ask Mrs Juma."), idea("Named a mother")),
        measures=(content.Measure(name="Gone since"),),
    )
    lost = idea("Weigh later", verdict=Verdict.WORKED_THEN_LOST, steps="Ask the midwife.")
    now = account(1, lost, verdict=Verdict.WORKED_THEN_LOST, verdict_reason="It was lost.")
    found = as_of(now, then)
    assert (found.verdict, found.verdict_reason, found.title) == (Verdict.WORKED, "", "Story 1")
    assert [(i.text, i.verdict, i.steps) for i in found.ideas] == [
        ("Weigh later", Verdict.WORKED, "Ask the midwife."),
        (UNSAID, Verdict.WORKED, ""),
    ]
    assert found.measures == ()
    (changed,) = became([found], [now])
    assert (changed.text, changed.before[1], changed.after[1]) == (
        "Weigh later",
        Verdict.WORKED,
        Verdict.WORKED_THEN_LOST,
    )


def test_an_edition_tells_no_number_or_name_that_is_kept_back() -> None:
    few = (content.Point(period=date(2024, month, 1), numerator=n, denominator=30, note="Neema")
           for month, n in enumerate((2, 3, 9), start=1))  # fmt: skip
    then = content.Record(
        title="As it was",
        naming=Naming.TYPE_AND_DISTRICT,
        places=(content.Place(country="TZA", admin2="Rungwe", facility="Ilulu Clinic"),),
        change_ideas=(idea("Weigh at Ilulu Clinic", tests="Neema tried.", who_did_it="Neema"),),
        measures=(content.Measure(name="Fed", sampling="Neema's list", points=tuple(few)),),
    )
    masked = public(then).change_ideas[0]
    said = idea(masked.text, decision=Decision.ABANDONED)
    now = account(1, said, measures=(content.Measure(name="Fed", sampling="A list"),))
    found = as_of(now, then)
    assert "Ilulu" not in masked.text
    assert [(one.text, one.decision) for one in found.ideas] == [(masked.text, Decision.ADOPTED)]
    assert "Neema" not in repr(found)  # whoever was named, and is not named any more
    assert [point.numerator for point in found.measures[0].points] == [None, None, 9]
    assert found.measures[0].sampling == "A list"
