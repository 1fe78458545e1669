"""One question on each screen: shown, answered, kept, and on to the next."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from ingest import pasted, story
from ingest.pasted import Why
from ingest.questions import Question
from kb import drafts
from kb.countries import alpha3
from kb.errors import InvalidError, NotFoundError
from kb.models import StoryDraft
from kb.vocabulary import Role
from kb.wording import marked
from web import story as screens
from web.deps import NamesDep, PersonDep, ReadingDep, RecordId, WritingDep
from web.errors import STATUS
from web.forms import Form, LongFormDep
from web.names import Names
from web.pages.tell import numbers
from web.pages.tell.words import DOUBTS, EXAMPLES
from web.render import language_of, page, shown_next
from web.rules import needs

router = APIRouter(prefix="/tell", dependencies=[needs(Role.CONTRIBUTOR)], include_in_schema=False)

ScreenName = Annotated[str, Path(pattern=r"^([A-Z]\d\d(\.\d{1,2})?|about)$")]


@router.get("/{draft_id}/{name}")
def screen_page(
    request: Request,
    session: ReadingDep,
    person: PersonDep,
    names: NamesDep,
    *,
    draft_id: RecordId,
    name: ScreenName,
    left: Annotated[str, "columns that were pasted and not used"] = "",
) -> Response:
    """Ask one question, with what was answered until now."""
    draft = drafts.get(session, person, draft_id)
    beside = (pasted.Doubt(Why.LEFT_OUT, left[:200]),) if left else ()
    return _screen(request, names, draft, name, doubts=beside)


@router.post("/{draft_id}/{name}")
def answer_screen(
    request: Request,
    session: WritingDep,
    person: PersonDep,
    names: NamesDep,
    form: LongFormDep,
    *,
    draft_id: RecordId,
    name: ScreenName,
) -> Response:
    """Keep the answer, and show the next screen, the one before, or this one again."""
    draft = drafts.get(session, person, draft_id)
    said, left = _said(draft, name, form)
    step = _step(draft, name, said)
    try:
        drafts.answer(session, draft, step, said, version=form.number("version"))
    except drafts.TwoPhonesError as error:
        session.rollback()
        draft = drafts.get(session, person, draft_id)
        return _screen(request, names, draft, name, said=said, error=error, theirs=error.theirs)
    except InvalidError as error:
        session.rollback()
        draft = drafts.get(session, person, draft_id)
        return _screen(request, names, draft, name, said=said, error=error)
    if form.text("do") == "paste" and left is None:
        session.commit()
        return _not_understood(request, names, draft, name, form)
    address = _next(draft, name, form.text("do"), left or "")
    session.commit()
    return shown_next(request, address, part=True)


@router.post("/{draft_id}/{name}/look")
def look_at_numbers(
    request: Request,
    session: ReadingDep,
    person: PersonDep,
    names: NamesDep,
    form: LongFormDep,
    *,
    draft_id: RecordId,
    name: ScreenName,
) -> Response:
    """Show how the chart grows while numbers are typed; nothing is kept."""
    draft = drafts.get(session, person, draft_id)
    question, number = _asked(draft, name)
    if question is None or not question.data or not number:
        raise NotFoundError(marked("There are no numbers on this screen."))
    said, _ = _said(draft, name, form)
    grown = numbers.grown(draft, question, number, {**draft.answers, **said}, names)
    return page(
        request,
        "tell/grown.html",
        part="tell/_grown.html",
        grown=grown,
        doubts=(),
        doubt_words=DOUBTS,
    )


def _asked(draft: StoryDraft, name: str) -> tuple[Question | None, int]:
    """Return the question of a screen, and the number of its block."""
    code, _, number = name.partition(".")
    return screens.question_of(screens.kind_of(draft), code), int(number or 0)


def _said(draft: StoryDraft, name: str, form: Form) -> tuple[dict[str, Any], str | None]:
    """Return what a form answers, by its codes; and of pasted numbers what is left out of them."""
    kind = screens.kind_of(draft)
    question, number = _asked(draft, name)
    if name == screens.ABOUT:
        return {one.code: form.text(one.code) for one in kind.about}, ""
    if question is None:
        raise NotFoundError(
            marked("There is no such question."), hint=marked("Look at the list of your stories.")
        )
    if number and question.data:
        return numbers.said(draft, question, number, form)
    if question.boxed and not number:
        return {question.code: form.text(question.code)}, ""
    number = number or _new_number(draft, question)
    fields = screens.block(kind, question, number, {}, "en")
    if form.text("do") == "delete":
        return {one.code: "" for one in fields}, ""
    sent = {one.code: form.text(f"new.{one.key}") or form.text(one.code) for one in fields}
    return ({} if _is_known(draft, question, sent) else sent), ""


def _new_number(draft: StoryDraft, question: Question) -> int:
    taken = story.blocks(screens.kind_of(draft), question, draft.answers)
    return max(taken, default=0) + 1


def _is_known(draft: StoryDraft, question: Question, sent: dict[str, Any]) -> bool:
    """Tell whether another idea says the same: a form that was sent twice."""
    kind = screens.kind_of(draft)
    said = {one.key: sent[one.code] for one in _fields_of(draft, question, sent)}
    for number in story.blocks(kind, question, draft.answers):
        fields = screens.block(kind, question, number, draft.answers, "en")
        if fields[0].code not in sent and said == {one.key: one.value for one in fields}:
            return True
    return False


def _fields_of(draft: StoryDraft, question: Question, sent: dict[str, Any]) -> list[screens.Field]:
    found = story.place(next(iter(sent)))
    assert found is not None
    return screens.block(screens.kind_of(draft), question, found.number, {}, "en")


def _step(draft: StoryDraft, name: str, said: dict[str, Any]) -> str:
    """Return under which name a step is guarded: each idea is a step of its own."""
    question, number = _asked(draft, name)
    if question is None or number or question.boxed or not said:
        return name
    found = story.place(next(iter(said)))
    return question.code_of(found.number, "") if found else name


def _next(draft: StoryDraft, name: str, act: str, left: str) -> str:
    """Return the address to go on at."""
    stem = f"/tell/{draft.id}"
    if act in {"stay", "paste"}:
        return f"{stem}/{name}?left={left}#grown" if left else f"{stem}/{name}#grown"
    if act in {"add", "delete"}:
        return f"{stem}/{name.partition('.')[0]}#ideas"
    if act == "review":
        return f"{stem}/{screens.REVIEW}"
    where = screens.progress(draft, name)
    if act == "back":
        return f"{stem}/{where.before}" if where.before else "/tell"
    return f"{stem}/{where.after}"


def _not_understood(
    request: Request, names: Names, draft: StoryDraft, name: str, form: Form
) -> Response:
    error = InvalidError(
        marked("No weeks or months with numbers are found in what you pasted."),
        hint=marked(
            "Copy the cells with their first column, the weeks or months, and paste again."
        ),
    )
    return _screen(request, names, draft, name, error=error, typed=form.text("cells"))


def _screen(
    request: Request,
    names: Names,
    draft: StoryDraft,
    name: str,
    *,
    said: dict[str, Any] | None = None,
    theirs: Any = None,
    error: Any = None,
    typed: str = "",
    doubts: tuple[pasted.Doubt, ...] = (),
) -> Response:
    kind, language = screens.kind_of(draft), screens.asked_in(language_of(request))
    question, number = _asked(draft, name)
    if question is None and name != screens.ABOUT:
        raise NotFoundError(
            marked("There is no such question."), hint=marked("Look at the list of your stories.")
        )
    shown = {**draft.answers, **(said or {})}
    context: dict[str, Any] = {"kind": kind, "ideas": [], "fields": [], "grown": None, "rows": []}
    context |= {"doubts": doubts, "doubt_words": DOUBTS, "countries": ()}
    if question is None:
        form = "about"
        context["fields"] = screens.about(kind, shown, language)
        context["countries"] = _countries(names)
    elif question.data and number:
        form = "numbers"
        context |= numbers.shown(draft, question, number, shown, names=names, language=language)
    elif question.boxed:
        form = "text"
        context["fields"] = [screens.field(question, shown, language)]
    else:
        form = "block" if number else "blocks"
        taken = story.blocks(kind, question, draft.answers)
        context["fields"] = screens.block(
            kind, question, number or max(taken, default=0) + 1, shown, language
        )
        context["ideas"] = [
            (n, screens.block(kind, question, n, draft.answers, language)) for n in taken
        ]
    return page(
        request,
        "tell/screen.html",
        part="tell/_screen.html",
        status=next(STATUS[k] for k in type(error).__mro__ if k in STATUS) if error else 200,
        draft=draft,
        name=name,
        form=form,
        question=question,
        ask=question.ask[language] if question else "",
        title=question.title.get(language, "") if question else "",
        block_number=number,
        progress=screens.progress(draft, name),
        example=EXAMPLES.get(question.code, "") if question else "",
        theirs=_told(theirs, context["fields"]),
        error=error,
        typed=typed,
        **context,
    )


def _countries(names: Names) -> list[tuple[str, Any]]:
    """Return all countries to choose from, by their names."""
    every = ((code, names.country(code)) for code in alpha3().values())
    found = [(code, name) for code, name in every if str(name) != code]
    return sorted(found, key=lambda one: str(one[1]))


def _told(theirs: Any, fields: list[screens.Field]) -> list[tuple[str, str]]:
    """Return what somebody else answered: each question, and their words."""
    asks = {one.code: one for one in fields}
    found = []
    for code, answer in (theirs or {}).items():
        one = asks.get(code)
        words = answer if isinstance(answer, str) else _rows(answer)
        label = one.choices.get(words, words) if one and one.choices else words
        found.append((one.ask if one else "", label))
    return [(ask, words) for ask, words in found if words]


def _rows(rows: list[list[str]]) -> str:
    return "\n".join(" · ".join(filter(None, row)) for row in rows)
