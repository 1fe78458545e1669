"""What stands above a concept once some of the concepts above it are retired."""

from collections.abc import Iterator, Mapping

from kb.concept_file import Statement
from kb.skos import Statements

Above = dict[str, dict[str, None]]  # notation → what is broader, in order, each once


def in_use_above(concepts: Statements) -> Above:
    """Return the broader concepts of each; in the place of a retired one what replaced it.

    Where nothing replaced it, or what did stands below, what was broader than it takes its
    place. So what is narrower than a retired concept is still found from the top. A retired
    concept keeps its own place. No circle comes of it.
    """
    raw = {notation: _values(said, "broader") for notation, said in concepts.items()}
    retired = {notation for notation, said in concepts.items() if "deprecated" in said}
    above: Above = {
        notation: dict.fromkeys(b for b in broader if notation in retired or b not in retired)
        for notation, broader in raw.items()
    }
    for notation, broader in raw.items():
        if notation not in retired:
            for gone in (b for b in broader if b in retired):
                for heir in _heirs(gone, concepts, raw, retired):
                    if not _stands_over(notation, heir, above):
                        above[notation][heir] = None
                        break
    return above


def _heirs(
    gone: str, concepts: Statements, raw: dict[str, tuple[str, ...]], retired: set[str]
) -> Iterator[str]:
    """Yield what may take the place of a retired concept, the best first; all are in use."""
    heir: str | None = gone
    while heir in retired:
        heir = next(iter(_values(concepts[heir], "replaced_by")), None)
    if heir is not None and concepts[heir]["in_scheme"][0].value == _scheme(concepts, gone):
        yield heir
    waiting, seen = list(raw[gone]), {gone}
    while waiting:
        above = waiting.pop(0)
        if above in retired and above not in seen:
            seen.add(above)
            waiting += raw[above]
        elif above not in retired:
            yield above


def _stands_over(notation: str, other: str, above: Above) -> bool:
    """Tell whether `other` is the concept itself, or somewhere below it."""
    waiting, seen = [other], {other}
    while waiting:
        one = waiting.pop()
        if one == notation:
            return True
        waiting += [b for b in above[one] if b not in seen]
        seen |= above[one].keys()
    return False


def _scheme(concepts: Statements, notation: str) -> str:
    return concepts[notation]["in_scheme"][0].value


def _values(said: Mapping[str, list[Statement]], predicate: str) -> tuple[str, ...]:
    return tuple(statement.value for statement in said.get(predicate, ()))
