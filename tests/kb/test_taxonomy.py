import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kb import taxonomy
from kb.concept_file import Problem
from kb.errors import InvalidError, NotFoundError
from kb.models import Concept
from kb.vocabulary import Scheme

LANGUAGES = ("en", "fr", "es", "pt", "sw")

BASE = """\
scheme: {id: small, version: 1.0.0, languages: [en, fr]}
topics:
  - id: newborn-care
    broader: []
    pref: {en: Newborn care, fr: Soins du nouveau-né}
  - id: breastfeeding
    broader: [newborn-care]
    pref: {en: Breastfeeding}
    alt: {en: [lactation]}
interventions:
  - id: training
    broader: []
    pref: {en: Training}
facets:
  level:
    values:
      - {id: facility, pref: {en: Facility}}
  country: {note: open}
"""


@pytest.fixture
def base(tmp_path) -> Path:
    return written(tmp_path, "base.yaml", BASE)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(found: list[Problem]) -> list[str]:
    """The problems as the user reads them, without the folder."""
    return [f"{Path(p.place.file).name}:{p.place.line}: {p.concept}: {p.message}" for p in found]


# ------------------------------------------------------------------ the taxonomy that ships


def test_the_shipped_taxonomy_breaks_no_rule() -> None:
    assert taxonomy.problems(taxonomy.shipped()) == []


def test_the_shipped_taxonomy_has_both_schemes_and_their_top_concepts(terms) -> None:
    assert len(terms.scheme("topics")) == 127
    assert len(terms.scheme("interventions")) == 81
    assert len(terms.roots("topics")) == 12
    assert len(terms.roots("interventions")) == 8
    assert terms.version == "1.0.0"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_has_a_preferred_label_in_every_language(terms, language) -> None:
    assert [t.notation for t in terms if language not in t.pref] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_facet_value_has_a_label_in_every_language(terms, language) -> None:
    missing = [v.id for values in terms.facets.values() for v in values if language not in v.pref]
    assert missing == []


def test_every_topic_belongs_to_a_who_standard_that_has_a_title(terms) -> None:
    numbers = {int(value.id.removeprefix("std-")) for value in terms.facet("who_standard")}
    assert all(t.who_std and numbers.issuperset(t.who_std) for t in terms.scheme("topics"))


def test_what_is_both_a_topic_and_an_intervention_is_linked_in_both_directions(terms) -> None:
    assert "referral-system-changes" in terms["referral-and-transport"].related
    assert "referral-and-transport" in terms["referral-system-changes"].related


def test_every_case_sensitive_abbreviation_stands_with_a_concept_or_an_ambiguity(terms) -> None:
    labels = {a.upper() for t in terms for many in t.abbr.values() for a in many}
    assert terms.abbr_case_sensitive <= labels | {a.label for a in terms.ambiguous.values()}


def test_loading_takes_less_than_the_start_of_a_command_allows() -> None:
    start = time.process_time()
    taxonomy.load(taxonomy.shipped())
    assert time.process_time() - start < 1.5  # about 0.15 s here; five times slower is a fault


# ------------------------------------------------------------------ asking it


def test_a_label_falls_back_to_english_and_says_so(base) -> None:
    terms = taxonomy.load(base)
    assert terms.label("newborn-care", "fr") == ("Soins du nouveau-né", "fr")
    assert terms.label("newborn-care", "fr-CA") == ("Soins du nouveau-né", "fr")
    assert terms.label("breastfeeding", "fr") == ("Breastfeeding", "en")


def test_narrower_concepts_are_found_however_far_and_once(terms) -> None:
    below = terms.narrower_transitive("essential-newborn-care")
    assert below[0] == "essential-newborn-care"
    assert "early-initiation-of-breastfeeding" in below  # two steps down
    assert len(below) == len(set(below))
    assert "essential-newborn-care" in [t.notation for t in terms.broader("breastfeeding")]


def test_a_concept_may_stand_under_two_others(terms) -> None:
    above = {t.notation for t in terms.broader("labour-companionship")}
    assert above == {"childbirth-care", "experience-of-care"}


def test_facet_values_come_in_order_with_labels(terms) -> None:
    levels = [value.id for value in terms.facet("level")]
    assert levels == ["community", "facility", "district", "region", "national", "global"]
    assert terms.facet_label("level", "district", "sw") == ("Wilaya", "sw")
    assert terms.facet("country") == ()


@pytest.mark.parametrize(
    "ask",
    [
        lambda terms: terms["kangaroo"],
        lambda terms: terms.narrower("kangaroo"),
        lambda terms: terms.facet("colour"),
        lambda terms: terms.facet_label("level", "village", "en"),
    ],
)
def test_what_is_not_there_is_said_by_name(terms, ask) -> None:
    with pytest.raises(NotFoundError, match=r"kangaroo|colour|village"):
        ask(terms)


# ------------------------------------------------------------------ a country and a site


def test_a_country_adds_concepts_labels_and_facet_labels(tmp_path, base) -> None:
    country = written(
        tmp_path,
        "tz.yaml",
        """\
scheme: {id: tz, version: 2025.1}
topics:
  - id: newborn-care
    pref: {sw: Huduma kwa mtoto mchanga}
    alt: {en: [lactation of newborns], sw: [mtoto mchanga]}
  - id: clean-cord
    broader: [newborn-care]
    pref: {en: Clean cord}
    exact_match: ["https://example.org/concept/7"]
facets:
  level:
    values:
      - {id: facility, pref: {sw: Kituo}, alt: {sw: [zahanati]}}
""",
    )
    terms = taxonomy.load(base, country)
    assert terms.label("newborn-care", "sw").text == "Huduma kwa mtoto mchanga"
    assert terms["newborn-care"].alt["sw"] == ("mtoto mchanga",)
    assert [t.notation for t in terms.narrower("newborn-care")] == ["breastfeeding", "clean-cord"]
    assert terms["clean-cord"].origin == str(country)
    assert terms.facet_label("level", "facility", "sw").text == "Kituo"
    assert terms.version == "1.0.0+2025.1"


def test_a_site_adds_to_what_the_country_added(tmp_path, base) -> None:
    country = written(
        tmp_path,
        "country.yaml",
        "topics: [{id: clean-cord, broader: [newborn-care], pref: {en: Clean cord}}]",
    )
    site = written(
        tmp_path, "site.yaml", "topics: [{id: clean-cord, alt: {en: [navel with no ash]}}]"
    )
    assert taxonomy.load(base, country, site)["clean-cord"].alt["en"] == ("navel with no ash",)


def test_a_country_retires_a_concept_and_names_its_successor(tmp_path, base) -> None:
    country = written(
        tmp_path,
        "tz.yaml",
        "topics: [{id: breastfeeding, deprecated: true, replaced_by: newborn-care}]",
    )
    terms = taxonomy.load(base, country)
    assert terms["breastfeeding"].deprecated
    assert terms.current("breastfeeding") == "newborn-care"
    assert terms.current("newborn-care") == "newborn-care"


def test_a_label_that_an_upgrade_ships_too_does_not_break_a_country_file(tmp_path, base) -> None:
    country = written(tmp_path, "tz.yaml", "topics: [{id: breastfeeding, alt: {en: [Lactation]}}]")
    assert taxonomy.load(base, country)["breastfeeding"].alt["en"] == ("lactation",)


def test_the_example_in_the_documentation_adds_to_the_shipped_taxonomy(tmp_path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("An example, `taxonomy-tz.yaml`:\n\n")
    example, _, _ = rest.partition("\nCheck before use")
    country = written(tmp_path, "taxonomy-tz.yaml", textwrap.dedent(example))
    terms = taxonomy.load(taxonomy.shipped(), country)
    assert terms["district-mpdsr-committee"].origin == str(country)
    assert "halmashauri" in terms.facet("level")[2].alt["sw"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "topics: [{id: breastfeeding, pref: {en: Nursing}}]",
            "tz.yaml:1: breastfeeding: redefines the en pref label “Breastfeeding” (base.yaml:8)",
        ),
        (
            "topics:\n  - id: newborn-care\n    broader: [breastfeeding]",
            "tz.yaml:3: newborn-care: broader of a concept that stands already cannot be changed",
        ),
        (
            "interventions: [{id: breastfeeding, alt: {fr: [allaitement]}}]",
            "tz.yaml:1: breastfeeding: in_scheme is already “topics” (base.yaml:6)",
        ),
        (
            "topics:\n  - id: clean-cord\n    pref: {en: Clean cord}",
            "tz.yaml:2: clean-cord: is new and has no broader; say what it is narrower than",
        ),
        (
            "facets: {level: {values: [{id: village, pref: {en: Village}}]}}",
            "tz.yaml:1: level/village: is not known; facets are closed, only labels may be added",
        ),
        (
            "facets: {colour: {values: []}}",
            "tz.yaml:1: colour: is not known; facets are closed, only labels may be added",
        ),
    ],
)
def test_a_later_file_cannot_change_what_an_earlier_one_says(
    tmp_path, base, entry, message
) -> None:
    found = told(taxonomy.problems(base, written(tmp_path, "tz.yaml", entry)))
    assert [f.replace(f"{tmp_path}/", "") for f in found] == [message]


# ------------------------------------------------------------------ the rules, one by one

RULES = [
    ("id: Bad_Name\n    pref: {en: Bad}", "2", "Bad_Name", "lower-case words joined by hyphens"),
    ("id: bad\n    pref: {fr: Mauvais}", "2", "bad", "has no English pref label"),
    (
        "id: bad\n    broader: [nowhere]\n    pref: {en: Bad}",
        "3",
        "bad",
        "broader names “nowhere”, which does not exist",
    ),
    (
        "id: bad\n    pref: {en: Bad}\n    related: [nowhere]",
        "4",
        "bad",
        "related names “nowhere”, which does not exist",
    ),
    (
        "id: bad\n    pref: {en: Bad}\n    deprecated: true\n    replaced_by: nowhere",
        "5",
        "bad",
        "replaced_by names “nowhere”, which does not exist",
    ),
    (
        "id: bad\n    pref: {en: Bad}\n    exact_match: [nowhere]",
        "4",
        "bad",
        "exact_match names “nowhere”, which does not exist",
    ),
    (
        "id: bad\n    broader: [bad]\n    pref: {en: Bad}",
        "3",
        "bad",
        "broader names the concept itself",
    ),
    (
        "id: bad\n    pref: {en: Bad}\n    alt: {en: [bad]}",
        "4",
        "bad",
        "the en label “bad” stands under alt and under pref (line 3)",
    ),
    (
        "id: bad\n    pref: {en: Bad}\n    alt: {en: [worse]}\n    hidden: {en: [worse]}",
        "5",
        "bad",
        "the en label “worse” stands under hidden and under alt (line 4)",
    ),
    (
        "id: bad\n    pref: {en: Bad}\n    replaced_by: good",
        "4",
        "bad",
        "has replaced_by, so it must also have deprecated: true",
    ),
    (
        "id: bad\n    pref: {en: Bad}\n    deprecated: maybe",
        "4",
        "bad",
        "deprecated must be true, not “maybe”; nothing comes back",
    ),
    (
        "id: bad\n    pref: {en: Bad}\n    who_std: [9]",
        "4",
        "bad",
        "who_std “9” is not a number from 1 to 8",
    ),
    ("id: bad\n    pref: {en: Bad}\n    color: red", "4", "bad", "unknown key “color”"),
    (
        "id: bad\n    pref: {en: Bad}\n    alt: {french: [mal]}",
        "4",
        "bad",
        "“french” under alt is not a language, such as fr",
    ),
    ("id: bad\n    pref: Bad", "3", "bad", "must be written as key: value"),
    (
        "id: bad\n    pref: {en: Bad}\n    alt: {en: worse}",
        "4",
        "bad",
        "alt must be a list of texts in [ ]",
    ),
    ("id: bad\n    pref: {en: [Bad]}", "3", "bad", "pref must be one text"),
    ("id: bad\n    pref: {en: Bad}\n    id: bad", "4", "bad", "the key “id” stands twice"),
    ("pref: {en: Bad}", "2", "topics", "an entry has no id"),
    (
        "id: bad\n    pref: {en: Good}",
        "3",
        "bad",
        "the en label “Good” is also one of good (",
    ),
    (
        "id: bad\n    broader: [train]\n    pref: {en: Bad}",
        "3",
        "bad",
        "broader “train” is one of the interventions, not of the topics",
    ),
    (
        "id: bad\n    broader: [good]\n    pref: {en: Bad}\n    related: [good]",
        "5",
        "bad",
        "related “good” is already broader or narrower",
    ),
]
GOOD = """
  - id: good
    pref: {en: Good}
interventions:
  - id: train
    pref: {en: Train}
"""


@pytest.mark.parametrize(("entry", "line", "concept", "message"), RULES)
def test_a_broken_rule_is_told_with_file_line_and_concept(
    tmp_path, entry, line, concept, message
) -> None:
    file = written(tmp_path, "mine.yaml", f"topics:\n  - {entry}{GOOD}")
    found = told(taxonomy.problems(file))
    wanted = f"mine.yaml:{line}: {concept}: "
    # The same label of two concepts is told at the second of them.
    if "is also one of" in message:
        wanted, message = "mine.yaml:5: good: ", "the en label “Good” is also one of bad ("
    assert any(f.startswith(wanted) and message in f for f in found), found
    with pytest.raises(InvalidError, match=r"mine\.yaml:"):
        taxonomy.load(file)


def test_a_circle_of_broader_is_shown_from_each_of_its_concepts(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        """\
topics:
  - {id: a, broader: [b], pref: {en: A}}
  - {id: b, broader: [c], pref: {en: B}}
  - {id: c, broader: [a], pref: {en: C}}
  - {id: d, broader: [a], pref: {en: D}}
""",
    )
    assert told(taxonomy.problems(file)) == [
        "mine.yaml:2: a: broader runs in a circle: a → b → c → a",
        "mine.yaml:3: b: broader runs in a circle: b → c → a → b",
        "mine.yaml:4: c: broader runs in a circle: c → a → b → c",
    ]


def test_related_may_not_name_a_far_ancestor(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        """\
topics:
  - {id: a, pref: {en: A}, related: [c]}
  - {id: b, broader: [a], pref: {en: B}}
  - {id: c, broader: [b], pref: {en: C}}
""",
    )
    assert told(taxonomy.problems(file)) == [
        "mine.yaml:2: a: related “c” is already broader or narrower"
    ]


def test_a_notation_stands_once_in_both_schemes_together(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        "topics:\n  - {id: a, pref: {en: A}}\ninterventions:\n  - {id: a, pref: {fr: B}}\n",
    )
    assert "mine.yaml:4: a: stands twice; first on line 2" in told(taxonomy.problems(file))


def test_one_label_may_stand_in_both_schemes_but_not_twice_in_one(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        """\
topics:
  - {id: a, pref: {en: Triage}}
  - {id: b, pref: {en: B}, alt: {en: [TRIAGE]}}
interventions:
  - {id: c, pref: {en: Triage}}
""",
    )
    (found,) = told(taxonomy.problems(file))
    assert found.startswith("mine.yaml:3: b: the en label “TRIAGE” is also one of a (")


def test_letters_listed_as_ambiguous_may_stand_with_two_concepts(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        """\
ambiguous:
  - {label: PE, candidates: [a, b], default: [a]}
topics:
  - {id: a, pref: {en: A}, abbr: {en: [PE]}}
  - {id: b, pref: {en: B}, abbr: {en: [PE]}}
""",
    )
    assert taxonomy.problems(file) == []


def test_an_ambiguity_names_concepts_that_exist(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        """\
ambiguous:
  - label: PE
    candidates: [a, b]
    default: [c]
    cues: {d: [word]}
topics:
  - {id: a, pref: {en: A}}
""",
    )
    assert told(taxonomy.problems(file)) == [
        "mine.yaml:3: PE: candidates names “b”, which does not exist",
        "mine.yaml:4: PE: default names “c”, which does not exist",
        "mine.yaml:5: PE: cues names “d”, which does not exist",
    ]


def test_labels_of_a_retired_concept_may_move_to_its_successor(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        """\
topics:
  - {id: a, pref: {en: A}, alt: {en: [old name]}}
  - {id: b, pref: {en: Old name}, deprecated: true, replaced_by: a}
""",
    )
    assert taxonomy.problems(file) == []


def test_a_successor_is_not_itself_retired(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        """\
topics:
  - {id: a, pref: {en: A}, deprecated: true}
  - {id: b, pref: {en: B}, deprecated: true, replaced_by: a}
""",
    )
    assert told(taxonomy.problems(file)) == [
        "mine.yaml:3: b: replaced_by “a”, which is itself deprecated"
    ]


def test_all_breaches_are_told_together_in_the_order_of_the_lines(tmp_path) -> None:
    file = written(
        tmp_path,
        "mine.yaml",
        "topics:\n  - {id: a, broader: [x], pref: {en: A}}\n  - {id: B, pref: {en: B}}\n",
    )
    with pytest.raises(InvalidError) as caught:
        taxonomy.load(file)
    first, second = str(caught.value).splitlines()
    assert "mine.yaml:2: a: " in first
    assert "mine.yaml:3: B: " in second
    assert "kb taxonomy check" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("topics: [}", "mine.yaml:1: file: is not YAML"),
        ("concepts: []", "mine.yaml:1: file: unknown section “concepts”"),
        ("- a\n- b", "mine.yaml:1: file: must be written as key: value"),
        ("topics: {a: b}", "mine.yaml:1: topics: must be a list of entries"),
        ("facets: {level: {colour: red}}", "mine.yaml:1: level: unknown key “colour”"),
        ("topics: [{id: a, pref: {en: \a}}]", "mine.yaml:1: file: is not YAML"),
    ],
)
def test_a_file_that_is_not_of_this_kind_is_refused_with_its_line(tmp_path, text, message) -> None:
    (found,) = told(taxonomy.problems(written(tmp_path, "mine.yaml", text)))
    assert found.startswith(message)


def test_a_file_in_another_encoding_is_refused(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes("topics: [{id: a, pref: {en: Césarienne}}]".encode("latin-1"))
    (found,) = told(taxonomy.problems(file))
    assert found.startswith("mine.yaml:1: file: is not UTF-8 text")


def test_an_empty_country_file_adds_nothing(tmp_path, base) -> None:
    assert len(taxonomy.load(base, written(tmp_path, "tz.yaml", "# nothing yet\n")).terms) == 3


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path) -> None:
    with pytest.raises(NotFoundError, match=r"gone\.yaml"):
        taxonomy.load(tmp_path / "gone.yaml")


def test_words_that_yaml_takes_for_truth_are_labels_and_languages_here(tmp_path) -> None:
    file = written(tmp_path, "mine.yaml", "topics: [{id: a, pref: {en: Yes, no: Ja}}]")
    assert taxonomy.load(file)["a"].pref == {"en": "Yes", "no": "Ja"}


# ------------------------------------------------------------------ the rows in the database


def test_the_database_mirrors_the_taxonomy(session, terms) -> None:
    assert session.scalar(select(func.count()).select_from(Concept)) == len(terms.terms)
    row = session.scalars(select(Concept).filter_by(notation="kangaroo-mother-care")).one()
    assert (row.scheme, row.pref_label) == (Scheme.TOPICS, "Kangaroo mother care")


def test_mirroring_again_changes_rows_and_deletes_none(session, tmp_path, base) -> None:
    before = {c.notation: c.id for c in session.scalars(select(Concept))}
    country = written(
        tmp_path,
        "tz.yaml",
        "topics: [{id: breastfeeding, deprecated: true, replaced_by: newborn-care}]",
    )
    taxonomy.mirror(session, taxonomy.load(base, country))
    session.flush()
    rows = {c.notation: c for c in session.scalars(select(Concept))}
    assert before.items() <= {notation: row.id for notation, row in rows.items()}.items()
    assert rows["breastfeeding"].deprecated
    assert rows["breastfeeding"].replaced_by == "newborn-care"
    assert rows["newborn-care"].pref_label == "Newborn care"
