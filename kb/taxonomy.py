"""The taxonomy: the shipped concepts, what a country and a site add, and their labels."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import concept_file, layers, skos
from kb.concept_file import ConceptFile, Problem, Statement
from kb.errors import InvalidError, NotFoundError
from kb.hierarchy import in_use_above
from kb.layers import Laid
from kb.models import Concept
from kb.vocabulary import Scheme
from kb.wording import marked

FALLBACK = "en"  # every concept and every facet value has an English label

Labels = Mapping[str, tuple[str, ...]]  # language → labels
Said = Mapping[str, list[Statement]]  # predicate → statements about one subject


class Label(NamedTuple):
    """A label and the language it is really in, for the `lang` of the page."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Term:
    """A concept as the files describe it: notation, labels, links."""

    scheme: Scheme
    notation: str
    pref: Mapping[str, str]  # language → label
    alt: Labels
    abbr: Labels
    hidden: Labels
    asked: Labels  # plain words that mean the concept in a question, and anything in a document
    broader: tuple[str, ...]
    related: tuple[str, ...]  # in both directions
    mesh: tuple[str, ...]
    icd10: tuple[str, ...]
    sources: Labels  # name of a list, such as epoc → its names for this
    who_std: tuple[int, ...]  # 1 to 8
    exact_match: tuple[str, ...]
    deprecated: bool
    replaced_by: str | None
    origin: str  # the file that brought the concept in


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a closed list, such as level: facility."""

    id: str
    pref: Mapping[str, str]
    alt: Labels
    group: str | None


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Letters that mean several things, and what decides."""

    label: str
    candidates: tuple[str, ...]
    default: tuple[str, ...]
    cues: Mapping[str, tuple[str, ...]]  # candidate → words that, near it, decide for it
    by_language: Mapping[str, tuple[str, ...]]  # language of the text → what it means there
    languages: tuple[str, ...]  # the only languages it is read in; empty for all
    needs_cue: bool


@dataclass(frozen=True)
class Taxonomy:
    """Both schemes and the facets, in the order of the files."""

    version: str
    terms: Mapping[str, Term]  # by notation
    facets: Mapping[str, tuple[FacetValue, ...]]
    abbr_case_sensitive: frozenset[str]  # capitals, as in ACT
    ambiguous: Mapping[str, Ambiguity]  # by label, case folded
    files: tuple[ConceptFile, ...] = field(default=(), repr=False, compare=False)  # its layers

    def __getitem__(self, notation: str) -> Term:
        try:
            return self.terms[notation]
        except KeyError as error:
            raise NotFoundError(
                marked("The taxonomy has no concept “%(concept)s”.", concept=notation),
                hint=marked("Run `kb taxonomy list` to see the notations."),
            ) from error

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms.values())

    def scheme(self, scheme: str) -> tuple[Term, ...]:
        """Return the terms of `topics` or of `interventions`, retired ones too."""
        return tuple(term for term in self.terms.values() if term.scheme == scheme)

    def roots(self, scheme: str) -> tuple[Term, ...]:
        """Return the top concepts of a scheme that are in use."""
        return tuple(t for t in self.scheme(scheme) if not t.broader and not t.deprecated)

    def broader(self, notation: str) -> tuple[Term, ...]:
        """Return the terms one step up."""
        return tuple(self.terms[n] for n in self[notation].broader)

    def narrower(self, notation: str) -> tuple[Term, ...]:
        """Return the terms one step down."""
        return self._narrower.get(self[notation].notation, ())

    def narrower_transitive(self, notation: str) -> tuple[str, ...]:
        """Return the notation itself and everything narrower, however far, each once."""
        found = {self[notation].notation: None}
        waiting = list(self.narrower(notation))
        while waiting:
            term = waiting.pop(0)
            if term.notation not in found:
                found[term.notation] = None
                waiting += self.narrower(term.notation)
        return tuple(found)

    def current(self, notation: str) -> str | None:
        """Return the notation in use: itself, what replaced it in the end, or none."""
        term = self[notation]
        while term.deprecated and term.replaced_by:
            term = self[term.replaced_by]
        return None if term.deprecated else term.notation

    def label(self, notation: str, language: str) -> Label:
        """Return the pref label in the language, else in English, else in any."""
        return _label(self[notation].pref, language)

    def facet(self, name: str) -> tuple[FacetValue, ...]:
        """Return the values of a facet in order; none for an open one, such as country."""
        try:
            return self.facets[name]
        except KeyError as error:
            raise NotFoundError(
                marked("The taxonomy has no facet “%(facet)s”.", facet=name),
                hint=marked("It has: %(known)s.", known=", ".join(self.facets)),
            ) from error

    def facet_label(self, name: str, value: str, language: str) -> Label:
        """Return the label of a value in the language, else in English, else in any."""
        for known in self.facet(name):
            if known.id == value:
                return _label(known.pref, language)
        raise NotFoundError(
            marked("The facet %(facet)s has no value “%(value)s”.", facet=name, value=value)
        )

    @cached_property
    def _narrower(self) -> Mapping[str, tuple[Term, ...]]:
        below: dict[str, tuple[Term, ...]] = {}
        for term in self.terms.values():
            for notation in term.broader:
                below[notation] = (*below.get(notation, ()), term)
        return below


def shipped() -> Path:
    """Return the taxonomy that ships: inside the installed package, else at the top of the code."""
    packaged = Path(__file__).with_name("taxonomy.yaml")
    return packaged if packaged.exists() else Path(__file__).parents[1] / "taxonomy.yaml"


def load(*paths: Path) -> Taxonomy:
    """Return the taxonomy of the files: the shipped one, then a country's, then a site's.

    A later file may add concepts, labels and links and may retire; it may not change what an
    earlier one says.

    Raises:
        InvalidError: a rule is broken; every breach is named as `file:line: concept: message`.
        NotFoundError: a file is not there.
    """
    found, terms = laid_over([concept_file.read(path) for path in paths])
    if found:
        raise InvalidError(
            "\n".join(map(str, found)), hint="Correct the lines; `kb taxonomy check` reads again."
        )
    return terms()


def laid_over(files: Sequence[ConceptFile]) -> tuple[list[Problem], Callable[[], Taxonomy]]:
    """Return every rule that the layers break together, and what makes the taxonomy of them.

    It makes it only of layers that break none.
    """
    laid = layers.lay(files)
    return _problems(files, laid), lambda: _taxonomy(files, laid)


def problems(*paths: Path) -> list[Problem]:
    """Return every rule that the files, read in this order, break; none when they can be loaded.

    Raises:
        NotFoundError: a file is not there.
    """
    return laid_over([concept_file.read(path) for path in paths])[0]


def mirror(session: Session, taxonomy: Taxonomy) -> None:
    """Make the concepts in the database those of the taxonomy; never delete one."""
    concepts = {concept.notation: concept for concept in session.scalars(select(Concept))}
    for term in taxonomy:
        concept = concepts.get(term.notation)
        if concept is None:
            concept = Concept(notation=term.notation)
            session.add(concept)
        concept.scheme = term.scheme
        concept.pref_label = term.pref[FALLBACK]
        concept.deprecated = term.deprecated
        concept.replaced_by = term.replaced_by


def is_mirrored(session: Session, taxonomy: Taxonomy) -> bool:
    """Return whether `mirror` would change nothing; only reads."""
    columns = (Concept.notation, Concept.scheme, Concept.pref_label, Concept.deprecated)
    rows = {tuple(row) for row in session.execute(select(*columns, Concept.replaced_by))}
    wanted = {
        (term.notation, term.scheme, term.pref[FALLBACK], term.deprecated, term.replaced_by)
        for term in taxonomy
    }
    return wanted <= rows


def _label(pref: Mapping[str, str], language: str) -> Label:
    for wanted in (language, language.partition("-")[0], FALLBACK, *pref):
        if wanted in pref:
            return Label(pref[wanted], wanted)
    raise NotFoundError(marked("This has no label in any language."))


def _problems(files: Sequence[ConceptFile], laid: Laid) -> list[Problem]:
    return [
        *(problem for file in files for problem in file.problems),
        *laid.refused,
        *skos.problems(laid.concepts, _ambiguous(files), [str(file.path) for file in files]),
        *_unknown_candidates(files, laid.concepts),
    ]


def _unknown_candidates(
    files: Sequence[ConceptFile], concepts: skos.Statements
) -> Iterator[Problem]:
    for said in (said for file in files for said in file.sections["ambiguous"]):
        is_notation = said.predicate in ("candidates", "default", "by_language")
        notation = said.value if is_notation else said.key
        if (is_notation or said.predicate == "cues") and notation not in concepts:
            message = f"{said.predicate} names “{notation}”, which does not exist"
            yield Problem(said.place, said.subject, message)


def _taxonomy(files: Sequence[ConceptFile], laid: Laid) -> Taxonomy:
    related = _both_directions(laid.concepts)
    broader = in_use_above(laid.concepts)
    return Taxonomy(
        version=_version(files),
        terms={
            n: _term(n, said, broader=broader[n], related=related[n])
            for n, said in laid.concepts.items()
        },
        facets=_facets(laid.facet_values),
        abbr_case_sensitive=frozenset(
            said.value.upper() for file in files for said in file.sections["abbr_case_sensitive"]
        ),
        ambiguous=_ambiguous(files),
        files=tuple(files),
    )


def _version(files: Sequence[ConceptFile]) -> str:
    scheme = (said for file in files for said in file.sections["scheme"])
    return "+".join(said.value for said in scheme if said.predicate == "version")


def _both_directions(concepts: skos.Statements) -> dict[str, dict[str, None]]:
    related: dict[str, dict[str, None]] = {notation: {} for notation in concepts}
    for notation, said in concepts.items():
        for link in said.get("related", ()):
            related[notation][link.value] = None
            related[link.value][notation] = None
    return related


def _term(notation: str, said: Said, *, broader: Iterable[str], related: Iterable[str]) -> Term:
    home = said["in_scheme"][0]
    return Term(
        scheme=Scheme(home.value),
        notation=notation,
        pref=_pref(said),
        alt=_by_key(said, "alt"),
        abbr=_by_key(said, "abbr"),
        hidden=_by_key(said, "hidden"),
        asked=_by_key(said, "asked"),
        broader=tuple(broader),
        related=tuple(related),
        mesh=_values(said, "mesh"),
        icd10=_values(said, "icd10"),
        sources=_by_key(said, "sources"),
        who_std=tuple(map(int, _values(said, "who_std"))),
        exact_match=_values(said, "exact_match"),
        deprecated="deprecated" in said,
        replaced_by=next(iter(_values(said, "replaced_by")), None),
        origin=home.place.file,
    )


def _facets(values: skos.Statements) -> dict[str, tuple[FacetValue, ...]]:
    facets: dict[str, tuple[FacetValue, ...]] = {}
    for subject, said in values.items():
        facet, _, value = subject.partition("/")
        known = facets.setdefault(facet, ())
        if value:
            group = next(iter(_values(said, "group")), None)
            facets[facet] = (*known, FacetValue(value, _pref(said), _by_key(said, "alt"), group))
    return facets


def _ambiguous(files: Sequence[ConceptFile]) -> dict[str, Ambiguity]:
    groups = skos.grouped(said for file in files for said in file.sections["ambiguous"])
    return {
        label.casefold(): Ambiguity(
            label=label,
            candidates=_values(said, "candidates"),
            default=_values(said, "default"),
            cues=_by_key(said, "cues"),
            by_language=_by_key(said, "by_language"),
            languages=_values(said, "languages"),
            needs_cue=_values(said, "needs_cue") == ("true",),
        )
        for label, said in groups.items()
    }


def _pref(said: Said) -> dict[str, str]:
    return {label.key: label.value for label in said.get("pref", ())}


def _values(said: Said, predicate: str) -> tuple[str, ...]:
    return tuple(statement.value for statement in said.get(predicate, ()))


def _by_key(said: Said, predicate: str) -> dict[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {}
    for statement in said.get(predicate, ()):
        lists[statement.key] = (*lists.get(statement.key, ()), statement.value)
    return lists
