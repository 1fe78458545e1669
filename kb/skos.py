"""The rules that SKOS, and a tree to browse, ask of a concept scheme."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from kb.concept_file import LABELS, OWN, Place, Problem, Statement

NOTATION = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
WHO_STANDARDS = frozenset("12345678")

Statements = Mapping[str, Mapping[str, list[Statement]]]  # subject → predicate → statements


def grouped(statements: Iterable[Statement]) -> dict[str, dict[str, list[Statement]]]:
    """Return the statements by subject, then by predicate, in their order."""
    groups: dict[str, dict[str, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    for said in statements:
        groups[said.subject][said.predicate].append(said)
    return groups


def problems(
    concepts: Statements, ambiguous: Iterable[str] = (), files: Sequence[str] = ()
) -> list[Problem]:
    """Return what breaks a rule, in the order of the files and their lines.

    `ambiguous` are labels known to mean several things; they may stand with several concepts.
    `files` are named in the order in which they were laid over each other: of two statements
    that do not go together, the later one breaks the rule.

    Source: SKOS Reference (W3C, 2009), S13 labels disjoint, S14 one prefLabel a language,
    S27 related disjoint with broaderTransitive. No cycle, no dangling notation and one concept a
    label are asked by a tree to browse and by tagging from labels.
    """
    known = {label.casefold() for label in ambiguous}
    found = [problem for rule in RULES for problem in rule(concepts)]
    order = {file: n for n, file in enumerate(files)}
    found += _retired_concepts_lead_on(concepts, order)
    found += _labels_of_two_concepts(concepts, known, order)
    return sorted(found, key=lambda p: (order.get(p.place.file, 0), p.place.line))


def ancestors(notation: str, concepts: Statements) -> set[str]:
    """Return everything broader, however far; with the notation itself only in a cycle."""
    found: set[str] = set()
    waiting = _values(concepts, notation, "broader")
    while waiting:
        broader = waiting.pop()
        if broader not in found:
            found.add(broader)
            waiting += _values(concepts, broader, "broader")
    return found


def _values(concepts: Statements, notation: str, predicate: str) -> list[str]:
    return [said.value for said in concepts.get(notation, {}).get(predicate, ())]


def _place(said: Mapping[str, list[Statement]]) -> Place:
    return said["in_scheme"][0].place


def _notations_are_kebab_case(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        if not NOTATION.fullmatch(notation):
            yield Problem(
                _place(said), notation, "a notation is lower-case words joined by hyphens"
            )


def _each_has_an_english_label(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        if not any(label.key == "en" for label in said.get("pref", ())):
            yield Problem(_place(said), notation, "has no English pref label")


def _nothing_dangles(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        for predicate in ("broader", "related", "replaced_by", "exact_match"):
            for link in said.get(predicate, ()):
                is_uri = predicate == "exact_match" and ":" in link.value
                if not is_uri and link.value not in concepts:
                    message = f"{predicate} names “{link.value}”, which does not exist"
                    yield Problem(link.place, notation, message)
                elif link.value == notation:
                    yield Problem(link.place, notation, f"{predicate} names the concept itself")


def _links_stay_in_the_scheme(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        scheme = said["in_scheme"][0].value
        for link in (*said.get("broader", ()), *said.get("replaced_by", ())):
            other = _values(concepts, link.value, "in_scheme")
            if other and other[0] != scheme:
                message = (
                    f"{link.predicate} “{link.value}” is one of the {other[0]}, not of the {scheme}"
                )
                yield Problem(link.place, notation, message)


def _broader_runs_in_no_circle(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        if notation in _values(concepts, notation, "broader"):
            continue  # told as a concept that names itself
        if notation in ancestors(notation, concepts):
            circle = " → ".join(_circle(notation, concepts))
            yield Problem(said["broader"][0].place, notation, f"broader runs in a circle: {circle}")


def _circle(notation: str, concepts: Statements) -> list[str]:
    path = [notation]
    while len(path) == 1 or path[-1] != notation:
        above = _values(concepts, path[-1], "broader")
        path.append(next(b for b in above if b == notation or notation in ancestors(b, concepts)))
        if path[-1] in path[1:-1]:
            break  # a second circle hangs on this one
    return path


def _related_is_not_broader(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        for link in said.get("related", ()):
            one, other = link.value, notation
            if one in ancestors(other, concepts) or other in ancestors(one, concepts):
                message = f"related “{one}” is already broader or narrower"
                yield Problem(link.place, notation, message)


def _labels_are_disjoint(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        seen: dict[tuple[str, str], Statement] = {}
        for label in (label for kind in LABELS for label in said.get(kind, ())):
            first = seen.setdefault((label.key, label.value.casefold()), label)
            if first is not label:
                message = (
                    f"the {label.key} label “{label.value}” stands under {label.predicate} "
                    f"and under {first.predicate} (line {first.place.line})"
                )
                yield Problem(label.place, notation, message)


def _one_pref_label_a_language(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        seen: set[str] = set()
        for label in said.get("pref", ()):
            if label.key in seen:
                yield Problem(label.place, notation, f"has two pref labels in {label.key}")
            seen.add(label.key)


def _retired_concepts_lead_on(concepts: Statements, order: Mapping[str, int]) -> Iterator[Problem]:
    for notation, said in concepts.items():
        for flag in said.get("deprecated", ()):
            if flag.value != "true":
                message = f"deprecated must be true, not “{flag.value}”; nothing comes back"
                yield Problem(flag.place, notation, message)
        for link in said.get("replaced_by", ()):
            if "deprecated" not in said:
                message = "has replaced_by, so it must also have deprecated: true"
                yield Problem(link.place, notation, message)
            elif _was_retired_before(link, concepts, order):
                message = f"replaced_by “{link.value}”, which is itself deprecated"
                yield Problem(link.place, notation, message)


def _was_retired_before(link: Statement, concepts: Statements, order: Mapping[str, int]) -> bool:
    """Tell whether what replaces a concept was out of use itself; it may be retired later on.

    A layer over the file may retire it, and so may the library's own layer, of which the lines
    are in order of time. So a chain of replacements has an end.
    """
    said, own = link.place, link.place.file == OWN
    for flag in concepts.get(link.value, {}).get("deprecated", ()):
        is_later = order.get(flag.place.file, 0) > order.get(said.file, 0)
        if not (is_later or (own and flag.place.file == OWN and flag.place.line > said.line)):
            return True
    return False


def _who_standards_exist(concepts: Statements) -> Iterator[Problem]:
    for notation, said in concepts.items():
        for standard in said.get("who_std", ()):
            if standard.value not in WHO_STANDARDS:
                message = f"who_std “{standard.value}” is not a number from 1 to 8"
                yield Problem(standard.place, notation, message)


def _labels_of_two_concepts(
    concepts: Statements, ambiguous: set[str], order: Mapping[str, int]
) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str], Statement] = {}
    for notation, said in concepts.items():
        if "deprecated" in said:
            continue  # its labels may have moved to the concept that replaces it
        scheme = said["in_scheme"][0].value
        for label in (label for kind in LABELS for label in said.get(kind, ())):
            text = label.value.casefold()
            first = seen.setdefault((scheme, label.key, text), label)
            if first.subject != notation and text not in ambiguous:
                later, earlier = label, first
                if order.get(first.place.file, 0) > order.get(label.place.file, 0):
                    later, earlier = first, label
                message = (
                    f"the {later.key} label “{later.value}” is also one of {earlier.subject} "
                    f"({earlier.place})"
                )
                yield Problem(later.place, later.subject, message)


RULES: tuple[Callable[[Statements], Iterator[Problem]], ...] = (
    _notations_are_kebab_case,
    _each_has_an_english_label,
    _one_pref_label_a_language,
    _labels_are_disjoint,
    _nothing_dangles,
    _links_stay_in_the_scheme,
    _broader_runs_in_no_circle,
    _related_is_not_broader,
    _who_standards_exist,
)
