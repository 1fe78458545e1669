"""`kb answer`: how others did it, summed up from the records that answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from web.commands.opening import library_of

if TYPE_CHECKING:
    from search.effects import Effect
    from search.synthesis import Group, Synthesis, Tally, Tried
    from web.names import Names

Values = list[str] | None
GROUPS = 6  # kinds of change that are shown
IDEAS = 2  # of each
FAILURES = 6
TILES = {"adopted": "■", "adapted": "◧", "pending": "□", "abandoned": "╳"}


def answer(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="As you would ask a colleague.")] = "",
    *,
    topic: Annotated[Values, typer.Option(help="Only this topic (notation).")] = None,
    intervention: Annotated[Values, typer.Option(help="Only this kind of change.")] = None,
    country: Annotated[Values, typer.Option(help="Only this country (TZA).")] = None,
    language: Annotated[Values, typer.Option(help="Only this language (fr).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Sum up how others did it, drafts too: tried, where, what became of it, what is not known.

    Without a question all that the filters leave is summed up.
    """
    from search.answer import how_others_did_it
    from search.filters import Filters, Scope
    from web.names import Names

    library = library_of(context)
    concepts = [*(topic or ()), *(intervention or ())]
    with library.reading() as session:
        found = how_others_did_it(
            session,
            library.index(session),
            question=question,
            concept=concepts[0] if len(concepts) == 1 and not question.strip() else "",
            filters=Filters(
                topics=tuple(topic or ()),
                interventions=tuple(intervention or ()),
                countries=tuple(country or ()),
                languages=tuple(language or ()),
            ),
            scope=Scope.ALL,
        )
    names = Names(library.taxonomy)
    if as_json:
        from web.api.synthesis import answer_of

        typer.echo(answer_of(found, names).model_dump_json(indent=2))
    else:
        _show(found, names)


def _show(found: "Synthesis", names: "Names") -> None:
    if not found.accounts:
        typer.echo("Nothing here answers that yet.")
        return
    answers = "answers" if len(found.accounts) == 1 else "answer"
    countries = _many(len(found.countries), "country", "countries")
    records = _many(len(found.accounts), "record", "records")
    _head(
        f"{records} {answers} this, from {_many(found.n_places, 'place', 'places')}"
        f"{f' in {countries}' if found.countries else ''}"
    )
    if found.own:
        ideas = _tallied(found.idea_verdicts, names, "outcome_verdict")
        _line(f"of the ideas of this kind: {ideas}")
    else:
        _line(_tallied(found.verdicts, names, "outcome_verdict"))
        for effect in found.effects:
            _line(_effect(effect, names))
    _show_tried(found, names)
    _show_failed(found, names)
    for title, quotes in (("What happened", found.happened), ("Their advice", found.advice)):
        if quotes:
            _head(title)
        for quote in quotes[:FAILURES]:
            _quote(quote.text, quote.record_id)
    _show_unknown(found, names)
    _head("Behind this")
    for account in found.accounts:
        _line(f"record {account.record_id}: {account.title}")


def _show_tried(found: "Synthesis", names: "Names") -> None:
    _head("What was tried")
    for group in found.groups[:GROUPS]:
        _show_group(group, names)
    if len(found.groups) > GROUPS:
        others = ", ".join(_name(group, names) for group in found.groups[GROUPS:])
        _line(f"and: {others}", dim=True)


def _show_group(group: "Group", names: "Names") -> None:
    from rich.markup import escape

    from web.terminal import console

    where = _many(group.n_places, "place", "places")
    if group.countries:
        where += f", {_many(len(group.countries), 'country', 'countries')}"
    counts = {one.value.value: one.count for one in group.decisions}
    tiles = "".join(tile * counts.get(value, 0) for value, tile in TILES.items())
    console.print(f"  [bold]{escape(_name(group, names))}[/bold]  [dim]{where}[/dim]")
    _line(f"  {tiles}  {_tallied(group.decisions, names, 'change_decision')}")
    for effect in group.effects:
        _line(f"  {_effect(effect, names)}")
    for idea in group.ideas[:IDEAS]:
        _line(f"  · {_idea(idea, names)}")
    if len(group.ideas) > IDEAS:
        _line(f"    and {len(group.ideas) - IDEAS} more", dim=True)


def _show_failed(found: "Synthesis", names: "Names") -> None:
    _head("What did not work")
    titles = {account.record_id: account.title for account in found.accounts}
    for short in found.fell_short:
        verdict = names.facet("outcome_verdict", short.verdict)
        _line(f"{verdict}: {titles[short.record_id]} (record {short.record_id})")
        if short.why:
            _quote(short.why.text, short.record_id)
    for dropped in found.dropped[:FAILURES]:
        _line(_idea(dropped.idea, names))
        if dropped.why:
            _quote(dropped.why.text, dropped.idea.record_id)
    if len(found.dropped) > FAILURES:
        _line(f"and {len(found.dropped) - FAILURES} more ideas that were given up", dim=True)
    if not found.fell_short and not found.dropped:
        _line("None of these records tells of anything that did not work.")


def _show_unknown(found: "Synthesis", names: "Names") -> None:
    unknown = found.unknown
    facts = (
        (unknown.unmeasured, "without a measure of two points or more"),
        (unknown.weak, "with numbers, but weak data"),
        (unknown.unjudged, "not saying whether it worked"),
        (unknown.uncosted, "not saying what it cost or needed"),
    )
    _head("Not known yet")
    for ids, words in facts:
        if ids:
            _line(f"{_many(len(ids), 'record', 'records')} {words}: {_listed(ids)}")
    if unknown.open_ideas.count:
        ideas = _many(unknown.open_ideas.count, "idea", "ideas")
        _line(f"{ideas} still tested or not judged: records {_listed(unknown.open_ideas.records)}")
    if unknown.levels:
        levels = ", ".join(names.facet("level", level) for level in unknown.levels)
        _line(f"no record from this level: {levels}")
    if unknown.interventions and not found.own:
        _line(f"no idea of this kind: {', '.join(map(names.concept, unknown.interventions))}")


def _effect(effect: "Effect", names: "Names") -> str:
    before, after = (names.figure(v, effect.unit) for v in (effect.before, effect.after))
    n = len(effect.measured)
    if n == 1:
        what = effect.measured[0].result.name
    else:
        better = {"up": "more is better", "down": "less is better"}
        way = better.get(str(effect.direction), "nobody said which way is better")
        what = f"middle of {n} measures, {effect.name or way}; {len(effect.went_better)} better"
    return f"{before} → {after}  {what}; {len(effect.strong)} with strong data"


def _idea(idea: "Tried", names: "Names") -> str:
    state = "" if idea.kept else f"{names.facet('change_decision', idea.decision).lower()}, "
    return f"{idea.text} ({state}record {idea.record_id})"


def _tallied(tallies: "Sequence[Tally[Any]]", names: "Names", facet: str) -> str:
    return ", ".join(f"{t.count} {names.facet(facet, t.value).lower()}" for t in tallies)


def _name(group: "Group", names: "Names") -> str:
    return names.concept(group.intervention) if group.intervention else "Not yet classified"


def _many(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _listed(record_ids: Sequence[int]) -> str:
    return ", ".join(map(str, record_ids))


def _head(title: str) -> None:
    from web.terminal import console

    console.print(f"\n{title}", style="bold", markup=False)


def _line(text: str, *, dim: bool = False) -> None:
    from web.terminal import console

    console.print(f"  {text}", style="dim" if dim else "", markup=False)


def _quote(text: str, record_id: int) -> None:
    _line(f"    “{text}” – record {record_id}", dim=True)
