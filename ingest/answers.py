"""A filled template as a record: each answer in its field, unchanged; what is missing is said."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ingest import forms
from ingest.counting import source_named, validation_named
from ingest.dating import cadence_of, column
from ingest.document import Form
from ingest.forms import Filled, Place
from ingest.numerals import read as read_cell
from ingest.periods import day_in, parse, span_in
from ingest.places import countries_in
from ingest.questions import DATA, Part, Question, choices
from kb import content
from kb.countries import alpha3
from kb.vocabulary import (
    Decision,
    Direction,
    FacilityType,
    Level,
    MeasureType,
    Naming,
    SectionRole,
    SourceKind,
    Unit,
    Verdict,
)

NAMES = {"unit": Unit, "direction": Direction, "decision": Decision, "verdict": Verdict}
ENUMS = NAMES | {"naming": Naming, "level": Level, "facility_type": FacilityType}
LOGISTICS = {"who": "who", "when": "when", "where": "where", "how_long": "how_long"}
LOGISTICS |= {
    "needed": "materials",
    "everyone": "everyone_included",
    "period": "when",
    "dose": "how_long",
}
ASIDE = {
    "en": "Written beside the boxes",
    "fr": "Écrit à côté des cases",
    "es": "Escrito fuera de las casillas",
    "pt": "Escrito fora das caixas",
    "sw": "Yaliyoandikwa nje ya visanduku",
    "ar": "ما كُتب خارج الخانات",
}

_PIECE = re.compile(r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+)")


def record_of(form: Form, *, title: str) -> content.Record | None:
    """Return the record that a filled template tells, or None where the template is none of ours.

    `title` stands in where none was written. Answers stand unchanged in their sections and fields.
    """
    filled = forms.read(form)
    return told(filled, title=title) if filled else None


def told(filled: Filled, *, title: str) -> content.Record:
    """Return the record that these answers tell; `title` stands in where none was written."""
    return _Writer(filled).record(title)


class _Said(NamedTuple):
    """An answer, and the section that holds it; -1 where none does."""

    question: Question
    text: str
    section: int


class _Writer:
    """Collects sections, fields, evidence and doubts in the order of the questions."""

    def __init__(self, filled: Filled) -> None:
        self._filled = filled
        self._language = filled.language
        self._sections: list[content.Section] = []
        self._evidence: list[content.Evidence] = []
        self._doubts: list[str] = list(filled.doubts)
        self._fields: dict[str, object] = {}
        self._place: dict[str, str] = {}
        self._aim: dict[str, str] = {}
        self._logistics: dict[str, list[str]] = {}
        self._lists: dict[str, list[content.Value]] = {}

    def record(self, title: str) -> content.Record:
        kind = self._filled.kind
        for one in kind.about:
            self._question(one)
        for one in kind.questions:
            if not one.inside:
                self._question(one)
        for label, text in self._filled.beside:
            self._section(SectionRole.OTHER, label or ASIDE[self._language], text)
        if "title" not in self._fields:
            self._fields["title"] = title
        fields = {
            "record_type": kind.record_type,
            "level": kind.level,
            "language": self._language,
            "source_kind": SourceKind.AUTHORED,
            **self._fields,
            **{name: tuple(values) for name, values in self._lists.items()},
            "sections": tuple(self._sections),
            "evidence": tuple(self._evidence),
            "doubts": tuple(dict.fromkeys(self._doubts)),
            "aim": content.Aim(**self._aim) if self._aim else None,
            "places": (content.Place.model_validate(self._place),) if self._place else (),
            "logistics": {
                name: "\n".join(dict.fromkeys(texts)) for name, texts in self._logistics.items()
            },
        }
        return content.Record.model_validate(fields)

    def _question(self, one: Question) -> None:
        blocks = self._filled.blocks(one)
        text = self._filled.answer(one.code)
        if not text and not blocks:
            if not self._filled.guided:
                self._doubts.append(f"Not answered: {one.code} {one.ask[self._language]}")
            return
        if text:
            self._answer(one, text)
        for index, block in enumerate(blocks):
            self._block(one, block, index)

    def _answer(self, one: Question, text: str) -> None:
        kept = text
        if one.choice:
            kept = self._chosen(one.choice, text)
        section = self._section(one.role, one.ask[self._language], kept) if one.role else -1
        if not one.fills or not kept:
            return
        fill = getattr(self, f"_fill_{one.fills.partition('.')[0]}", None)
        if fill is not None:
            fill(_Said(one, text, section))
        elif one.choice:
            self._choice(_Said(one, text, section))
        elif one.number:
            self._number(one, text)
        else:
            self._fields[one.fills] = text

    # What fills a field, by the name of the field in questions.yaml.

    def _fill_title(self, said: _Said) -> None:
        self._fields["title"] = " ".join(said.text.split())
        self._says("title", said.section, said.text)

    def _fill_country(self, said: _Said) -> None:
        found = countries_in(said.text)
        if said.text in alpha3().values():  # chosen from a list
            self._place["country"] = said.text
        elif found and found[0].named:
            self._place["country"] = found[0].code
        else:
            self._doubts.append(f"{said.question.code}: the country “{said.text}” is not known.")

    def _fill_admin1(self, said: _Said) -> None:
        self._place[said.question.fills] = said.text

    _fill_admin2 = _fill_facility = _fill_admin1

    def _fill_facility_type(self, said: _Said) -> None:
        value = self._value(said.question.code, said.question.choice, said.text)
        if value:
            self._place["facility_type"] = value

    def _fill_start_date(self, said: _Said) -> None:
        day = _day(said.text)
        if day is None:
            self._doubts.append(f"{said.question.code}: “{said.text}” is not read as a month.")
        else:
            self._fields[said.question.fills] = day.replace(day=1)

    _fill_end_date = _fill_start_date

    def _fill_aim(self, said: _Said) -> None:
        self._aim[said.question.fills.removeprefix("aim.")] = said.text
        self._says(said.question.fills, said.section, said.text)

    def _fill_team_roles(self, said: _Said) -> None:
        lines = said.text.split("\n") if "\n" in said.text else re.split(r"[,;]", said.text)
        pieces = [_PIECE.sub("", line, count=1).strip() for line in lines]
        self._fields["team_roles"] = tuple(dict.fromkeys(filter(None, pieces)))
        for piece in dict.fromkeys(filter(None, pieces)):
            self._says("team_roles", said.section, piece)

    def _fill_logistics(self, said: _Said) -> None:
        self._logistics.setdefault(said.question.fills.removeprefix("logistics."), []).append(
            said.text
        )
        self._says(said.question.fills, said.section, said.text)

    def _fill_cost(self, said: _Said) -> None:
        self._fields["cost"] = content.Cost(text=said.text)
        self._says("cost", said.section, said.text)

    def _fill_support_received(self, said: _Said) -> None:
        self._list(
            "support_received",
            content.SupportReceived(what=said.text),
            said.section,
            "what",
            said.text,
        )

    def _fill_support_requests(self, said: _Said) -> None:
        asked = content.SupportRequest(text=said.text, from_level=said.question.from_level)
        self._list("support_requests", asked, said.section, "text", said.text)

    def _choice(self, said: _Said) -> None:
        value = self._value(said.question.code, said.question.choice, said.text)
        if value:
            self._fields[said.question.fills] = value
            if said.section >= 0:
                self._says(
                    said.question.fills, said.section, self._chosen(said.question.choice, said.text)
                )

    def _number(self, one: Question, text: str) -> None:
        found = read_cell(text).value
        if found is not None and found >= 0 and found == int(found):
            self._fields[one.fills] = int(found)
        else:
            self._doubts.append(f"{one.code}: “{text}” is not a whole number.")

    # Blocks that are asked several times.

    def _block(self, one: Question, block: tuple[int, int], index: int) -> None:
        parts = list(self._filled.parts(one, block))
        said = {part.key: text for part, text in parts}
        code = one.code_of(block[0], "")
        values = {
            part.key: self._value(code, part.choice, said[part.key])
            for part, _ in parts
            if part.choice
        }
        heading = f"{one.title[self._language]} {index + 1}"
        role = SectionRole.MEASURES if one.data else one.role or SectionRole.OTHER
        section = -1
        if parts:
            body = "\n\n".join(self._told(part, text) for part, text in parts)
            section = self._section(role, said.get("name", heading) if one.data else heading, body)
        if one.data:
            rows = self._filled.numbers.get(Place(one.code, block[0], DATA, block[1]), [])
            self._measure(rows, said, values, heading, section)
        elif "activity" in {part.key for part in one.parts}:
            self._activity(said, heading, section)
        else:
            self._idea(said, values, heading, section)
        for part, text in parts:
            if part.key in LOGISTICS and not one.data:
                self._logistics.setdefault(LOGISTICS[part.key], []).append(text)
                self._says(f"logistics.{LOGISTICS[part.key]}", section, text)

    def _told(self, part: Part, text: str) -> str:
        said = self._chosen(part.choice, text) if part.choice else text
        return f"**{part.ask[self._language]}**\n\n{said}"

    def _idea(
        self, said: dict[str, str], values: dict[str, str], heading: str, section: int
    ) -> None:
        number_ = len(self._lists.get("change_ideas", ()))
        started, ended = self._span(said.get("when", ""), heading)
        sites = read_cell(said.get("n_sites", "")).value
        if said.get("n_sites") and (sites is None or sites < 0 or sites != int(sites)):
            self._doubts.append(f"{heading}: “{said['n_sites']}” is not a whole number.")
            sites = None
        idea = content.ChangeIdea(
            text=said.get("text") or heading,
            steps=said.get("steps", ""),
            who_did_it=said.get("who", ""),
            started=started,
            ended=ended,
            decision=Decision(values.get("decision") or Decision.PENDING),
            verdict=Verdict(values.get("verdict") or Verdict.NOT_REPORTED),
            evidence_note=said.get("reason", ""),
            n_sites_tested=None if sites is None else int(sites),
        )
        if "text" not in said:
            self._doubts.append(f"{heading}: it is not said what the idea was.")
        self._lists.setdefault("change_ideas", []).append(idea)
        where = f"change_ideas.{number_}"
        for key, name in (
            ("text", "text"),
            ("steps", "steps"),
            ("who", "who_did_it"),
            ("reason", "evidence_note"),
        ):
            if key in said:
                self._says(f"{where}.{name}", section, said[key])
        if started:
            self._says(f"{where}.started", section, said["when"])
        if ended:
            self._says(f"{where}.ended", section, said["when"])
        for key in ("decision", "verdict"):
            if values.get(key):
                label = self._chosen(key, said[key])
                self._says(f"{where}.{key}", section, label)

    def _span(self, text: str, heading: str) -> tuple[date | None, date | None]:
        if not text:
            return None, None
        span = span_in(text)
        if span:
            return span.start, span.end
        day = _day(text)
        if day is None:
            self._doubts.append(f"{heading}: “{text}” is not read as a date.")
        return day, None

    def _activity(self, said: dict[str, str], heading: str, section: int) -> None:
        activity = content.SupportActivity(
            activity=said.get("activity") or heading,
            who=said.get("who", ""),
            frequency=said.get("frequency", ""),
            dose=said.get("dose", ""),
            period=said.get("period", ""),
        )
        number_ = len(self._lists.get("support_activities", ()))
        self._lists.setdefault("support_activities", []).append(activity)
        for key in ("activity", "who", "frequency", "dose", "period"):
            if key in said:
                self._says(f"support_activities.{number_}.{key}", section, said[key])

    def _measure(
        self,
        rows: list[tuple[str, ...]],
        said: dict[str, str],
        values: dict[str, str],
        heading: str,
        section: int,
    ) -> None:
        name = said.get("name") or heading
        if not said.get("name"):
            self._doubts.append(f"{heading}: what is counted has no name.")
        points = tuple(self._points(rows, name))
        counted = any(p.numerator is not None and p.denominator is not None for p in points)
        target = read_cell(said.get("target", "")).value
        if said.get("target") and target is None:
            self._doubts.append(f"{name}: the target “{said['target']}” is not a number.")
        typed = any("%" in row[3] for row in rows)
        usual = Unit.PERCENT if counted or typed or not points else Unit.COUNT
        measure = content.Measure(
            name=name,
            type=MeasureType.PROCESS,
            numerator_text=said.get("numerator_text", ""),
            denominator_text=said.get("denominator_text", ""),
            unit=Unit(values.get("unit") or usual),
            direction=Direction(values["direction"]) if values.get("direction") else None,
            source=source_named(said.get("register", "")),
            collector_role=said.get("collector", ""),
            validated_how=validation_named(said["check"]) if "check" in said else None,
            cadence=cadence_of([p for p in column([row[0] for row in rows]) if p]),
            target=target,
            points=points,
        )
        number_ = len(self._lists.get("measures", ()))
        self._lists.setdefault("measures", []).append(measure)
        kept = {
            "name": "name",
            "numerator_text": "numerator_text",
            "denominator_text": "denominator_text",
            "collector": "collector_role",
        }
        if target is not None:
            kept["target"] = "target"
        if measure.source:
            kept["register"] = "source"
        if measure.validated_how:
            kept["check"] = "validated_how"
        for key, field in kept.items():
            if key in said:
                self._says(f"measures.{number_}.{field}", section, said[key])
        if not points:
            self._doubts.append(f"{name}: no numbers were written.")

    def _points(self, rows: list[tuple[str, ...]], name: str) -> Iterator[content.Point]:
        periods = column([row[0] for row in rows])
        for row, period in zip(rows, periods, strict=True):
            if period is None:
                shown = " | ".join(filter(None, row))
                self._doubts.append(f"{name}: the period of the row “{shown}” is not read.")
                continue
            values: dict[str, float | None] = {}
            for key, cell in zip(("numerator", "denominator", "value"), row[1:4], strict=True):
                reading = read_cell(cell)
                values[key] = reading.value
                if reading.value is None and reading.is_filled:
                    self._doubts.append(f"{name}, {row[0]}: “{cell}” is not a number.")
                if reading.unsure:
                    self._doubts.append(f"{name}, {row[0]}: “{cell}” may be read in two ways.")
            counts = (values["numerator"], values["denominator"])
            if any(count is not None and count != int(count) for count in counts):
                self._doubts.append(f"{name}, {row[0]}: a count is not a whole number.")
            yield content.Point(
                period=period.first,
                label=row[0],
                note=row[4],
                numerator=values["numerator"],
                denominator=values["denominator"],
                value=values["value"],
            )

    # What all of them use.

    def _section(self, role: SectionRole | None, heading: str, body: str) -> int:
        if not body:
            return -1
        self._sections.append(
            content.Section(role=role or SectionRole.OTHER, heading=heading, body=body)
        )
        return len(self._sections) - 1

    def _says(self, field: str, section: int, quote: str) -> None:
        self._evidence.append(content.Evidence(field=field, section=section, quote=quote))

    def _list(self, name: str, value: content.Value, section: int, part: str, text: str) -> None:
        values = self._lists.setdefault(name, [])
        self._says(f"{name}.{len(values)}.{part}", section, text)
        values.append(value)

    def _value(self, code: str, choice: str, text: str) -> str:
        """Return the one value that was chosen; none or several are a doubt."""
        found, left = forms.ticked(text, choice, self._language)
        if left:
            self._doubts.append(f"{code}: “{left}” is written beside the choices.")
        if len(found) > 1:
            self._doubts.append(f"{code}: more than one box is ticked.")
        return found[0] if len(found) == 1 else ""

    def _chosen(self, choice: str, text: str) -> str:
        """Return the labels of what was chosen, and what was written beside."""
        found, left = forms.ticked(text, choice, self._language)
        labels = choices(choice)
        return "; ".join(
            [*(labels[value][self._language] for value in found), *filter(None, [left])]
        )


def _day(text: str) -> date | None:
    period = parse(text)
    return period.first if period else day_in(text)
