import pytest

from kb import vocabulary

FACETS = {
    "record_type": vocabulary.RecordType,
    "level": vocabulary.Level,
    "facility_type": vocabulary.FacilityType,
    "ownership": vocabulary.Ownership,
    "outcome_verdict": vocabulary.Verdict,
    "change_decision": vocabulary.Decision,
    "resource_need": vocabulary.ResourceNeed,
    "implementation_stage": vocabulary.Stage,
    "measure_type": vocabulary.MeasureType,
    "facility_naming": vocabulary.Naming,
    "visibility": vocabulary.Visibility,
    "editorial_status": vocabulary.Status,
    "data_strength": vocabulary.StrengthBand,
    "audience": vocabulary.Audience,
}


@pytest.mark.parametrize("name", FACETS)
def test_the_code_and_the_taxonomy_know_the_same_values(terms, name) -> None:
    assert [str(value) for value in FACETS[name]] == [v.id for v in terms.facet(name)]
