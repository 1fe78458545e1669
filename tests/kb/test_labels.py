import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import taxonomy
from kb.errors import NotFoundError
from kb.folding import fold, tokens
from kb.labels import Kind, Labels
from kb.spelling import Guess, Speller, edits

LABELS = Labels.of(taxonomy.load(taxonomy.shipped()))


def found(text: str, **how) -> list[str]:
    return [match.notation for match in LABELS.find(text, **how)]


def shown(text: str, **how) -> list[str]:
    return [match.text for match in LABELS.find(text, **how)]


# ------------------------------------------------------------------ whole words, the longest label


def test_a_match_says_what_was_found_where_and_by_which_label() -> None:
    (match,) = LABELS.find("We opened a Kangaroo-mother-care room.")
    assert (match.notation, match.label) == ("kangaroo-mother-care", "Kangaroo mother care")
    assert (match.language, match.kind) == ("en", Kind.PREF)
    assert (match.start, match.end, match.text) == (12, 32, "Kangaroo-mother-care")


@pytest.mark.parametrize("text", ["SAMple", "breastfeedingly", "unstillborn", "KMCs2"])
def test_part_of_a_word_is_no_match(text) -> None:
    assert found(text) == []


def test_the_longest_label_wins() -> None:
    assert found("early initiation of breastfeeding") == ["early-initiation-of-breastfeeding"]
    assert found("initiation of breastfeeding") == ["breastfeeding"]


def test_a_longer_label_wins_over_one_that_began_before_it() -> None:
    text = "hand hygiene of kangaroo care and kangaroo mother care"
    assert shown(text) == ["hand hygiene", "kangaroo care", "kangaroo mother care"]
    # “postnatal care” (2 words) begins before “care after birth” (3 words), which wins.
    assert shown("postnatal care after birth") == ["care after birth"]


def test_an_inadmissible_longer_label_does_not_hide_a_shorter_one() -> None:
    assert found("breastfeeding LOS", language="en") == ["breastfeeding"]


def test_one_label_may_name_a_topic_and_an_intervention() -> None:
    assert found("our CHW visits") == ["community-health-services", "community-health-workers"]


@pytest.mark.parametrize(
    "text",
    [
        "a quick birth. Asphyxia was rare",
        "birth; asphyxia",
        "birth\n\nasphyxia",
        "- birth\n- asphyxia",
        "| birth | asphyxia |",
    ],
)
def test_a_label_does_not_run_on_over_the_end_of_a_sentence_or_a_cell(text) -> None:
    assert "birth asphyxia" not in [m.label for m in LABELS.find(text)]
    assert shown("birth\nasphyxia") == ["birth\nasphyxia"]


# ------------------------------------------------------------------ spellings that are equal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("labour", "labor"),
        ("haemorrhage", "hemorrhage"),
        ("diarrhoea", "diarrhea"),
        ("oedema", "edema"),
        ("foetal", "fetal"),
        ("immunisation", "immunization"),
        ("sterilised", "sterilized"),
        ("analyse", "analyze"),
        ("counselling", "counseling"),
        ("enrolment", "enrollment"),
        ("centres", "center"),
        ("programmes", "program"),
        ("practise", "practice"),
        ("licence", "license"),
        ("sulphate", "sulfate"),
        ("paediatric", "pediatric"),
        ("anaesthesia", "anesthesia"),
        ("manoeuvre", "maneuver"),
    ],
)
def test_british_and_american_spellings_are_equal(one, other) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("checklist", "checklists"),
        ("nurse", "nurses"),
        ("baby", "babies"),
        ("process", "processes"),
        ("césarienne", "césariennes"),
        ("maladie", "maladies"),
        ("hôpital", "hôpitaux"),
        ("niveau", "niveaux"),
        ("parto", "partos"),
        ("mujer", "mujeres"),
        ("infección", "infecciones"),
        ("infecção", "infecções"),
        ("hospital", "hospitais"),
        ("imagem", "imagens"),
    ],
)
def test_singular_and_plural_are_equal(singular, plural) -> None:
    assert fold(singular) == fold(plural)


@pytest.mark.parametrize(
    ("one", "other"),
    [("four", "for"), ("care", "car"), ("sepsis", "seps"), ("virus", "viru"), ("press", "pres")],
)
def test_short_and_other_words_stay_apart(one, other) -> None:
    assert fold(one) != fold(other)


def test_case_and_accents_are_folded() -> None:
    assert found("CESAREA") == found("cesárea") == ["caesarean-section"]
    assert found("sante de l’enfant") == ["child-health"]


@pytest.mark.parametrize(
    "text", ["c section", "C-section", "C/S", "c/s", "C / S", "csection", "caesarean", "Cesarean"]
)
def test_a_caesarean_is_found_however_it_is_written(text) -> None:
    assert found(f"the {text} rate") == ["caesarean-section"]


@pytest.mark.parametrize(
    "text", ["postnatal care", "post-natal care", "post natal care", "Postnatal-care"]
)
def test_compounds_are_found_in_one_with_a_hyphen_and_apart(text) -> None:
    assert found(text) == ["postnatal-care"]
    assert found("early breast feeding") == ["early-initiation-of-breastfeeding"]


# ------------------------------------------------------------------ abbreviations


def test_abbreviations_count_in_any_case_unless_they_are_words() -> None:
    assert found("the kmc room and the PPH kit") == [
        "kangaroo-mother-care",
        "emergency-kits",
    ]
    assert found("act now, or sam will wash his pet") == []
    assert found("they gave ACT for fever") == ["child-malaria-and-fever"]
    assert found("a MiP register, a MIP register") == ["malaria-in-pregnancy"] * 2


def test_a_word_like_abbreviation_counts_in_small_letters_when_it_is_the_whole_question() -> None:
    assert found("los", question=True) == ["neonatal-sepsis"]
    assert found("los niños", question=True) == []
    assert found("los") == []


def test_in_a_line_of_capitals_a_word_is_no_abbreviation() -> None:
    assert found("MOTHERS WHO ACT WITHOUT DELAY") == []
    assert found("children with SAM or MAM") == ["child-malnutrition", "child-malnutrition"]


def test_an_abbreviation_needs_its_own_accents_and_signs() -> None:
    assert found("l’état de santé et L’ÉTAT civil", language="fr") == []
    assert found("c s") == []
    assert found("L & D ward, L&D") == ["childbirth-care", "childbirth-care"]
    assert found("ETAT+ course") == ["paediatric-emergency-and-triage"]


def test_an_abbreviation_is_never_stemmed_but_may_have_its_plural_s() -> None:
    assert found("SOPs and CHWs")[0] == "standards-and-guidelines"
    assert found("sops") == []


def test_an_abbreviation_of_one_language_is_not_read_in_another() -> None:
    assert found("la PTME", language="fr") == ["hiv-pmtct"]
    assert found("the PTME", language="en") == []
    assert found("KMC et PPH", language="fr") == ["kangaroo-mother-care", "postpartum-haemorrhage"]


# ------------------------------------------------------------------ ambiguous letters


@pytest.mark.parametrize(
    ("text", "language", "notations"),
    [
        ("CPR fell", None, ["family-planning"]),
        ("CPR for a newborn", None, ["neonatal-resuscitation"]),
        ("PNC visits", None, ["postnatal-care"]),
        ("PNC, the antenatal kind", None, ["antenatal-care"]),
        ("MMC", "es", ["kangaroo-mother-care"]),
        ("MMC", "en", []),
        ("the MMC campaign", None, []),
        ("una sala MMC canguro", None, ["kangaroo-mother-care"]),
        ("la PCI au bloc", "fr", ["infection-prevention-and-control"]),
        ("PCI after infarction", "en", []),
        ("hay IRA en niños", "es", ["child-pneumonia"]),
        ("su ira y la ira", "es", []),
        ("control de THE", "es", ["pre-eclampsia-eclampsia"]),
        ("control of THE disease", "en", []),
        ("ABC in ten districts", None, []),
        ("a patient with PE", None, []),
        ("PE with severe hypertension", None, ["pre-eclampsia-eclampsia"]),
        ("10 KM away", None, []),
        ("HH survey", None, []),
        ("HH with soap", None, ["hand-hygiene"]),
        ("MMR dose two", None, ["immunisation"]),
        ("MMR fell", None, ["maternal-mortality"]),
        ("visitas do ACS", "pt", ["community-health-services", "community-health-workers"]),
        ("ACS given", "en", ["preterm-labour-management"]),
        ("SSC", None, ["skin-to-skin-contact", "safety-checklists"]),
        ("SSC on the mother's chest", None, ["skin-to-skin-contact"]),
        ("puerperal sepsis, sepsis of mothers", None, ["maternal-sepsis", "maternal-sepsis"]),
    ],
)
def test_ambiguous_letters_are_read_by_cue_language_or_default(text, language, notations) -> None:
    assert found(text, language=language) == notations


def test_a_concept_named_in_full_elsewhere_decides() -> None:
    assert found("Preconception clinics. PCC.")[-1] == "preconception-care"
    far = "Experience of care matters. " + "We met and we talked. " * 5 + "PCC."
    assert LABELS.find(far)[-1].notation == "preconception-care"
    named = "Women's experience matters. " + "We met and we talked. " * 5 + "PCC."
    assert LABELS.find(named)[-1].notation == "experience-of-care"


def test_a_question_may_ask_for_the_default_with_the_letters_alone() -> None:
    assert found("PE", question=True) == ["pre-eclampsia-eclampsia"]
    assert found("ABC", question=True) == []


# ------------------------------------------------------------------ languages


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("méthode mère kangourou", "kangaroo-mother-care"),
        ("lactancia en la primera hora", "early-initiation-of-breastfeeding"),
        ("monitorização do trabalho de parto", "labour-monitoring"),
        ("kutokwa na damu nyingi baada ya kujifungua", "postpartum-haemorrhage"),
    ],
)
def test_labels_of_every_language_are_found_without_knowing_the_language(text, notation) -> None:
    assert found(text) == [notation]


def test_a_single_word_of_another_language_is_left_to_the_text_s_own() -> None:
    assert found("the formation of teams", language="en") == []
    assert found("la formation des équipes", language="fr") == ["training-and-skills"]
    assert found("breastfeeding na partograph", language="sw") == [
        "breastfeeding",
        "labour-monitoring",
    ]


def test_a_question_without_a_match_in_its_language_is_read_in_the_others() -> None:
    assert found("césarienne", language="en", question=True) == ["caesarean-section"]
    assert found("césarienne", language="en") == []


# ------------------------------------------------------------------ misspelt words


@pytest.mark.parametrize(
    ("question", "notation"),
    [
        ("kangroo mother care", "kangaroo-mother-care"),
        ("postpartum hemorage", "postpartum-haemorrhage"),
        ("maleria in pregnancy", "malaria-in-pregnancy"),
        ("partogragh", "labour-monitoring"),
        ("hand hygeine", "hand-hygiene"),
    ],
)
def test_misspelt_words_of_a_question_are_corrected_on_request(question, notation) -> None:
    (match,) = LABELS.find(question, question=True, fuzzy=True)
    assert (match.notation, match.kind) == (notation, Kind.FUZZY)
    assert found(question, question=True) == []


def test_short_words_and_abbreviations_are_never_corrected() -> None:
    assert found("KNC", question=True, fuzzy=True) == []
    assert found("PMTTC", question=True, fuzzy=True) == []
    assert found("hnad hygiene", question=True, fuzzy=True) == []


def test_a_word_the_library_knows_is_not_corrected() -> None:
    assert found("wanting", question=True, fuzzy=True) == ["child-malnutrition"]
    assert found("wanting", question=True, fuzzy=True, known={"wanting"}) == []


@pytest.mark.parametrize("word", ["other", "poster", "collection", "paragraph", "location"])
def test_ordinary_words_are_not_taken_for_misspelt_labels(word) -> None:
    kinds = [m.kind for m in LABELS.find(f"the {word} here", question=True, fuzzy=True)]
    assert Kind.FUZZY not in kinds


def test_one_edit_is_allowed_from_five_letters_and_two_from_eight() -> None:
    speller = Speller({"birth": 3, "breastfeeding": 2, "broth": 1})
    assert speller.guess("birht", letters=5) == Guess(("birth",), 1)
    assert speller.guess("bierht", letters=6) is None
    assert speller.guess("bth", letters=3) is None
    assert speller.guess("brestfeding", letters=11) == Guess(("breastfeeding",), 2)
    assert speller.guess("xreastfeeding", letters=13) is None
    assert speller.guess("birth", letters=5) is None


def reference_edits(one: str, other: str) -> int:
    """Optimal string alignment, straight from its recurrence."""
    if not one or not other:
        return len(one) + len(other)
    costs = [
        reference_edits(one[:-1], other) + 1,
        reference_edits(one, other[:-1]) + 1,
        reference_edits(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if one[-2:] == other[-2:][::-1] and len(one) > 1 and len(other) > 1:
        costs.append(reference_edits(one[:-2], other[:-2]) + 1)
    return min(costs)


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_edits_agree_with_their_definition(one, other) -> None:
    assert edits(one, other) == reference_edits(one, other)


# ------------------------------------------------------------------ offsets

PIECES = st.sampled_from(
    ["kangaroo mother care", "césarienne", "KMC", "C/S", "labour\u00adward", " ", "\n", "-", "ﬁ"]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3))).map("".join))


@given(TEXTS, st.booleans())
def test_a_match_is_exactly_its_place_in_the_text(text, question) -> None:
    last = (0, 0)
    for match in LABELS.find(text, question=question, fuzzy=question):
        assert text[match.start : match.end] == match.text
        place = (match.start, match.end)
        assert match.start >= last[1] or place == last  # a topic and an intervention
        last = place


@given(st.text())
def test_tokens_are_in_order_and_stand_where_they_say(text) -> None:
    end = 0
    for token in tokens(text):
        assert token.start >= end
        assert token.end > token.start
        assert text[token.start : token.end] == token.surface
        end = token.end


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_accents_give_the_same_concept(form) -> None:
    text = unicodedata.normalize(form, "Après une césarienne à l'hôpital")
    (match,) = LABELS.find(text)
    assert match.notation == "caesarean-section"
    assert unicodedata.normalize("NFC", match.text) == "césarienne"


def test_words_of_scripts_with_vowel_signs_are_not_cut() -> None:
    assert [t.surface for t in tokens("हिन्दी भाषा")] == ["हिन्दी", "भाषा"]
    assert [t.surface for t in tokens("new\u00adborn")] == ["new\u00adborn"]


def test_a_national_label_in_another_script_is_found(tmp_path) -> None:
    country = tmp_path / "et.yaml"
    country.write_text("topics: [{id: breastfeeding, alt: {am: [ጡት ማጥባት]}}]", encoding="utf-8")
    labels = Labels.of(taxonomy.load(taxonomy.shipped(), country))
    (match,) = labels.find("ስለ ጡት ማጥባት እንነጋገር", language="am")
    assert (match.notation, match.text, match.language) == ("breastfeeding", "ጡት ማጥባት", "am")


def test_the_labels_of_a_taxonomy_are_read_once_and_those_of_another_are_its_own() -> None:
    terms = taxonomy.load(taxonomy.shipped())
    assert Labels.of(terms) is not LABELS  # a file may have changed between two readings
    kept = Labels.of(terms)
    assert Labels.of(terms) is kept
    assert kept.taxonomy is terms


# ------------------------------------------------------------------ retired concepts, expansions


def retired(folder: Path, replaced_by: str) -> Labels:
    site = folder / "site.yaml"
    site.write_text(f"topics: [{{id: birth-preparedness, deprecated: true{replaced_by}}}]")
    return Labels.of(taxonomy.load(taxonomy.shipped(), site))


def test_the_labels_of_a_retired_concept_name_its_successor(tmp_path) -> None:
    labels = retired(tmp_path, ", replaced_by: antenatal-care")
    assert [m.notation for m in labels.find("birth plan")] == ["antenatal-care"]


def test_the_labels_of_a_concept_retired_without_successor_name_nothing(tmp_path) -> None:
    assert retired(tmp_path, "").find("birth plan") == []


def test_expansions_are_the_labels_of_all_languages() -> None:
    labels = LABELS.expansions("kangaroo-mother-care")
    assert labels[0] == "Kangaroo mother care"
    assert {"Soins maternels kangourou", "Método madre canguro", "Huduma ya kangaroo"} < set(labels)
    assert "kangaro mother care" not in labels  # hidden: a misspelling
    assert "ACT" not in LABELS.expansions("child-malaria-and-fever")  # would find every “act”


def test_expansions_of_an_unknown_concept_are_refused_by_name() -> None:
    with pytest.raises(NotFoundError, match="kangaroo"):
        LABELS.expansions("kangaroo")


# ------------------------------------------------------------------ time


def lines_run(text: str) -> int:
    """How many lines of the label code run to read the text: a clock that does not depend on it."""
    count = 0
    outer = sys.gettrace()

    def trace(frame, event, _):
        nonlocal count
        if not frame.f_code.co_filename.endswith(("labels.py", "folding.py")):
            return None
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        LABELS.find(text)
    finally:
        sys.settrace(outer)
    return count


@pytest.mark.parametrize(
    "sentence",
    [
        "Kangaroo mother care in the labour ward. ",
        "care during labour and care during labour and ",  # prefixes of a long label, in vain
        "SSC CPR PCC IP ",  # ambiguous, each with the others near
        "active management of the third stage of ",
    ],
)
def test_work_grows_with_the_text_and_no_faster(sentence) -> None:
    LABELS.find(sentence)  # fold each word once
    once, twice = lines_run(sentence * 50), lines_run(sentence * 100)
    assert once > 0
    assert twice < 2.1 * once


def test_a_long_text_is_read_to_its_end() -> None:
    text = "The team met and talked about care during labour and " * 20_000 + "kangaroo care."
    assert found(text)[-1] == "kangaroo-mother-care"


# ------------------------------------------------------------------ a question in other words


@pytest.mark.parametrize("text", ["babies cold", "babies so cold", "a cold wet baby"])
def test_a_question_names_a_label_in_any_order(text) -> None:
    assert "thermal-care-and-hypothermia" in found(text, language="en", question=True)


@pytest.mark.parametrize("text", ["babies. Cold.", "babies on a ward that is cold", "cold"])
def test_words_far_apart_or_of_two_sentences_are_no_label(text) -> None:
    assert "thermal-care-and-hypothermia" not in found(text, language="en", question=True)


def test_a_text_names_a_label_only_in_its_order() -> None:
    assert found("The babies cold", language="en") == []


def test_a_label_in_another_order_leaves_what_is_named_in_order() -> None:
    text = "kangaroo mother care baby"
    assert shown(text, question=True) == ["kangaroo mother care"]


def test_the_languages_of_a_word_are_those_of_its_labels() -> None:
    assert LABELS.languages["nouveau"] == {"fr"}
    assert "xyzzy" not in LABELS.languages


def test_plain_words_mean_a_concept_in_a_question_and_nothing_in_a_document() -> None:
    assert found("lost a lot of blood", question=True) == ["postpartum-haemorrhage"]
    assert found("lost a lot of blood") == []
