"""A whole taxonomy as statements, and those of somebody else's file laid over one's own."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kb.concept_file import LABELS
from kb.errors import InvalidError
from kb.own_terms import Standing
from kb.taxonomy import Taxonomy, Term
from kb.term_changes import Plan, Said
from kb.wording import marked

LISTS = ("related", "mesh", "icd10", "exact_match", "who_std")


class Wrong(NamedTuple):
    """Something in a file that cannot be taken, and what to do."""

    where: str  # such as “row 12, ”; empty for the file
    message: str

    def __str__(self) -> str:
        return f"{self.where}{self.message}"


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says, and what in it could not be read."""

    said: tuple[Said, ...]
    where: Mapping[str, str] = field(default_factory=dict)  # notation → “row 12, ”
    wrong: tuple[Wrong, ...] = ()


def all_said(terms: Taxonomy) -> list[Said]:
    """Return everything the taxonomy says of its concepts, in its order."""
    return [said for term in terms for said in said_of(term)]


def said_of(term: Term) -> Iterator[Said]:
    """Yield everything that is said of one concept."""
    notation = term.notation
    yield Said(notation, "in_scheme", "", str(term.scheme))
    yield from (Said(notation, "broader", "", above) for above in term.broader)
    yield from (Said(notation, "pref", language, text) for language, text in term.pref.items())
    for kind in (*LABELS[1:], "sources"):
        for key, texts in getattr(term, kind).items():
            yield from (Said(notation, kind, key, text) for text in texts)
    for name in LISTS:
        yield from (Said(notation, name, "", str(value)) for value in getattr(term, name))
    if term.deprecated:
        yield Said(notation, "deprecated", "", "true")
    if term.replaced_by:
        yield Said(notation, "replaced_by", "", term.replaced_by)


@dataclass(frozen=True, slots=True)
class Import:
    """All that a file says and the library does not: added, nothing taken away.

    Nothing is imported unless all of it is right.
    """

    read: Read
    name: str = ""
    filters: Collection[str] = ()  # concepts that the site's own filters are made of

    def plan(self, now: Standing) -> Plan:
        """Return what is new in the file.

        Raises:
            InvalidError: something in it is wrong; every such thing is named with its row.
        """
        wrong = list(self.read.wrong)
        adds: list[Said] = []
        for notation, said in _grouped(self.read).items():
            term = now.taxonomy.terms.get(notation)
            new = said if term is None else [s for s in said if s not in set(said_of(term))]
            problems = _stranger(said) if term is None else list(_changed(term, said))
            if notation in self.filters and any(s.predicate == "deprecated" for s in new):
                problems.append("is a filter of this library; take it out of site.toml first")
            where = self.read.where.get(notation, "")
            wrong += [Wrong(where, f"{notation}: {problem}") for problem in problems]
            adds += new if term is None else [s for s in new if not _is_named(term, s)]
        if wrong:
            raise InvalidError(
                "\n".join(map(str, wrong)),
                hint=marked("Nothing was imported. Correct these in the file, and send it again."),
            )
        if not adds:
            raise InvalidError(
                marked("The file says nothing that the library does not."),
                hint=marked("There is nothing to do."),
            )
        return Plan(
            asked=("import", self.name or "a file"),
            adds=tuple(adds),
            takes=tuple(_renamed(now, adds)),
            moves={
                s.subject: s.value
                for s in adds
                if s.predicate == "replaced_by" and s.subject in now.taxonomy.terms
            },
            where=self.read.where,
        )


def _grouped(read: Read) -> dict[str, list[Said]]:
    """Return what is said of each concept; nothing of one that only has a row."""
    groups: dict[str, list[Said]] = {notation: [] for notation in read.where}
    for one in dict.fromkeys(read.said):
        groups.setdefault(one.subject, []).append(one)
    return groups


def _stranger(said: Sequence[Said]) -> list[str]:
    """Return what a new concept lacks."""
    has = {one.predicate for one in said}
    lacks = [
        ("broader", "is new and has nothing broader; say what it is narrower than"),
        ("in_scheme", "is new and in no scheme; write topics or interventions"),
        ("pref", "is new and has no preferred label; write the English one at least"),
    ]
    return [message for predicate, message in lacks if predicate not in has]


def _changed(term: Term, said: Sequence[Said]) -> Iterator[str]:
    """Yield what of a concept that stands may not be said otherwise."""
    scheme = next((s.value for s in said if s.predicate == "in_scheme"), str(term.scheme))
    if scheme != term.scheme:
        yield f"is one of the {term.scheme}, not of the {scheme}; a scheme never changes"
    above = tuple(s.value for s in said if s.predicate == "broader")
    if above and set(above) != set(term.broader):
        yield (
            f"stands under {', '.join(term.broader) or 'nothing'}, not under {', '.join(above)}; "
            "write what stands, or leave it empty"
        )
    heir = next((s.value for s in said if s.predicate == "replaced_by"), "")
    if term.deprecated and heir and heir != term.replaced_by:
        yield f"is retired already, for {term.replaced_by or 'nothing'}, not for {heir}"


def _is_named(term: Term, said: Said) -> bool:
    """Tell whether a statement is known in other words, or in a list that cannot grow."""
    if said.predicate in ("in_scheme", "broader"):
        return True
    if said.predicate not in LABELS or said.predicate == "pref":
        return False
    known = {term.pref.get(said.key, "").casefold()}
    for kind in LABELS[1:]:
        known |= {text.casefold() for text in getattr(term, kind).get(said.key, ())}
    return said.value.casefold() in known


def _renamed(now: Standing, adds: Iterable[Said]) -> Iterator[int]:
    """Yield the own preferred labels in whose place another one comes."""
    prefs = {(s.subject, s.key) for s in adds if s.predicate == "pref"}
    for said in now.kept:
        if said.predicate == "pref" and (said.subject, said.key) in prefs:
            yield said.place.line
