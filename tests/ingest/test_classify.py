"""Suggested concepts: with the sentence that says why, the specific before the broad."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import structure
from ingest.classify import MOST, Tagger
from ingest.neighbours import Confirmed
from ingest.reasons import passages_of
from kb.content import ChangeIdea, Section
from kb.labels import Labels
from kb.vocabulary import SectionRole, TagSource, TagStatus

STORY = """# Monday drills with bag and mask

## Background

In June 2022 we lost two babies to birth asphyxia. The bag was in a locked cupboard.

## Interventions

Each Monday a name is drawn and the midwife resuscitates the manikin for ten minutes.

We hung a laminated poster on the wall above the bed.

## Results

| Month | Ventilated within 1 min | Not breathing after drying | % |
|---|---|---|---|
| Jul-22 | 4 | 13 | 31 |
"""


@pytest.fixture(scope="module")
def tagger(terms):
    return Tagger(terms, Labels.of(terms))


def _tags(tagger, text, language="en"):
    found = structure.read(text)
    return {
        tag.notation: tag for tag in tagger.suggest(found.title, found.sections, language=language)
    }


def test_topics_and_interventions_are_suggested(tagger):
    tags = _tags(tagger, STORY)
    assert {"neonatal-resuscitation", "birth-asphyxia"} <= tags.keys()
    assert {"simulation-and-skills-practice", "job-aids-and-wall-charts"} <= tags.keys()


def test_the_evidence_is_a_piece_of_the_text(tagger):
    tags = _tags(tagger, STORY)
    assert all(tag.evidence in STORY for tag in tags.values())
    assert tags["job-aids-and-wall-charts"].evidence == (
        "We hung a laminated poster on the wall above the bed."
    )


def test_a_suggestion_is_no_more_than_that(tagger):
    for tag in _tags(tagger, STORY).values():
        assert tag.status is TagStatus.SUGGESTED
        assert tag.source is TagSource.RULE
        assert 0 < tag.confidence < 1


def test_the_surest_stand_first_and_there_are_not_too_many(tagger, terms):
    found = structure.read(STORY * 3)
    tags = tagger.suggest(found.title, found.sections, language="en")
    for scheme in ("topics", "interventions"):
        sure = [tag.confidence for tag in tags if terms[tag.notation].scheme == scheme]
        assert sure == sorted(sure, reverse=True)
        assert len(sure) <= MOST


def test_a_word_in_the_title_counts_more_than_in_the_text(tagger):
    title = _tags(tagger, "# Kangaroo mother care\n\n## Background\n\nWe are a hospital.\n")
    text = _tags(
        tagger, "# Our story\n\n## Background\n\nKangaroo mother care here.\n\n## Aim\n\nX."
    )
    inside = text.get("kangaroo-mother-care")
    assert inside is None or title["kangaroo-mother-care"].confidence > inside.confidence


def test_a_broad_concept_loses_where_a_narrower_one_is_suggested(tagger):
    tags = _tags(
        tagger, "# Early initiation of breastfeeding\n\n## Aim\n\nMore breastfeeding for babies.\n"
    )
    broad = tags.get("breastfeeding")
    assert broad is None or tags["early-initiation-of-breastfeeding"].confidence > broad.confidence


def test_what_stands_nowhere_is_not_suggested(tagger):
    assert _tags(tagger, "# Our year\n\nIt rained, and the roof was mended.\n") == {}


def test_a_story_in_swahili_is_tagged_by_its_own_words(tagger):
    text = "# Kunawa mikono\n\n## Mabadiliko\n\nTulibandika mabango ukutani.\n"
    tags = _tags(tagger, text, language="sw")
    assert {"hand-hygiene", "job-aids-and-wall-charts"} <= tags.keys()


def test_a_text_without_headings_is_still_read(tagger):
    body = "Two women bled after birth. Postpartum haemorrhage is what we fear. One bled again."
    tags = {tag.notation for tag in tagger.suggest("A note", [Section(body=body)], language="en")}
    assert "postpartum-haemorrhage" in tags


def test_headings_and_sentences_are_passages_as_they_stand():
    found = structure.read(STORY)
    texts = [passage.text for passage in passages_of(found.title, found.sections)]
    assert texts[:2] == ["Monday drills with bag and mask", "Background"]
    assert all(text in STORY for text in texts)


def test_interventions_of_a_change_idea_are_those_its_words_name(tagger):
    idea = ChangeIdea(text="Hang a poster", steps="A laminated poster on the wall.")
    assert tagger.interventions_in(idea, language="en") == ("job-aids-and-wall-charts",)


def test_meaning_alone_is_marked_as_the_model_s(terms):
    """Vectors by hand: the sentence points where the description of one concept points."""

    def encode(texts):
        hit = [any(word in text.lower() for word in ("jaundice", "golden")) for text in texts]
        return np.array([[1.0, 0.0] if one else [0.0, 0.0] for one in hit], np.float32)

    section = Section(role=SectionRole.SUMMARY, body="Their golden skin worried the mothers.")
    tags = Tagger(terms, Labels.of(terms), encode).suggest("A note", [section], language="en")
    by_notation = {tag.notation: tag for tag in tags}
    assert by_notation["neonatal-jaundice"].source is TagSource.MODEL
    assert by_notation["neonatal-jaundice"].evidence == section.body


def _like_the_story(terms):
    """A shelf on which records that tell of asphyxia had these tags decided."""
    shelf = Confirmed(terms)
    for n in range(12):
        shelf.add(
            n,
            f"Breathing {n}",
            confirmed=["birth-asphyxia", "neonatal-resuscitation", "provider-competence"],
            rejected=["job-aids-and-wall-charts"],
        )
    return shelf


def test_a_neighbour_s_tag_names_the_record_and_shows_a_sentence_of_this_document(terms):
    tagger = Tagger(terms, Labels.of(terms), confirmed=_like_the_story(terms))
    tag = _tags(tagger, STORY)["provider-competence"]
    assert tag.source is TagSource.NEIGHBOUR
    assert tag.neighbour == "Breathing 0"
    assert tag.evidence
    assert tag.evidence in STORY


def test_a_tag_that_was_rejected_on_like_records_is_less_sure(terms, tagger):
    beside = _tags(Tagger(terms, Labels.of(terms), confirmed=_like_the_story(terms)), STORY)
    other = Confirmed(terms)
    for n in range(12):
        other.add(n, "Breathing", confirmed=["birth-asphyxia", "neonatal-resuscitation"])
    without = _tags(Tagger(terms, Labels.of(terms), confirmed=other), STORY)
    poster = "job-aids-and-wall-charts"
    assert poster not in beside or beside[poster].confidence < without[poster].confidence


def test_the_next_suggestion_knows_what_was_confirmed_a_moment_ago(terms):
    shelf = Confirmed(terms)
    tagger = Tagger(terms, Labels.of(terms), confirmed=shelf)
    assert "provider-competence" not in _tags(tagger, STORY)
    for n in range(12):
        shelf.add(
            n,
            "Breathing",
            confirmed=["birth-asphyxia", "neonatal-resuscitation", "provider-competence"],
        )
    assert "provider-competence" in _tags(tagger, STORY)


def test_a_record_that_is_tagged_anew_does_not_speak_for_itself(terms):
    shelf = Confirmed(terms)
    shelf.add(7, "This one", confirmed=["birth-asphyxia", "provider-competence"])
    found = structure.read(STORY)
    tags = Tagger(terms, Labels.of(terms), confirmed=shelf).suggest(
        found.title, found.sections, language="en", record_id=7
    )
    assert all(tag.neighbour == "" for tag in tags)


def test_every_tag_has_a_reason_and_says_in_which_section_it_stands(terms):
    tagger = Tagger(terms, Labels.of(terms), confirmed=_like_the_story(terms))
    found = structure.read(STORY)
    by_heading = {section.heading: section.body for section in found.sections}
    for tag in tagger.suggest(found.title, found.sections, language="en"):
        assert tag.evidence
        if tag.evidence != found.title:
            assert tag.evidence in (tag.section, *by_heading[tag.section].splitlines()) or (
                tag.evidence in by_heading[tag.section]
            )


WORDS = [
    "poster",
    "wall",
    "oxytocin",
    "bled",
    "kangaroo",
    "CPR",
    "THE",
    "SS",
    "# Aim",
    "\n\n",
    "ANC",
    "|",
    "7",
]


@given(text=st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_suggestion_is_outside_the_taxonomy_or_retired(terms, tagger, text):
    found = structure.read(text)
    for language in ("en", "fr", ""):
        for tag in tagger.suggest(found.title, found.sections, language=language):
            assert tag.notation in terms.terms
            assert not terms[tag.notation].deprecated
            assert 0 < tag.confidence <= 1
            assert tag.evidence


def test_a_retired_concept_is_never_suggested(terms):
    retired = replace(terms["job-aids-and-wall-charts"], deprecated=True)
    without = replace(terms, terms={**terms.terms, retired.notation: retired})
    shelf = Confirmed(without)
    for n in range(12):
        shelf.add(n, "Breathing", confirmed=["birth-asphyxia", "job-aids-and-wall-charts"])
    tags = _tags(Tagger(without, Labels.of(without), confirmed=shelf), STORY)
    assert tags
    assert "job-aids-and-wall-charts" not in tags
