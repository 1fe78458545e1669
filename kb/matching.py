"""Which concepts of another library are which of ours, and what its other concepts are called.

In this order: what a person says, the same notation, an exact match that one of the two knows
(skos:exactMatch), the same label in the same scheme. Where several of ours would do, none is taken.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import content
from kb.errors import InvalidError
from kb.taxonomy import Taxonomy, Term
from kb.vocabulary import Scheme

MOST = 50_000  # concepts of another library
MOST_CHARS = 200_000  # of one with its labels in all languages


@dataclass(frozen=True, slots=True)
class Foreign:
    """A concept of another library."""

    notation: str
    scheme: str
    labels: tuple[str, ...]  # the first is what it is called
    exact_match: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """The concepts of another library: which of ours they are, and what the others are called."""

    ours: Mapping[str, str]  # their notation → ours
    names: Mapping[str, str]  # their notation → its label, where it is none of ours

    def translated(self, said: content.Record) -> tuple[content.Record, list[str]]:
        """Return the record in our concepts; those we lack become keywords, and are returned."""
        used = [tag.notation for tag in said.tags]
        used += [notation for idea in said.change_ideas for notation in idea.interventions]
        used += [one.intervention for one in said.support_activities if one.intervention]
        strange = sorted(set(used) - self.ours.keys())
        tags = {
            self.ours[tag.notation]: tag.model_copy(update={"notation": self.ours[tag.notation]})
            for tag in reversed(said.tags)
            if tag.notation in self.ours
        }
        new = said.model_copy(
            update={
                "tags": tuple(reversed(tags.values())),
                "change_ideas": tuple(self._idea(idea) for idea in said.change_ideas),
                "support_activities": tuple(
                    one.model_copy(update={"intervention": self.ours.get(one.intervention or "")})
                    for one in said.support_activities
                ),
                "keywords": tuple(
                    dict.fromkeys([*said.keywords, *(self.names.get(n, n) for n in strange)])
                ),
            }
        )
        return new, strange

    def _idea(self, idea: content.ChangeIdea) -> content.ChangeIdea:
        known = (self.ours[one] for one in idea.interventions if one in self.ours)
        return idea.model_copy(update={"interventions": tuple(dict.fromkeys(known))})


def match(
    foreign: Iterable[Foreign], terms: Taxonomy, chosen: Mapping[str, str] | None = None
) -> Matching:
    """Match the concepts; `chosen` maps notations to ours, or to nothing: kept as words then.

    Raises:
        InvalidError: `chosen` names a concept that the taxonomy does not have.
    """
    wanted = dict(chosen or {})
    for theirs, notation in wanted.items():
        if notation and notation not in terms.terms:
            raise InvalidError(
                f"There is no concept {notation}, which was chosen for {theirs}.",
                hint="`kb taxonomy list` lists them.",
            )
    ours = {term.notation: term.notation for term in terms if not term.deprecated}
    ours |= {term.notation: now for term in terms if (now := terms.current(term.notation))}
    names, exact, labelled = {}, _by_exact_match(terms), _by_label(terms)
    for one in foreign:
        names[one.notation] = one.labels[0] if one.labels else one.notation
        if one.notation in ours and _fits(terms, ours[one.notation], one):
            continue
        ours.pop(one.notation, None)  # the same word for another kind of thing
        known = (exact.get((one.scheme, uri), ()) for uri in (one.notation, *one.exact_match))
        called = (labelled.get((one.scheme, label.casefold()), ()) for label in one.labels)
        if found := _one(known) or _one(called):
            ours[one.notation] = found
    for theirs, notation in wanted.items():
        ours.pop(theirs, None)
        if notation:
            ours[theirs] = notation
    return Matching(ours, names)


def _fits(terms: Taxonomy, notation: str, one: Foreign) -> bool:
    return not one.scheme or terms[notation].scheme == one.scheme


def _one(found: Iterable[Iterable[str]]) -> str:
    """Return the only concept among what was found; nothing where there are several or none."""
    several = {notation for some in found for notation in some}
    return several.pop() if len(several) == 1 else ""


def _by_exact_match(terms: Taxonomy) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for term in _current(terms):
        for name in (term.notation, *term.exact_match):
            found[term.scheme.value, name].add(term.notation)
    return found


def _by_label(terms: Taxonomy) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for term in _current(terms):
        others = (label for labels in term.alt.values() for label in labels)
        for label in (*term.pref.values(), *others):
            found[term.scheme.value, label.casefold()].add(term.notation)
    return found


def _current(terms: Taxonomy) -> Iterator[Term]:
    return (term for term in terms if not term.deprecated)


def told(terms: Taxonomy) -> Iterator[str]:
    """Yield every concept as a line of JSON, as `foreign` reads it in another library."""
    for term in terms:
        said = {
            "notation": term.notation,
            "scheme": term.scheme.value,
            "pref": dict(term.pref),
            "alt": {tag: list(labels) for tag, labels in term.alt.items()},
            "exact_match": list(term.exact_match),
            "mesh": list(term.mesh),
            "icd10": list(term.icd10),
            "broader": list(term.broader),
            "replaced_by": term.replaced_by,
        }
        yield json.dumps({k: v for k, v in said.items() if v}, ensure_ascii=False)


def foreign(lines: Iterable[str]) -> Iterator[Foreign]:
    """Yield the concepts of another library; lines that are none are left out."""
    for number, line in enumerate(lines):
        if number >= MOST:
            return
        if len(line) > MOST_CHARS:
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict) and isinstance(said.get("notation"), str):
            pref = _texts(said.get("pref"))
            names = [pref.pop("en")] if "en" in pref else []
            alt = [label for labels in _lists(said.get("alt")) for label in labels]
            exact = tuple(_strings(said.get("exact_match")))
            scheme = str(said.get("scheme", ""))
            scheme = scheme if scheme in set(Scheme) else ""
            yield Foreign(said["notation"], scheme, (*names, *pref.values(), *alt), exact)


def _texts(said: Any) -> dict[str, str]:
    pairs = said.items() if isinstance(said, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}


def _lists(said: Any) -> Iterator[list[str]]:
    return (_strings(one) for one in (said.values() if isinstance(said, dict) else ()))


def _strings(said: Any) -> list[str]:
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []


def chosen(path: Path) -> dict[str, str]:
    """Return what a file of two columns says: their notation, and ours or nothing.

    Raises:
        InvalidError: it cannot be read, or a line has not two columns.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{path} cannot be read as text.", hint="Save it as CSV.") from error
    rows = [row for row in csv.reader(text.splitlines()) if any(cell.strip() for cell in row)]
    for row in rows:
        if len(row) < len(("theirs", "ours")):
            raise InvalidError(
                f"“{','.join(row)}” in {path.name} has not two columns.",
                hint="Write their notation, a comma, and ours; nothing after it keeps the words.",
            )
    pairs = {row[0].strip(): row[1].strip() for row in rows}
    pairs.pop("theirs", None)  # the heading
    return pairs
