"""Lay concept files over each other: a later one adds and retires, it never changes what stands."""

from collections.abc import Sequence
from typing import NamedTuple

from kb.concept_file import LABELS, ConceptFile, Problem, Statement
from kb.skos import Statements, grouped
from kb.vocabulary import Scheme


class Laid(NamedTuple):
    """What the files say together, and what they may not say.

    The subject of a facet value is `facet/value`; a facet is one too, so that open ones are known.
    """

    concepts: Statements
    facet_values: Statements
    refused: list[Problem]


def lay(files: Sequence[ConceptFile]) -> Laid:
    """Return the files as one, each laid over those before it."""
    concepts, refused = _lay([[s for name in Scheme for s in f.sections[name]] for f in files])
    values, refused_values = _lay([f.sections["facets"] for f in files])
    return Laid(concepts, values, refused + refused_values)


def _lay(layers: list[list[Statement]]) -> tuple[Statements, list[Problem]]:
    standing: dict[str, dict[str, list[Statement]]] = {}
    refused: list[Problem] = []
    for said in layers:
        layer = grouped(said)
        is_first = not standing
        refused += _twice(layer)
        for subject, new in layer.items():
            if subject in standing:
                refused += _add(new, standing[subject])
            elif is_first or new.get("broader"):
                standing[subject] = new
            else:
                refused.append(_stranger(new))
    return standing, refused


def _twice(layer: Statements) -> list[Problem]:
    homes = {subject: said.get("in_scheme", []) for subject, said in layer.items()}
    return [
        Problem(again.place, subject, f"stands twice; first on line {places[0].place.line}")
        for subject, places in homes.items()
        for again in places[1:]
    ]


def _stranger(new: dict[str, list[Statement]]) -> Problem:
    said = next(iter(new.values()))[0]
    if said.predicate == "facet" or "/" in said.subject:
        message = "is not known; facets are closed, only labels may be added"
    else:
        message = "is new and has no broader; say what it is narrower than"
    return Problem(said.place, said.subject, message)


def _add(new: dict[str, list[Statement]], standing: dict[str, list[Statement]]) -> list[Problem]:
    """Add to a subject what is new about it; return what would change it."""
    refused: list[Problem] = []
    for said in (said for many in new.values() for said in many):
        if _is_known(said, standing):
            continue  # an upgrade may ship what a country had added before
        if message := _change(said, standing):
            refused.append(Problem(said.place, said.subject, message))
        else:
            standing.setdefault(said.predicate, []).append(said)
    return refused


def _is_known(said: Statement, standing: dict[str, list[Statement]]) -> bool:
    is_name = said.predicate in LABELS and said.predicate != "pref"
    same_kind = LABELS if is_name else (said.predicate,)
    return any(
        s.key == said.key and s.value.casefold() == said.value.casefold()
        for kind in same_kind
        for s in standing.get(kind, ())
    )


def _change(said: Statement, standing: dict[str, list[Statement]]) -> str:
    """Return why the statement may not be added; empty when it may."""
    here = standing.get(said.predicate, ())
    for first in here:
        if said.predicate in ("in_scheme", "replaced_by", "deprecated"):
            return f"{said.predicate} is already “{first.value}” ({first.place})"
        if said.predicate == "pref" and first.key == said.key:
            return f"redefines the {said.key} pref label “{first.value}” ({first.place})"
    if said.predicate in ("broader", "group"):
        return f"{said.predicate} of a concept that stands already cannot be changed"
    return ""
