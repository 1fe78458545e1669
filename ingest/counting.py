"""Who counts, from what, and who checks: what the text says of its numbers."""

import re
from collections.abc import Iterable, Sequence

from ingest.sentences import fold, one_line, sentences
from kb.content import Measure, Section
from kb.vocabulary import DataSource, Direction, SectionRole, Unit, Validation

# Where a story speaks of its numbers, the surest first.
WHERE = (SectionRole.MEASURES, SectionRole.RESULTS, SectionRole.CONCLUSION, SectionRole.OTHER)
BASELINE = 3  # first points that say where the measure stood

_SOURCES = {
    DataSource.HMIS: r"\b(?:hmis|dhis ?2|snis|sinan|mtuha|national data system)\b",
    DataSource.REGISTER: (
        r"\b(?:registers?|log ?book|exercise book|record book|notebook|registres?|cahiers?"
        r"|registros?|cuadernos?|livros?|cadernos?|rejista|daftari|fiches?|processos|charts)\b"
    ),
    DataSource.OBSERVATION: r"\b(?:observ|watched|scored|watching|angalia)",
    DataSource.INTERVIEW: r"\b(?:interview|asked each|entrevist|exit question|enquete|mahojiano)",
}
_COUNTS = re.compile(
    r"\b(?:count|recount|re-count|taken from|come from|comes from|numbers from|figures|compt|compte"
    r"|recompt|cuent|cont[ao]|recuent|recont|hesab|anahesabu|interviewed|observed|entrevist"
    r"|sampled?|scored|read)"
)
_AGAIN = re.compile(
    r"\b(?:re-?count|counts? again|counted again"
    r"|check(?:s|ed)? (?:the|them|our|ten|five|it|against)"
    r"|re-?read|verif|recompt|recuent|volvio a contar|reconta|confer|hakiki|anahesabu tena"
    r"|repeated the count|compared (?:each|every|with))"
)
_VALIDATIONS = {
    Validation.DQA: r"\b(?:dqa|data quality (?:audit|assessment))\b",
    Validation.COACH_RECHECK: (
        r"\b(?:coach|mentor|supervis|district|sub-county|sub-district|woreda|zone|facilitador"
        r"|provinc|county|superviseur|wilaya|mkoa|red de salud)"
    ),
    Validation.CROSS_CHECK: r"\b(?:compared|against|cross|with the .{0,30}register|cruz)",
    Validation.DOUBLE_COUNT: (
        r"\b(?:second|another|two (?:of us|persons)|deuxieme|segund|mwingine)"
    ),
}
_COLLECTOR = re.compile(
    r"\b(?:the |la |le |l'|el |a |o )?((?:[\w-]+ ){0,3}(?:nurse|midwife|in-charge|clerk|assistant"
    r"|officer|coach|sage-femme|infirmiere?|matrone|enfermera|obstetra|enfermeira|parteira"
    r"|muuguzi|mkunga|focal person|matron))(?: \w+){0,4}"
    r" (?:counts|compte|cuenta|conta|anahesabu)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\s*(?:no|nobody|none|not|non|personne|nadie|ninguno|nao|ninguem|hakuna|hapana|aucun)\b"
)
_ARTICLE = re.compile(r"^(?:the|la|le|l'|el|a|o|our|notre)\s+", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")


def described(measures: Iterable[Measure], sections: Sequence[Section]) -> tuple[Measure, ...]:
    """Return the measures with source, collector, check, target and direction that are told."""
    known = tuple(measures)
    told = _sentences(sections)
    update = {
        "source": source_in(told),
        "validated_how": validation_in(told),
        "collector_role": collector_in(told),
    }
    target = _target(sections) if len(known) == 1 else None
    return tuple(_aimed(measure.model_copy(update=update), target) for measure in known)


def source_in(told: Sequence[str]) -> DataSource | None:
    """Return where the numbers come from, by the first sentence that says so."""
    for sentence in told:
        folded = fold(sentence)
        for source, words in _SOURCES.items():
            if _COUNTS.search(folded) and re.search(words, folded):
                return source
    return None


def source_named(text: str) -> DataSource | None:
    """Return the kind of source that a short answer names, such as “delivery register”."""
    folded = fold(text)
    return next((kind for kind, words in _SOURCES.items() if re.search(words, folded)), None)


def validation_named(text: str) -> Validation | None:
    """Return the check that a short answer names; None where it is not sure.

    >>> validation_named("Nobody"), validation_named("the district coach counts again")
    (<Validation.NONE: 'none'>, <Validation.COACH_RECHECK: 'coach-re-check'>)
    """
    folded = fold(text)
    if _NOBODY.match(folded):
        return Validation.NONE
    return next((how for how, words in _VALIDATIONS.items() if re.search(words, folded)), None)


def validation_in(told: Sequence[str]) -> Validation | None:
    """Return how the numbers were checked, by the first sentence that says so."""
    for sentence in told:
        folded = fold(sentence)
        for how, words in _VALIDATIONS.items():
            if (how is Validation.DQA or _AGAIN.search(folded)) and re.search(words, folded):
                return how
    return None


def collector_in(told: Sequence[str]) -> str:
    """Return the role of who counts, in the words of the text, or ""."""
    found = (_COLLECTOR.search(sentence) for sentence in told)
    return next((_ARTICLE.sub("", match[1]) for match in found if match), "")


def _sentences(sections: Sequence[Section]) -> list[str]:
    ordered = [section for role in WHERE for section in sections if section.role is role]
    return [
        one_line(sentence.text)
        for section in ordered
        for sentence in sentences(section.body)
        if not sentence.text.startswith("|")
    ]


def _target(sections: Sequence[Section]) -> float | None:
    """Return the last percent of the aim: from 38 % to 80 %."""
    aims = [section.body for section in sections if section.role is SectionRole.AIM]
    found = [number for aim in aims for number in _NUMBERS.findall(aim)]
    return float(found[-1].replace(",", ".")) if found else None


def _aimed(measure: Measure, target: float | None) -> Measure:
    """Set target and direction, where the aim is a percent and the measure began on one side.

    A target that the table itself names stays.
    """
    if measure.target is not None:
        return measure
    values = [point.exact(measure.unit) for point in measure.points]
    first = [value for value in values if value is not None][:BASELINE]
    if target is None or measure.unit is not Unit.PERCENT or not first:
        return measure
    start = float(sum(first)) / len(first)
    said = Direction.UP if target > start else Direction.DOWN
    return measure.model_copy(update={"target": target, "direction": measure.direction or said})
