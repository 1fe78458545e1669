"""What the `kb` command prints: progress, answers, concepts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from kb.taxonomy import Taxonomy
from kb.vocabulary import Became, FindingState, Scheme

if TYPE_CHECKING:  # each command loads what it needs, and no more
    from kb.batches import Summary, Undone
    from kb.bulk import Plan as Change
    from kb.findings import InContext
    from kb.models import Batch, Event, Finding, Record
    from kb.needs import Group
    from search.differences import Difference
    from search.query import Hit, Results
    from search.similar import LikeText, Similar
    from search.trend import Compared
    from web.demo import Filled
    from web.exchanging import Imported, Plan
    from web.filling import Report, Step

INTERRUPTED = 130  # exit code after Ctrl-C, as shells have it
PASSAGE_LENGTH = 240  # characters of a passage that are shown

console = Console(highlight=False, soft_wrap=True)


KEPT = "What is done is kept; the same command goes on from there."
ANEW = "Nothing of it is kept; the same command begins anew."


@contextmanager
def progress(title: str, stopped: str = KEPT) -> "Iterator[Step]":
    """Show a bar while it lasts; the step yielded moves it and prints a line above it.

    Ctrl-C ends the command with one line: what was done is committed, and not done again, or what
    `stopped` says.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with interrupted(stopped), Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)

        def step(done: int, total: int, line: str) -> None:
            bar.update(task, completed=done, total=total)
            if line:
                bar.console.print(escape(line))

        yield step


@contextmanager
def interrupted(stopped: str) -> "Iterator[None]":
    """End the command with one line on Ctrl-C: what `stopped` says."""
    try:
        yield
    except KeyboardInterrupt as stop:
        console.print(f"Stopped. {stopped}")
        raise typer.Exit(INTERRUPTED) from stop


def show_report(report: "Report") -> None:
    """Sum up what became of the files, and how to take it back."""
    known = len(report.outcomes) - len(report.added) - len(report.failed)
    console.print(
        f"{len(report.outcomes)} files: {len(report.added)} added as drafts, "
        f"{known} known already, {len(report.failed)} failed."
    )
    if report.batch_id is not None and report.added:
        console.print(
            f"This is batch {report.batch_id}; `kb undo {report.batch_id}` takes it back."
        )
    if report.looked_only:
        console.print("This was only a look: nothing was kept.")


def show_batches(found: "Sequence[Summary]") -> None:
    """List the batches, one a line."""
    for one in found:
        batch = one.batch
        counts = ", ".join(f"{number} {became}" for became, number in one.counts.items())
        unfinished = "being read" if one.is_being_read else "interrupted"
        state = "undone" if batch.undone else "" if batch.finished else unfinished
        console.print(
            f"[bold]{batch.id:>4}[/bold]  {batch.at:%Y-%m-%d %H:%M}  {batch.kind}  "
            f"{counts or 'nothing yet'}  [dim]{escape(', '.join(batch.asked))}[/dim]"
            + (f"  [bold]{state}[/bold]" if state else "")
        )
    if not found:
        console.print("No batch yet: `kb ingest FOLDER` makes one.")


def show_batch(batch: "Batch") -> None:
    """Print what became of each file of a batch."""
    for item in batch.items:
        record = f" record {item.record_id}" if item.record_id else ""
        console.print(f"{item.became:>7}{record}  {escape(item.name)}")
        for detail in filter(None, (item.title, item.reason, *item.doubts)):
            console.print(f"         [dim]{escape(detail)}[/dim]")
    if batch.undone:
        console.print(f"Undone on {batch.undone:%Y-%m-%d %H:%M} by {escape(batch.undone_by)}.")
    elif not batch.finished:
        console.print("Interrupted; the same command goes on with it.")


def show_change(plan: "Change") -> None:
    """Say which records a change would change and how, and which cannot and why."""
    for one in plan.change:
        console.print(f"[bold]{one.record_id:>5}[/bold]  {escape(one.title)}")
        if one.after:
            console.print(f"       [dim]{one.before} → {one.after}[/dim]")
        for part in one.differences:
            for field in part.fields:
                name = f"{part.field} {part.name}".strip()
                said = f"{name}, {field.field}: {field.value.old or '–'} → {field.value.new or '–'}"
                console.print(f"       [dim]{escape(said)}[/dim]")
    for left in plan.cannot:
        console.print(f"{left.record_id:>5}  {escape(left.title)}: {escape(str(left))}")
    console.print(
        f"{len(plan.change)} to change, {len(plan.same)} are so already, {len(plan.cannot)} cannot."
    )


def show_events(found: "Sequence[Event]") -> None:
    """List what happened, one a line."""
    for event in found:
        about = f"  record {event.record_id}" if event.record_id else ""
        console.print(
            f"[dim]{event.id:>6}[/dim]  {event.at:%Y-%m-%d %H:%M:%S}  "
            f"[bold]{escape(event.verb)}[/bold]{about}  {escape(_on_one_line(event.by))}"
        )
        told = {name: text for name, text in event.detail.items() if name != "digest"}
        if told:
            said = ", ".join(f"{name}: {text}" for name, text in told.items())
            console.print(f"        [dim]{escape(_on_one_line(said))}[/dim]")
    if not found:
        console.print("Nothing happened that is like that.")


def _on_one_line(text: str) -> str:
    """Return a text without line breaks and signs that a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def show_undone(undone: "Undone", *, dry_run: bool) -> None:
    """Say what went, what was restored, and what stays because somebody worked on it."""
    would = "would be " if dry_run else ""
    console.print(
        f"Batch {undone.batch_id}: {len(undone.removed)} records {would}removed, "
        f"{len(undone.restored)} {would}restored, {len(undone.conflicts)} left as they are."
    )
    for left in undone.conflicts:
        console.print(f"   record {left.record_id} “{escape(left.title)}”: {escape(str(left))}")


def show_plan(plan: "Plan") -> None:
    """Show how the columns of a list are read, and what stands in the way."""
    if plan.columns:
        table = Table("column", "read as", "such as", box=None, pad_edge=False)
        for column in plan.columns:
            read_as = column.field or "[dim]left out[/dim]"
            table.add_row(escape(column.name), read_as, escape(_short(" · ".join(column.samples))))
        console.print(table)
    console.print(f"{plan.ready} records of {plan.count} can be made.")
    for doubt in plan.doubts:
        console.print(f"[dim]{escape(doubt)}[/dim]")
    for name, said in plan.told:
        console.print(f"   {name}: {escape(said)}")


def show_collections(count: int) -> None:
    """Say how many collections come with the records."""
    if count:
        console.print(f"{count} collections come with them.")


def show_strange(strange: Mapping[str, str]) -> None:
    """Name the concepts of another library that are none of ours."""
    if not strange:
        return
    console.print(f"{len(strange)} of its concepts are not here and are kept as keywords:")
    for notation, name in strange.items():
        console.print(f"   {escape(notation)}: {escape(name)}")
    console.print("[dim]--concepts FILE says which of ours they are.[/dim]")


def show_imported(done: "Imported") -> None:
    """Sum up what became of the records of a list, and how to take it back."""
    counts = ", ".join(f"{done.count(became)} {became}" for became in Became)
    console.print(f"{len(done.brought)} records: {counts}.")
    for one in done.brought:
        for said in filter(None, (one.reason, *one.doubts)):
            console.print(f"   {one.name}: {escape(said)}")
    if done.batch_id is not None:
        console.print(f"This is batch {done.batch_id}; `kb undo {done.batch_id}` takes it back.")


def show_filled(filled: "Filled") -> None:
    """Sum up what the demo did, nothing when all of it was there."""
    if filled.report.added or filled.report.failed:
        show_report(filled.report)
    if filled.published:
        console.print(
            f"{filled.published} published as a curator would; kept back for a person to look at: "
            f"{', '.join(f'{name} ({why})' for name, why in filled.kept_back)}."
        )


def show_results(results: "Results", terms: Taxonomy, *, as_json: bool) -> None:
    """Print the answers, each with its passage and why it matched."""
    if as_json:
        return _print_json(asdict(results))
    understood = _labels([match.notation for match in results.question.concepts], terms)
    if understood:
        console.print(f"Searching also for: {escape(understood)}")
    if results.question.suggestion:
        console.print(f"Did you mean: {escape(results.question.suggestion)}")
    for number, hit in enumerate(results.hits, start=1):
        _show_hit(number, hit, terms)
    console.print(
        f"{len(results.hits)} of {results.total} records." if results.hits else "Nothing found."
    )
    return None


def show_similar(found: "Sequence[Similar]", terms: Taxonomy, *, as_json: bool) -> None:
    """Print the records that are alike, why, and what differs."""
    if as_json:
        return _print_json([asdict(one) for one in found])
    for one in found:
        console.print(f"[bold]{escape(one.title)}[/bold]  (record {one.record_id})")
        places = ", ".join(f"{shared.part}: {shared.value}" for shared in one.context)
        differs = "; ".join(_difference(two, terms) for two in one.differs)
        for label, said in {
            "In common": _labels(one.concepts, terms) or "its text",
            "Places alike": places,
            "Differs": differs,
            one.section or "": _short(one.passage),
        }.items():
            if said:
                console.print(f"   {label}: {escape(said)}")
        console.print()
    if not found:
        console.print("No record is like it yet.")
    return None


def show_like_text(plan: "LikeText", terms: Taxonomy, *, as_json: bool) -> None:
    """Print what a text was understood to tell of, and the records like it."""
    if as_json:
        return _print_json(asdict(plan))
    if plan.concepts:
        console.print(f"Understood: {escape(_labels(plan.concepts, terms))}\n")
    return show_similar(plan.similar, terms, as_json=False)


def _difference(one: "Difference", terms: Taxonomy) -> str:
    if one.aspect == "interventions":
        return f"also tried there: {_labels(one.there, terms)}"
    subject = _labels([one.concept], terms) if one.concept else one.aspect.replace("-", " ")
    return f"{subject}: {', '.join(one.there)} there, {', '.join(one.here)} here"


def show_evaluation(
    measures: Mapping[str, float],
    groups: Mapping[str, Mapping[str, Mapping[str, float]]],
    compared: "Compared | None",
    *,
    as_json: bool,
) -> None:
    """Print the measures of a judged set, by kind of question, and beside an earlier run."""
    if as_json:
        said = asdict(compared) | {"earlier": _without_questions(compared)} if compared else None
        return _print_json({**measures, "by": groups, "compared": said})
    for name, value in measures.items():
        figure = f"{value:.4f}" if isinstance(value, float) else f"{value}"
        changed = compared.differences.get(name) if compared else None
        console.print(
            f"{name:>14}  {figure}" + (f"  {changed:+.4f}" if changed is not None else "")
        )
    for name, values in groups.items():
        columns = list(next(iter(values.values())))
        table = Table(name, box=None, pad_edge=False)
        for column in columns:
            table.add_column(column, justify="right")
        for group, means in values.items():
            cells = (f"{m:.3f}" if isinstance(m, float) else f"{m}" for m in means.values())
            table.add_row(escape(group), *cells)
        console.print()
        console.print(table)
    console.print()
    if compared is None:
        console.print("No run of another version is remembered for this set.")
    else:
        _show_compared(compared)
    return None


def _show_compared(compared: "Compared") -> None:
    made_with = compared.earlier.made_with
    console.print(
        f"Against the run of {compared.earlier.at[:16].replace('T', ' ')} "
        f"(version {made_with['version'] or '?'}, code {made_with['code']}): "
        + (
            f"{compared.better} questions are answered better, {compared.worse} worse; chance "
            f"alone makes such a difference of nDCG@10 in {compared.chance:.1%} of cases."
            if compared.better or compared.worse
            else "every question is answered as well as then."
        )
    )


def _without_questions(compared: "Compared") -> dict[str, Any]:
    said = asdict(compared.earlier)
    del said["ndcg"]
    return said


def show_needs(
    groups: "Sequence[Group]", has: Mapping[str, int], terms: Taxonomy, *, as_json: bool
) -> None:
    """Print what was asked in vain, by concept, beside what the library has on it."""
    if as_json:
        return _print_json(
            [asdict(group) | {"records": has.get(group.notation, 0)} for group in groups]
        )
    for group in groups:
        name = _name_of(group.notation, terms)
        here = f", {has.get(group.notation, 0)} records on it" if group.notation else ""
        console.print(f"[bold]{escape(name)}[/bold]  asked {group.times} times{here}")
        for one in group.questions:
            said = escape(one.question) or "[dim]not kept: it may have named somebody[/dim]"
            console.print(f"   {one.times:>4}  {said}  [dim]{one.last}[/dim]")
    if not groups:
        console.print("Nothing was asked in vain.")
    return None


def _name_of(notation: str, terms: Taxonomy) -> str:
    if not notation:
        return "Without a concept"
    return terms.label(notation, "en")[0] if notation in terms.terms else notation


def show_waiting(waiting: "Sequence[tuple[Record, int]]") -> None:
    """List the records with findings that nobody decided."""
    for record, number in waiting:
        console.print(f"{record.id:>6}  {number:>4} open  {record.status}  {escape(record.title)}")
    console.print(
        f"{len(waiting)} records may name people; kb privacy RECORD shows where."
        if waiting
        else "No record has open findings."
    )


def show_findings(record: "Record", found: Sequence["InContext"]) -> None:
    """Print what was found in a record, marked where it stands, and what was decided."""
    from kb.findings import role_for  # noqa: PLC0415  a question at the terminal does not wait for it

    console.print(f"[bold]{escape(record.title)}[/bold]  (record {record.id}, {record.status})")
    for finding, before, after in found:
        console.print(
            f"{finding.id:>6}  {finding.kind}  {finding.state}"
            f"  [dim]{escape(finding.field)}[/dim]{escape(_decided(finding))}"
        )
        line = f"{_on_line(before)}[reverse]{_on_line(finding.text)}[/reverse]{_on_line(after)}"
        console.print(f"        {line}")
        if finding.state is FindingState.OPEN:
            console.print(
                f"        [dim]a role: {escape(role_for(finding, record.language))}[/dim]"
            )
    waiting = sum(one.finding.state is FindingState.OPEN for one in found)
    console.print(
        f"{len(found)} findings, {waiting} open." if found else "Nothing was found in it."
    )


def _on_line(text: str) -> str:
    return escape(" ".join(text.split("\n")))


def _decided(finding: "Finding") -> str:
    if finding.state is FindingState.OPEN:
        return ""
    instead = f", “{finding.replacement}” instead" if finding.replacement else ""
    return f"  by {finding.decided_by}{instead}"


def list_concepts(terms: Taxonomy, scheme: Scheme | None, language: str) -> None:
    """Print the concepts as a tree."""
    for name in [scheme] if scheme else list(Scheme):
        console.print(f"[bold]{name}[/bold]")
        for root in terms.roots(name):
            _show_branch(terms, root.notation, language, depth=1)


def show_concept(terms: Taxonomy, notation: str) -> None:
    """Print all that the taxonomy says about one concept."""
    term = terms[notation]
    console.print(f"[bold]{escape(term.pref['en'])}[/bold]  ({term.notation}, {term.scheme})")
    for language in dict.fromkeys((*term.pref, *term.alt, *term.abbr)):
        pref = (term.pref[language],) if language in term.pref else ()
        others = ", ".join((*term.alt.get(language, ()), *term.abbr.get(language, ())))
        console.print(f"   {language}: {escape('; '.join((*pref, *filter(None, (others,)))))}")
    for name, related in (
        ("broader", term.broader),
        ("narrower", [below.notation for below in terms.narrower(notation)]),
        ("related", term.related),
    ):
        if related:
            console.print(f"   {name}: {', '.join(related)}")
    if term.deprecated:
        instead = terms.current(notation)
        console.print("   no longer used" + (f"; use {instead}" if instead else ""))


def _show_hit(number: int, hit: "Hit", terms: Taxonomy) -> None:
    console.print(f"[bold]{number}. {escape(hit.title)}[/bold]  (record {hit.record_id})")
    where = hit.heading or str(hit.section)
    console.print(f"   {escape(where)}: {escape(_short(hit.passage))}")
    reasons = [
        f"words: {', '.join(hit.words)}" if hit.words else "",
        f"concepts: {_labels(hit.concepts, terms)}" if hit.concepts else "",
        f"meaning: {hit.parts.meaning:.2f}" if hit.parts.meaning else "",
    ]
    console.print(f"   [dim]{escape(' · '.join(filter(None, reasons)))}[/dim]")
    for other in hit.folded:
        console.print(f"   [dim]+ {escape(other.title)}  (record {other.record_id})[/dim]")
    console.print()


def _show_branch(terms: Taxonomy, notation: str, language: str, *, depth: int) -> None:
    label, _ = terms.label(notation, language)
    console.print(f"{'  ' * depth}{escape(label)}  [dim]{notation}[/dim]")
    for below in terms.narrower(notation):
        _show_branch(terms, below.notation, language, depth=depth + 1)


def _labels(notations: Sequence[str], terms: Taxonomy) -> str:
    return ", ".join(terms.label(notation, "en")[0] for notation in dict.fromkeys(notations))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return (
        words if len(words) <= PASSAGE_LENGTH else words[:PASSAGE_LENGTH].rsplit(" ", 1)[0] + " …"
    )


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201  for programs
