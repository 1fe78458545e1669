"""Lay concept files over each other: a later one adds and retires, it never changes what stands.

Only what a library's own curators say may also put another preferred label in the place of one.
"""

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
    told = [[s for name in Scheme for s in f.sections[name]] for f in files]
    own = [file.is_own for file in files]
    concepts, refused = _lay(told, own)
    values, refused_values = _lay([f.sections["facets"] for f in files], own)
    return Laid(concepts, values, refused + refused_values)


def _lay(
    layers: list[list[Statement]], own: list[bool]
) -> tuple[dict[str, dict[str, list[Statement]]], list[Problem]]:
    standing: dict[str, dict[str, list[Statement]]] = {}
    refused: list[Problem] = []
    for said, is_own in zip(layers, own, strict=True):
        layer = grouped(said)
        is_first = not standing
        refused += _twice(layer)
        for subject, new in layer.items():
            if subject in standing:
                if is_own:
                    _make_room(new, standing[subject])
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


def _make_room(new: dict[str, list[Statement]], standing: dict[str, list[Statement]]) -> None:
    """Let a library call a concept by another label: the one it had becomes an alternative one."""
    for said in new.get("pref", ()):
        same = (said.key, said.value.casefold())
        for kind in LABELS[1:]:
            if kind in standing:
                standing[kind] = [s for s in standing[kind] if (s.key, s.value.casefold()) != same]
        here = standing.get("pref", [])
        for first in [s for s in here if s.key == said.key and s.value != said.value]:
            here.remove(first)
            if first.value.casefold() != said.value.casefold():
                standing.setdefault("alt", []).append(first._replace(predicate="alt"))


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
