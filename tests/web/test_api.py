"""The library for programs."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator

from kb.content import Place
from kb.vocabulary import Verdict


def test_a_question_is_answered_with_reasons_and_counts(client, shelf) -> None:
    record_id = shelf(verdict=Verdict.PARTLY)
    answer = client.get("/api/v1/search?q=weigh the scale").json()
    assert answer["total"] == 1
    [hit] = answer["hits"]
    assert hit["record"]["url"] == f"http://testserver/records/{record_id}"
    assert "scale" in hit["matched_words"]
    [span, *_] = hit["highlights"]
    assert hit["passage"][span["start"] : span["end"]].lower() in hit["matched_words"]
    assert {"value": "partly", "count": 1} in answer["facets"]["verdicts"]


def test_the_api_filters_like_the_page(client, shelf) -> None:
    shelf(places=(Place(country="KEN"),))
    shelf(places=(Place(country="NPL"),))
    assert client.get("/api/v1/search?country=NPL").json()["total"] == 1
    assert client.get("/api/v1/search?topic=breastfeeding").json()["total"] == 2


def test_all_records_can_be_walked_through(client, make_record) -> None:
    made = [make_record(title=f"Story {n}") for n in range(5)]
    seen, address = [], "/api/v1/records?limit=2"
    while address:
        answer = client.get(address)
        seen += [record["id"] for record in answer.json()["records"]]
        address = answer.json()["next"]
        assert ("next" in answer.links) is bool(address)
        if address:
            assert answer.links["next"]["url"] == address
    assert seen == made


def test_a_record_comes_whole(client, shelf, series) -> None:
    record = client.get(f"/api/v1/records/{shelf(measures=(series,))}").json()
    assert record["title"] == "Skin to skin before the scale"
    assert [section["role"] for section in record["sections"]] == ["problem", "changes"]
    assert record["change_ideas"][0]["interventions"] == ["process-redesign"]
    assert record["measures"][0]["points"][0]["numerator"] == 10
    assert record["strength"]["total"] == sum(
        record["strength"][name]
        for name in ("objective", "patient_outcome", "many_points", "frequent", "reliable")
    )
    assert [tag["notation"] for tag in record["tags"]] == ["early-initiation-of-breastfeeding"]
    assert not {"contact", "doubts", "consent"} & set(record)


def test_similar_records_come_with_the_concepts_they_share(client, shelf) -> None:
    other = shelf(places=(Place(country="KEN"),))
    [alike] = client.get(f"/api/v1/records/{shelf()}/similar").json()
    assert alike["record"]["id"] == other
    assert alike["elsewhere"]
    assert alike["concepts"] == ["early-initiation-of-breastfeeding"]


def test_a_plan_finds_who_did_it_with_why_and_what_differs(client, shelf) -> None:
    record_id = shelf(places=(Place(country="KEN", facility_type="health-centre"),))
    text = "Early initiation of breastfeeding: weigh the baby after the first feed."
    asked = {"text": text, "facility_type": "health-centre", "births": 40}
    answer = client.post("/api/v1/similar", json=asked).json()
    assert answer["concepts"] == ["early-initiation-of-breastfeeding"]
    assert (answer["language"], answer["births"]) == ("en", 40)
    [found] = answer["similar"]
    assert found["record"]["id"] == record_id
    assert found["other_passage"] == text
    assert found["section"] in {"problem", "changes"}
    assert found["context"] == [{"part": "facility-type", "value": "health-centre"}]
    there = ["process-redesign"]
    assert found["differs"] == [
        {"aspect": "interventions", "here": [], "there": there, "concept": ""}
    ]


def test_a_plan_that_is_too_long_for_the_api_is_not_even_read(client) -> None:
    long = client.post("/api/v1/similar", json={"text": "a" * 20_001})
    assert (long.status_code, long.headers["content-type"]) == (422, "application/problem+json")
    longer = client.post("/api/v1/similar", json={"text": "a" * 300_001})
    assert longer.status_code == 413
    endless = client.post("/api/v1/similar", content=iter([b"{", b"}"]))
    assert endless.status_code == 413
    assert "Content-Length" in endless.json()["hint"]


def test_nothing_is_similar_to_a_draft(client, shelf) -> None:
    assert client.get(f"/api/v1/records/{shelf(publish=False)}/similar").status_code == 404


def test_the_taxonomy_comes_with_its_links(client, terms) -> None:
    whole = client.get("/api/v1/taxonomy").json()
    assert len(whole["concepts"]) == len(terms.terms)
    one = client.get("/api/v1/taxonomy/early-initiation-of-breastfeeding").json()
    assert one in whole["concepts"]
    assert one["broader"] == ["breastfeeding"]
    assert one["pref_label"]["fr"] == "Mise au sein précoce"


def test_every_error_of_the_api_is_documented_as_a_problem(client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_the_description_is_valid_and_says_who_may_and_what_may_be_refused(client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    answers = {
        f"{method.upper()} {path}": (set(said["responses"]), "security" in said)
        for path, operations in document["paths"].items()
        for method, said in operations.items()
    }
    assert all({"406", "429"} <= statuses for statuses, _ in answers.values())
    writing = {asked for asked, (statuses, _) in answers.items() if "412" in statuses}
    assert len(writing) == 5
    assert all({"428", "401", "403"} <= answers[asked][0] for asked in writing)
    signed = {asked for asked, (_, security) in answers.items() if security}
    assert signed - writing == {
        "GET /api/v1/me",
        "GET /api/v1/jobs/{job_id}",
        "GET /api/v1/records/{record_id}/content",
        "POST /api/v1/ingest",
    }
    assert {"413", "415"} <= answers["POST /api/v1/ingest"][0]


def test_pages_are_not_in_the_description_of_the_api(client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert all(path.startswith("/api/") for path in paths)


def test_whatever_is_asked_the_answers_keep_to_the_description(client, shelf, series) -> None:
    shelf(measures=(series,))
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", client.app)

    def keeps(case) -> None:
        case.call_and_validate(timeout=120)  # other tests may run beside

    for result in schema.get_all_operations():
        fuzz(result.ok().as_strategy())(keeps)()


def fuzz(cases):
    """Ask with a bounded number of made-up requests, always the same ones."""

    def run(check):
        return settings(
            max_examples=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )(given(case=cases)(check))

    return run
