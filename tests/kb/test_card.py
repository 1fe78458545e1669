"""The card shows what a record tells, with its passages, and lists what it does not tell."""

from datetime import date

from kb.card import FIELDS, card, missing
from kb.content import (
    Aim,
    Baseline,
    ChangeIdea,
    Cost,
    Evidence,
    Record,
    Section,
    SupportReceived,
    SupportRequest,
)
from kb.vocabulary import Decision, SectionRole, Verdict


def _fields(record: Record) -> dict[str, str]:
    return {one.name: one.value for one in card(record)}


def test_an_empty_record_misses_every_field():
    record = Record(title="Clean hands")
    assert card(record) == ()
    assert missing(record) == FIELDS


def test_a_field_shows_its_value_and_the_passage_it_was_read_from():
    quote = Evidence(field="aim.target", section=2, quote="80% by June")
    record = Record(title="Clean hands", aim=Aim(target="80%"), evidence=(quote,))
    (target,) = card(record)
    assert (target.name, target.value, target.evidence) == ("aim.target", "80%", (quote,))


def test_what_a_person_filled_in_has_no_passage_and_is_not_missing():
    record = Record(title="Clean hands", team_roles=("midwife", "clerk"), team_size=2)
    assert _fields(record) == {"team_roles": "midwife, clerk", "team_size": "2"}
    assert {"team_roles", "team_size"}.isdisjoint(missing(record))


def test_the_passages_of_a_narrative_field_are_the_field():
    quotes = [Evidence(field="results", section=0, quote=text) for text in ("It rose.", "It held.")]
    section = Section(role=SectionRole.RESULTS, body="It rose. It rained. It held.")
    record = Record(title="Clean hands", sections=(section,), evidence=tuple(quotes))
    assert _fields(record) == {"results": "It rose.\n\nIt held."}


def test_a_narrative_field_without_passages_is_the_section_that_tells_it():
    section = Section(role=SectionRole.PROBLEM, body="Nobody washed.\n")
    record = Record(title="Clean hands", sections=(section,))
    assert _fields(record) == {"problem": "Nobody washed."}
    assert "problem" not in missing(record)


def test_an_empty_section_tells_nothing():
    record = Record(title="Clean hands", sections=(Section(role=SectionRole.PROBLEM, body=" \n"),))
    assert "problem" in missing(record)


def test_the_parts_of_a_baseline_share_one_line_and_their_passages():
    quote = "only 59 of 170 (35%) in January"
    parts = ("value", "numerator", "denominator")
    record = Record(
        title="Clean hands",
        baseline=Baseline(value=35, numerator=59, denominator=170, period="January"),
        evidence=tuple(Evidence(field=f"baseline.{part}", quote=quote) for part in parts),
    )
    (baseline,) = card(record)
    assert baseline.value == "59 / 170, 35 %, January"
    assert [one.quote for one in baseline.evidence] == [quote]


def test_each_change_idea_has_its_own_fields():
    ideas = (
        ChangeIdea(text="A bell", started=date(2023, 3, 1), decision=Decision.ABANDONED),
        ChangeIdea(text="A board", verdict=Verdict.DID_NOT_WORK),
    )
    quote = Evidence(field="change_ideas.1.verdict", quote="The board did not work.")
    record = Record(title="Clean hands", change_ideas=ideas, evidence=(quote,))
    assert _fields(record) == {
        "change_ideas.0.text": "A bell",
        "change_ideas.0.started": "2023-03-01",
        "change_ideas.0.decision": "abandoned",
        "change_ideas.1.text": "A board",
        "change_ideas.1.verdict": "did-not-work",
    }
    assert card(record)[-1].evidence == (quote,)
    assert "change_ideas" not in missing(record)


def test_ten_ideas_do_not_share_the_passages_of_the_first():
    ideas = tuple(ChangeIdea(text=f"Idea {number}") for number in range(11))
    quote = Evidence(field="change_ideas.10.text", quote="Idea 10")
    found = card(Record(title="Clean hands", change_ideas=ideas, evidence=(quote,)))
    assert [one.name for one in found if one.evidence] == ["change_ideas.10.text"]


def test_cost_support_and_logistics_are_shown():
    record = Record(
        title="Clean hands",
        cost=Cost(amount=4000, currency="TZS"),
        logistics={"when": "every Tuesday", "who": ""},
        support_received=(SupportReceived(what="The district lent a scale."),),
        support_requests=(SupportRequest(text="A second scale."),),
    )
    assert _fields(record) == {
        "logistics.when": "every Tuesday",
        "cost": "4,000 TZS",
        "support_received": "The district lent a scale.",
        "support_requests": "A second scale.",
    }
    assert "logistics.who" in missing(record)


def test_missing_and_filled_together_are_all_fields():
    record = Record(title="Clean hands", aim=Aim(target="80%"), team_size=4)
    assert sorted([*missing(record), *_fields(record)]) == sorted(FIELDS)
