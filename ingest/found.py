"""What was read in a document, as answers to the questions, to be confirmed or changed.

The way back from `ingest.answers`. What no question asks for stays beside the answers, so that
nothing of the document is lost.
"""

from collections.abc import Iterator
from datetime import date

from ingest.questions import DATA, LETTERS, Kind, Question, kinds
from ingest.story import MOST_BLOCKS, Answer
from kb import content
from kb.vocabulary import Decision, Level, RecordType, SectionRole, Verdict

MOST_MEASURES = 4  # of one document: whoever sent it can look at no more


def kind_of(said: content.Record) -> Kind:
    """Return the template whose questions a document answers."""
    if said.record_type is RecordType.LEARNING_BRIEF:
        return kinds()["brief"]
    by_level = {Level.DISTRICT: "district", Level.REGION: "district", Level.NATIONAL: "national"}
    return kinds()[by_level.get(said.level, "facility")]


def answers_of(said: content.Record, kind: Kind) -> dict[str, Answer]:
    """Return the answers that stand in the record, by the codes of the questions."""
    found: dict[str, Answer] = {}
    for one in kind.about:
        found[one.code] = _short(said, one.fills)
    told = set[SectionRole]()
    for one in kind.questions:
        if one.inside:
            continue
        if one.parts:
            found |= _blocks(said, kind, one)
        if one.boxed and one.fills != "naming":
            filled = _filled(said, one.fills) if one.fills else ""
            found[one.code] = filled or _text(said, one, told)
    return {code: answer for code, answer in found.items() if answer}


def beside(said: content.Record, kind: Kind) -> list[tuple[str, str]]:
    """Return heading and text of what no question asks for."""
    asked = {one.role for one in kind.questions if one.boxed and one.role}
    return [
        (section.heading, section.body)
        for section in said.sections
        if section.role not in asked and section.body.strip()
    ]


def _short(said: content.Record, fills: str) -> str:
    where = said.places[0] if said.places else content.Place()
    if fills == "title":
        return said.title
    if fills in {"start_date", "end_date"}:
        return _month(getattr(said, fills))
    if fills == "level":
        return said.level if said.level in {Level.DISTRICT, Level.REGION} else ""
    return str(getattr(where, fills, None) or getattr(said, fills, "") or "")


def _filled(said: content.Record, fills: str) -> str:
    """Return what a field of the record says, as somebody would have typed it."""
    name, _, part = fills.partition(".")
    if name == "aim":
        return getattr(said.aim, part) if said.aim else ""
    if name == "cost":
        return said.cost.text if said.cost else ""
    if name == "logistics":
        return said.logistics.get(part, "")
    if name == "verdict":
        return "" if said.verdict is Verdict.NOT_REPORTED else said.verdict
    value = getattr(said, name)
    if isinstance(value, tuple):
        return "\n".join(map(_line, value))
    return "" if value is None else str(value)


def _line(value: object) -> str:
    if isinstance(value, content.SupportReceived):
        return value.what
    return value.text if isinstance(value, content.SupportRequest) else str(value)


def _text(said: content.Record, one: Question, told: set[SectionRole]) -> str:
    """Return the sections of a question's role, for the first question that has this role."""
    if one.role is None or one.role in told or one.choice or one.number:
        return ""
    told.add(one.role)
    return "\n\n".join(section.body for section in said.sections if section.role is one.role)


def _blocks(said: content.Record, kind: Kind, one: Question) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for number, values in enumerate(_values(said, one), start=1):
        for asked in kind.inside(one):
            for letter, part in zip(LETTERS, asked.parts, strict=False):
                found[asked.code_of(number, letter)] = values.get(part.key, "")
        if one.data:
            measure = said.measures[number - 1]
            found[one.code_of(number, DATA)] = [list(_row(point)) for point in measure.points]
    return found


def _values(said: content.Record, one: Question) -> Iterator[dict[str, str]]:
    if one.data:
        yield from map(_measure, said.measures[:MOST_MEASURES])
    elif one.rows == "support":
        for activity in said.support_activities[:MOST_BLOCKS]:
            parts = ("activity", "who", "frequency", "dose", "period")
            yield {part: getattr(activity, part) for part in parts}
    else:
        yield from map(_idea, said.change_ideas[:MOST_BLOCKS])


def _idea(idea: content.ChangeIdea) -> dict[str, str]:
    when = [_month(day) for day in (idea.started, idea.ended) if day]
    return {
        "text": idea.text,
        "steps": idea.steps,
        "who": idea.who_did_it,
        "when": " – ".join(when),
        "decision": "" if idea.decision is Decision.PENDING else idea.decision,
        "reason": idea.evidence_note,
        "n_sites": str(idea.n_sites_tested or ""),
        "verdict": "" if idea.verdict is Verdict.NOT_REPORTED else idea.verdict,
    }


def _measure(measure: content.Measure) -> dict[str, str]:
    return {
        "name": measure.name,
        "numerator_text": measure.numerator_text,
        "denominator_text": measure.denominator_text,
        "unit": measure.unit,
        "direction": measure.direction or "",
        "target": _number(measure.target),
        "collector": measure.collector_role,
        "register": measure.source or "",
        "check": measure.validated_how or "",
    }


def _row(point: content.Point) -> tuple[str, ...]:
    value = "" if point.numerator is not None else _number(point.value)
    label = point.label or point.period.isoformat()
    return label, _number(point.numerator), _number(point.denominator), value, point.note


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _month(day: date | None) -> str:
    return f"{day:%Y-%m}" if day else ""
