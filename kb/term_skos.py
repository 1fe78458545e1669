"""The taxonomy as SKOS, and SKOS in Turtle or N-Triples back; the only door to rdflib.

What SKOS has no word for (abbreviations, plain words of questions, WHO standards) stands under a
property of our own beside the nearest one of SKOS, so that others read most and we read all.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import Any

from rdflib import RDF, Graph, URIRef

from kb.concept_file import LABELS
from kb.errors import InvalidError
from kb.taxonomy import Taxonomy, Term
from kb.term_changes import Said
from kb.term_import import Read, Wrong, said_of
from kb.vocabulary import Scheme
from kb.wording import marked

NO_ADDRESS = "urn:maktaba"  # of concepts where the library has no public address
OURS = "urn:maktaba:terms:"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
OWL = "http://www.w3.org/2002/07/owl#"
PREFIXES = {"skos": SKOS, "dct": DCT, "owl": OWL, "mk": OURS}
MOST_BYTES = 10_000_000
# Each label as SKOS has it, and as we tell it from others of that property.
NAMES = {
    "pref": ("skos:prefLabel",),
    "alt": ("skos:altLabel",),
    "abbr": ("skos:altLabel", "mk:abbr"),
    "hidden": ("skos:hiddenLabel",),
    "asked": ("skos:hiddenLabel", "mk:asked"),
}
PLAIN = {
    "mesh": "mk:mesh",
    "icd10": "mk:icd10",
    "who_std": "mk:whoStandard",
    "sources": "mk:source",
}
LINKS = {"broader": "skos:broader", "related": "skos:related", "replaced_by": "dct:isReplacedBy"}
# A character that no XML can hold, not even escaped; XML 1.0, 2.2.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|^`\\]+")


class Syntax(StrEnum):
    """What SKOS is written in, by the name that rdflib has for it."""

    TURTLE = "turtle"
    RDF_XML = "xml"
    JSON_LD = "json-ld"


def write(
    terms: Taxonomy,
    *,
    base: str = "",
    syntax: Syntax = Syntax.TURTLE,
    only: Collection[Term] | None = None,
) -> str:
    """Return the concepts as SKOS; `base` is the public address of the library.

    With `only`, what is said of these concepts, with the labels of their neighbours.
    """
    turtle = _turtle(terms, (base or NO_ADDRESS).rstrip("/"), "/" if base else ":", only)
    if syntax is Syntax.TURTLE:
        return turtle
    graph = Graph()
    graph.parse(data=turtle, format="turtle")
    if syntax is Syntax.RDF_XML:
        return _NO_XML.sub("\ufffd", graph.serialize(format=syntax))
    return graph.serialize(format=syntax, context=dict(PREFIXES), auto_compact=True)


def _turtle(terms: Taxonomy, home: str, mark: str, only: Collection[Term] | None) -> str:
    address = {t.notation: f"<{home}{mark}{t.scheme}{mark}{t.notation}>" for t in terms}
    told = list(terms) if only is None else list(only)
    lines = [f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items()]
    for scheme in Scheme:
        if only is None or any(term.scheme == scheme for term in told):
            tops = [term for term in told if term.scheme == scheme and not term.broader]
            lines += _scheme(
                f"<{home}{mark}{scheme}>", scheme, terms, [address[t.notation] for t in tops]
            )
    for term in told:
        said = list(_properties(term, address, f"<{home}{mark}{term.scheme}>"))
        said += [f"skos:narrower {address[one.notation]}" for one in terms.narrower(term.notation)]
        lines += _block(address[term.notation], ["a skos:Concept", *said])
    for term in _neighbours(terms, told):
        named = [f"skos:prefLabel {_quoted(text)}@{tongue}" for tongue, text in term.pref.items()]
        scheme_of = f"skos:inScheme <{home}{mark}{term.scheme}>"
        lines += _block(address[term.notation], ["a skos:Concept", scheme_of, *named])
    return "\n".join(lines) + "\n"


def _scheme(node: str, scheme: Scheme, terms: Taxonomy, tops: list[str]) -> list[str]:
    said = ["a skos:ConceptScheme", f'skos:prefLabel "{scheme.capitalize()}"@en']
    said += [f'dct:title "{scheme.capitalize()}"@en', f"owl:versionInfo {_quoted(terms.version)}"]
    return _block(node, said + [f"skos:hasTopConcept {top}" for top in tops])


def _block(node: str, said: list[str]) -> list[str]:
    return ["", f"{node} {said[0]} ;", *(f"  {one} ;" for one in said[1:-1]), f"  {said[-1]} ."]


def _neighbours(terms: Taxonomy, told: Collection[Term]) -> list[Term]:
    """Return the concepts that those told of are linked with, and that are not told of."""
    known = {term.notation for term in told}
    near: dict[str, Term] = {}
    for term in told:
        links = (*term.broader, *term.related, *term.exact_match, term.replaced_by or "")
        below = (one.notation for one in terms.narrower(term.notation))
        for notation in (*links, *below):
            if notation in terms.terms and notation not in known:
                near[notation] = terms[notation]
    return list(near.values())


def read(data: bytes) -> Read:
    """Return what a file of SKOS says of its concepts, with everything that is wrong in it.

    A concept is known by its skos:notation, else by the end of its address.

    Raises:
        InvalidError: it is neither Turtle nor N-Triples.
    """
    graph = _graph(data)
    names = _notations(graph)
    wrong: list[Wrong] = []
    said: list[Said] = []
    for node in sorted(names, key=lambda one: names[one]):
        said += _of(graph, node, names, wrong)
    if not names:
        wrong.append(Wrong("", "There is no skos:Concept in the file."))
    said += _inherited(said)
    where = {notation: f"<{node}>, " for node, notation in names.items()}
    return Read(tuple(dict.fromkeys(said)), where, tuple(wrong))


def _inherited(said: Iterable[Said]) -> list[Said]:
    """Return the schemes of concepts that say none: that of the broader one, however far above."""
    schemes = {one.subject: one.value for one in said if one.predicate == "in_scheme"}
    below: dict[str, list[str]] = {}
    for one in said:
        if one.predicate == "broader":
            below.setdefault(one.value, []).append(one.subject)
    found, above = [], list(schemes)
    for notation in above:  # grows while it is walked
        for narrower in below.get(notation, ()):
            if narrower not in schemes:
                schemes[narrower] = schemes[notation]
                found.append(Said(narrower, "in_scheme", "", schemes[notation]))
                above.append(narrower)
    return found


def _properties(term: Term, address: dict[str, str], scheme: str) -> Iterator[str]:
    yield f"skos:notation {_quoted(term.notation)}"
    yield f"skos:inScheme {scheme}"
    if not term.broader:
        yield f"skos:topConceptOf {scheme}"
    for said in said_of(term):
        if said.predicate in NAMES:
            yield from (
                f"{name} {_quoted(said.value)}@{said.key}" for name in NAMES[said.predicate]
            )
        elif said.predicate in LINKS:
            yield f"{LINKS[said.predicate]} {address[said.value]}"
        elif said.predicate in PLAIN:
            value = f"{said.key}: {said.value}" if said.key else said.value
            yield f"{PLAIN[said.predicate]} {_quoted(value)}"
        elif said.predicate == "exact_match":
            there = address.get(said.value) or (
                f"<{said.value}>" if _IRI.fullmatch(said.value) else _quoted(said.value)
            )
            yield f"skos:exactMatch {there}"
        elif said.predicate == "deprecated":
            yield "owl:deprecated true"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _graph(data: bytes) -> Any:
    if len(data) > MOST_BYTES:
        raise InvalidError(
            marked("The file is too large."), hint=marked("Send the concepts alone.")
        )
    graph = Graph()
    try:
        # Of N-Triples each line is Turtle. Nothing is fetched: neither has a word for that.
        graph.parse(data=data.decode(), format="turtle")
    except UnicodeDecodeError as error:
        raise InvalidError(
            marked("The file is not UTF-8 text."), hint=marked("Save it as UTF-8.")
        ) from error
    except Exception as error:  # rdflib's readers raise whatever their code meets
        said = " ".join(str(error).split())[:200]
        raise InvalidError(
            marked("The file is neither Turtle nor N-Triples: %(error)s", error=said),
            hint=marked("Save it as Turtle (.ttl) or N-Triples (.nt), and send that."),
        ) from error
    return graph


def _notations(graph: Any) -> dict[Any, str]:
    """Return the notation of each concept of the file."""
    found = {}
    for node in graph.subjects(RDF.type, URIRef(f"{SKOS}Concept")):
        notation = graph.value(node, URIRef(f"{SKOS}notation"))
        found[node] = str(notation) if notation is not None else _end(node)
    return found


def _end(node: Any) -> str:
    return re.split(r"[/#:]", str(node).rstrip("/#"))[-1]


def _of(graph: Any, node: Any, names: dict[Any, str], wrong: list[Wrong]) -> Iterator[Said]:
    notation, place = names[node], f"<{node}>, "
    for scheme in _objects(graph, node, "skos:inScheme"):
        if _end(scheme) in set(Scheme):
            yield Said(notation, "in_scheme", "", _end(scheme))
    yield from _labels(graph, node, notation, place, wrong)
    for predicate, name in LINKS.items():
        for other in _objects(graph, node, name):
            yield Said(notation, predicate, "", names.get(other, _end(other)))
    for other in _objects(graph, node, "skos:exactMatch"):
        yield Said(notation, "exact_match", "", names.get(other, str(other)))
    for predicate, name in PLAIN.items():
        for value in _objects(graph, node, name):
            key, _, text = str(value).partition(": ") if predicate == "sources" else ("", "", value)
            yield Said(notation, predicate, key, str(text))
    if any(str(value) in ("true", "1") for value in _objects(graph, node, "owl:deprecated")):
        yield Said(notation, "deprecated", "", "true")
    for below in _objects(graph, node, "skos:narrower"):
        yield Said(names.get(below, _end(below)), "broader", "", notation)


def _labels(graph: Any, node: Any, notation: str, place: str, wrong: list[Wrong]) -> Iterator[Said]:
    taken: set[tuple[str, Any]] = set()
    for kind in sorted(LABELS, key=lambda kind: -len(NAMES[kind])):  # what is ours comes first
        for label in _objects(graph, node, NAMES[kind][-1]):
            if (NAMES[kind][0], label) in taken:
                continue
            taken.add((NAMES[kind][0], label))
            language = getattr(label, "language", None)
            if language:
                yield Said(notation, kind, _tag(language), " ".join(str(label).split()))
            else:
                wrong.append(Wrong(place, f"“{label}” has no language: write “{label}”@en."))


def _tag(language: str) -> str:
    """Return a language tag as we write it: rdflib makes all of it small.

    >>> _tag("pt-mz"), _tag("zh-hant")
    ('pt-MZ', 'zh-Hant')
    """
    first, *rest = language.split("-")
    cased = {2: str.upper, 4: str.title}
    return "-".join([first.lower(), *(cased.get(len(part), str)(part) for part in rest)])


def _objects(graph: Any, node: Any, name: str) -> Iterable[Any]:
    prefix, _, word = name.partition(":")
    return sorted(graph.objects(node, URIRef(PREFIXES[prefix] + word)))
