"""The questions of a story, one on each screen: which there are, in which order, what they ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest import story
from ingest.questions import LANGUAGES, LETTERS, Kind, Part, Question, choices, kinds
from ingest.structure import summary_of
from kb import content
from kb.models import StoryDraft
from kb.vocabulary import Naming, Visibility
from kb.wording import marked
from web.i18n import ENGLISH

QUICK, WHOLE = "quick", "whole"
ABOUT, PHOTO, SHOWING, REVIEW = "about", "photo", "showing", "review"
LAST = (ABOUT, PHOTO, SHOWING)  # asked of every story, after its questions
# What stands at once on the screen of an idea or of numbers; the rest is a touch away.
FIRST = frozenset(
    {"text", "steps", "decision", "reason", "activity", "who", "n_sites", "verdict", "name"}
)
FIRST_OF_NUMBERS = frozenset({"name", "direction"})
CONTEXT = {
    "monthly_births": marked("Births in a month"),
    "beds": marked("Beds"),
    "staff": marked("Staff, such as 3 midwives, 2 nurses"),
}
# What to answer for each of the twelve things that `kb.scores.completeness` counts.
ASKED_BY = {
    "the problem with a number": ("role", "problem"),
    "an aim with an amount and a date": ("fills", "aim.text"),
    "who was in the team": ("role", "team"),
    "a change idea with its steps": ("role", "changes"),
    "who did it, when and where": ("role", "changes"),
    "how it was kept going": ("role", "sustainability"),
    "a result for patients": ("data", True),
    "what did not work": ("role", "did-not-work"),
    "what it cost or needed": ("role", "cost"),
    "help received or needed": ("role", "support"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One box to fill in: its name in the form is its code."""

    code: str
    ask: str
    value: str
    lines: int = 1
    choices: Mapping[str, str] | None = None  # value and label of each
    number: bool = False
    key: str = ""  # of a part of a block


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a story is: which of the questions this is, and the screens around it."""

    number: int  # 0: not a question of the story
    of: int
    before: str  # name of the screen; empty at the first one
    after: str


def kind_of(draft: StoryDraft) -> Kind:
    """Return the template that a story is told by."""
    return kinds()[draft.kind]


def asked_in(language: str) -> str:
    """Return the language to ask in for a reader of `language`."""
    return language if language in LANGUAGES else ENGLISH


def questions(kind: Kind, path: str) -> list[Question]:
    """Return the questions of a path: the quick one, all, or those that it names."""
    every = [one for one in kind.questions if not one.inside and one.fills != "naming"]
    if path == QUICK:
        return [one for one in every if one.star]
    named = path.split()
    return [one for one in every if path == WHOLE or one.code in named]


def screens(draft: StoryDraft) -> list[str]:
    """Return the names of all screens, in order; numbers have theirs after their question."""
    kind, found = kind_of(draft), list[str]()
    for one in questions(kind, draft.path):
        found.append(one.code)
        if one.data:
            blocks = story.blocks(kind, one, draft.answers) or [1]
            found += [one.code_of(number, "") for number in blocks]
    return [*found, *LAST, REVIEW]


def progress(draft: StoryDraft, name: str) -> Progress:
    """Return where a screen stands; one that the path does not have stands before the end."""
    names = screens(draft)
    base = name.partition(".")[0]
    asked = [one.code for one in questions(kind_of(draft), draft.path)]
    if name not in names:  # an idea that is changed, or a question that was skipped on this path
        after = base if "." in name and base in names else REVIEW
        return Progress(0, len(asked), after, after)
    at = names.index(name)
    number = asked.index(base) + 1 if base in asked else 0
    before = names[at - 1] if at else ""
    return Progress(number, len(asked), before, names[at + 1])


def question_of(kind: Kind, code: str) -> Question | None:
    """Return the question of a code, of those that have a screen."""
    found = (one for one in kind.questions if one.code == code and not one.inside)
    return next((one for one in found if one.fills != "naming"), None)


def field(one: Question, said: Mapping[str, Any], language: str) -> Field:
    """Return the box of a question that is not asked in blocks."""
    return Field(
        code=one.code,
        ask=one.ask[language],
        value=str(said.get(one.code, "")),
        lines=1 if one.number or one.choice else max(one.lines, 4),
        choices=_labels(one.choice, language),
        number=one.number,
    )


def about(kind: Kind, said: Mapping[str, Any], language: str) -> list[Field]:
    """Return the boxes for title, place and dates."""
    return [
        Field(one.code, one.ask[language], str(said.get(one.code, "")), 1,
              _labels(one.choice, language), key=one.fills)
        for one in kind.about
    ]  # fmt: skip


def block(
    kind: Kind, one: Question, number: int, said: Mapping[str, Any], language: str
) -> list[Field]:
    """Return the boxes of one idea, kind of help, or thing that is counted."""
    return [
        _part(asked.code_of(number, letter), part, said, language)
        for asked in kind.inside(one)
        for letter, part in zip(LETTERS, asked.parts, strict=False)
    ]


def _part(code: str, part: Part, said: Mapping[str, Any], language: str) -> Field:
    labels = _labels(part.choice, language)
    value = str(said.get(code, ""))
    return Field(code, part.ask[language], value, part.lines, labels, part.number, part.key)


def _labels(choice: str, language: str) -> Mapping[str, str] | None:
    if not choice:
        return None
    return {value: label[language] for value, label in choices(choice).items()}


def told(draft: StoryDraft) -> content.Record:
    """Return the record that a story comes to as it stands."""
    beside = [(heading, text) for heading, text in draft.beside]
    said = story.record_of(kind_of(draft), draft.language, draft.answers, beside)
    agreed = draft.agreed
    sizes = {name: agreed[name] for name in CONTEXT if agreed.get(name)}
    return said.model_copy(
        update={
            "summary": summary_of(said.sections),
            "naming": Naming(agreed.get("naming") or said.naming),
            "visibility": Visibility(agreed.get("visibility") or Visibility.DISTRICT),
            "contact": agreed.get("contact", ""),
            "offer": agreed.get("offer", ""),
            "credit_wanted": bool(said.credit_line) and bool(agreed.get("credit", True)),
            "context_numbers": sizes,
        }
    )


def mended_at(kind: Kind, thing: str) -> str:
    """Return the screen that asks for one of the twelve things a record should say."""
    if thing not in ASKED_BY:
        return SHOWING if thing == "a contact or a tool to take" else ABOUT
    name, value = ASKED_BY[thing]
    found = [one for one in kind.questions if getattr(one, name) == value and not one.inside]
    return found[0].code if found else kind.questions[0].code


def answered(kind: Kind, said: Mapping[str, Any]) -> int:
    """Return how many questions have an answer, those about the place not counted."""
    codes = {code[:3] for code, words in said.items() if words}
    return sum(one.code in codes for one in kind.questions)


def unanswered(kind: Kind, said: Mapping[str, Any]) -> Sequence[str]:
    """Return the codes of the questions that nothing answers yet."""
    return [
        one.code
        for one in questions(kind, WHOLE)
        if not said.get(one.code) and not story.blocks(kind, one, said)
    ]
