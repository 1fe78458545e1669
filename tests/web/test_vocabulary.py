"""The taxonomy as SKOS at the addresses of its pages, read by other people's code."""

from types import MappingProxyType

import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, Literal, URIRef
from rdflib.compare import to_isomorphic
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS

from kb import own_terms, term_changes, term_skos
from kb.concept_file import OWN, Place, Statement
from kb.term_import import all_said
from web.app import create_app

# rdflib's own reader of JSON-LD uses what rdflib says is old.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

FORMS = MappingProxyType(
    {
        "ttl": ("text/turtle", "turtle"),
        "rdf": ("application/rdf+xml", "xml"),
        "jsonld": ("application/ld+json", "json-ld"),
    }
)
HOME = "http://testserver"
BREASTFEEDING = URIRef(f"{HOME}/topics/breastfeeding")


@pytest.fixture(scope="module")
def site(sample):
    return TestClient(create_app(sample), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def whole(site) -> dict[str, Graph]:
    """The whole taxonomy as rdflib reads each of its forms."""
    return {
        form: Graph().parse(data=site.get(f"/taxonomy.{form}").text, format=parser)
        for form, (_, parser) in FORMS.items()
    }


def test_every_form_holds_the_same_and_it_is_the_taxonomy(whole, terms) -> None:
    first, *others = map(to_isomorphic, whole.values())
    assert all(other == first for other in others)
    assert len(set(whole["ttl"].subjects(RDF.type, SKOS.Concept))) == len(terms.terms)
    read = term_skos.read(whole["rdf"].serialize(format="turtle").encode())
    assert not read.wrong
    assert set(read.said) == set(all_said(terms))
    assert {str(node) for node in whole["ttl"].subjects(RDF.type, SKOS.Concept)} == {
        f"{HOME}/{term.scheme}/{term.notation}" for term in terms
    }


def test_the_integrity_conditions_of_skos_hold(whole) -> None:
    # Numbers of the SKOS Reference, section by section.
    graph = whole["ttl"]
    concepts = set(graph.subjects(RDF.type, SKOS.Concept))
    schemes = set(graph.subjects(RDF.type, SKOS.ConceptScheme))
    assert len(schemes) == 2
    assert not concepts & schemes  # S9
    labels = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
    for one in concepts:
        pref, alt, hidden = (set(graph.objects(one, kind)) for kind in labels)
        assert [*(pref & alt), *(pref & hidden), *(alt & hidden)] == [], one  # S13
        assert len({label.language for label in pref}) == len(pref), one  # S14
        above = set(graph.transitive_objects(one, SKOS.broader)) - {one}
        assert one not in {up for top in above for up in graph.objects(top, SKOS.broader)}
        related = set(graph.objects(one, SKOS.related))
        assert not related & above, one  # S27
        exact = set(graph.objects(one, SKOS.exactMatch))
        loose = {*graph.objects(one, SKOS.broadMatch), *graph.objects(one, SKOS.relatedMatch)}
        assert not exact & loose, one  # S46
        # No orphan: it is in a scheme, and on the top of it or below a concept.
        assert set(graph.objects(one, SKOS.inScheme)) <= schemes
        assert above or set(graph.objects(one, SKOS.topConceptOf))
    for one, other in graph.subject_objects(SKOS.related):
        assert (other, SKOS.related, one) in graph  # S23
    for one, other in graph.subject_objects(SKOS.broader):
        assert (other, SKOS.narrower, one) in graph  # S25
    for scheme, top in graph.subject_objects(SKOS.hasTopConcept):
        assert (top, SKOS.topConceptOf, scheme) in graph  # S8
        assert (top, SKOS.inScheme, scheme) in graph  # S7
    linked = (SKOS.broader, SKOS.narrower, SKOS.related, DCTERMS.isReplacedBy)
    assert {other for kind in linked for _, other in graph.subject_objects(kind)} <= concepts
    assert (BREASTFEEDING, SKOS.exactMatch, URIRef("http://id.nlm.nih.gov/mesh/D001942")) in graph


@pytest.mark.parametrize("form", FORMS)
def test_a_concept_a_scheme_and_their_pages_share_an_address(site, form) -> None:
    media_type, parser = FORMS[form]
    for path in ("/topics/breastfeeding", "/topics", "/interventions/process-redesign"):
        asked = site.get(path, headers={"Accept": media_type})
        named = site.get(f"{path}.{form}")
        assert asked.status_code == named.status_code == 200
        assert asked.text == named.text
        assert asked.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert asked.headers["content-location"] == f"{HOME}{path}.{form}"
        assert {"Accept", "Accept-Language"} <= set(asked.headers["vary"].split(", "))
        assert f'<{HOME}{path}>; rel="describes"' in named.headers["link"]
        graph = Graph().parse(data=asked.text, format=parser)
        assert (URIRef(HOME + path), RDF.type, None) in graph
        page = site.get(path)
        assert (
            f'<{HOME}{path}.{form}>; rel="alternate"; type="{media_type}"' in page.headers["link"]
        )
        assert "Accept" in page.headers["vary"].split(", ")
        assert f'href="{path}.{form}"' in page.text
    concept = Graph().parse(data=site.get(f"/topics/breastfeeding.{form}").text, format=parser)
    assert (BREASTFEEDING, SKOS.prefLabel, Literal("Allaitement maternel", lang="fr")) in concept
    above = concept.value(BREASTFEEDING, SKOS.broader)
    assert concept.value(above, SKOS.prefLabel) is not None  # a neighbour has its name


def test_what_is_not_offered_is_refused_with_what_is(site) -> None:
    for path in ("/topics/breastfeeding", "/interventions"):
        refused = site.get(path, headers={"Accept": "image/png"})
        assert refused.status_code == 406
        assert refused.text.split()[-4:] == ["text/html", *(kind for kind, _ in FORMS.values())]
        assert "Accept" in refused.headers["vary"]
    missing = "/topics.csv", "/topics/none.ttl", "/topics/process-redesign.ttl", "/topics/x.y.ttl"
    assert {site.get(path).status_code for path in missing} == {404}


def test_a_merged_concept_leads_readers_on_and_tells_programs(library, client) -> None:
    with library.writing() as session:
        wish = term_changes.Retire("cord-care", into="skin-to-skin-contact")
        term_changes.make(session, library.files, wish, by="test")
        session.commit()
    moved = client.get("/topics/cord-care", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/topics/skin-to-skin-contact")
    assert "Accept" in moved.headers["vary"]
    told = client.get("/topics/cord-care", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=told.text, format="turtle")
    node, successor = (URIRef(f"{HOME}/topics/{n}") for n in ("cord-care", "skin-to-skin-contact"))
    assert (node, OWL.deprecated, Literal(True)) in graph
    assert graph.value(node, DCTERMS.isReplacedBy) == successor
    # The whole, kept for the next reader, is that of the taxonomy as it stands now.
    assert (node, OWL.deprecated, Literal(True)) in Graph().parse(
        data=client.get("/taxonomy.ttl").text, format="turtle"
    )


def test_any_label_can_be_written_in_each_form(terms) -> None:
    nasty = '</rdf:RDF> & "<b>" \\ \x07\ufffe ü'
    said = (
        ("shelter", "in_scheme", "", "topics"),
        ("shelter", "broader", "", "breastfeeding"),
        ("shelter", "pref", "en", nasty),
    )
    own = own_terms.of(terms, [Statement(*one, Place(OWN, n)) for n, one in enumerate(said, 1)])
    term = own.taxonomy["shelter"]
    for syntax in term_skos.Syntax:
        text = term_skos.write(own.taxonomy, base=HOME, syntax=syntax, only=[term])
        graph = Graph().parse(data=text, format=syntax)
        [label] = graph.objects(URIRef(f"{HOME}/topics/shelter"), SKOS.prefLabel)
        assert str(label).startswith('</rdf:RDF> & "<b>" \\ ')
