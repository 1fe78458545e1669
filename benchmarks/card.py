"""How well the story card agrees with what a careful curator records of examples/library.

    python -m benchmarks.card [--words-only] [--files]

Reads every file of examples/library through the readers, proposes a draft, and compares each field
of its card with `card` in examples/truth.yaml, in two halves: files with an odd number, on which
the rules were developed, and files with an even number, whose texts were read and recorded only
when the rules had been written. docs/ingest.md says what the first look at them gave.

found    the draft filled the field;  right: with what the curator has
wrong    filled otherwise, or filled where the curator found nothing
missed   the curator has it and the draft does not, or not so
A passage is right if it holds one of the curator's quotes; text if it shares half of its words
(F1 of tokens of at least 0.5); numbers and dates if they are equal. `--files` prints what differs.
"""

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ingest.amounts import amounts_in
from ingest.draft import Proposer
from ingest.sandbox import Reader
from ingest.sentences import fold, one_line, tokens
from kb import taxonomy
from kb.content import ChangeIdea, Record
from kb.labels import Labels
from kb.settings import Settings
from kb.vocabulary import Decision, Verdict
from search.encoder import find_encoder

EXAMPLES = Path(__file__).parents[1] / "examples"
HALVES = ("even numbers", "odd numbers")
ALIKE = 0.5  # F1 of tokens from which two texts say the same
NARRATIVE = ("problem", "results", "did_not_work", "community")
LOGISTICS = ("when", "where", "who", "how_long", "materials", "everyone_included")


@dataclass
class Tally:
    """What was found, right, wrong and missed, of one field in one half."""

    found: int = 0
    right: int = 0
    wanted: int = 0
    matched: int = 0

    def add(self, other: "Tally") -> None:
        """Count another file."""
        self.found += other.found
        self.right += other.right
        self.wanted += other.wanted
        self.matched += other.matched


@dataclass
class Halves:
    """The tallies of both halves, by field, and what differs."""

    fields: dict[str, dict[str, Tally]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Tally))
    )
    wrong: list[str] = field(default_factory=list)

    def compare(
        self, name: str, what: str, *, got: Sequence[Any], wanted: Sequence[Any], same: Any
    ) -> None:
        """Count one field of one file: several values may be found, and several wanted."""
        right = [one for one in got if any(same(one, other) for other in wanted)]
        matched = [other for other in wanted if any(same(one, other) for one in got)]
        tally = Tally(len(got), len(right), len(wanted), len(matched))
        self.fields[what][_half(name)].add(tally)
        if len(right) < len(got) or len(matched) < len(wanted):
            self.wrong.append(f"{name[:2]} {what}: {list(got)!r}, the curator {list(wanted)!r}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words-only", action="store_true", help="without the encoder")
    parser.add_argument("--files", action="store_true", help="print what differs")
    asked = parser.parse_args()
    terms = taxonomy.load(taxonomy.shipped())
    encoder = None if asked.words_only else find_encoder(Settings())
    propose = Proposer(terms, Labels.of(terms), encoder.encode if encoder else None)
    halves = Halves()
    with Reader() as reader:
        for name, truth in _truths():
            record = propose(reader.read(EXAMPLES / "library" / name)).record
            compare(halves, name, record, truth)
    _print(halves)
    if asked.files:
        print("\n".join(["", *halves.wrong]))


def _half(name: str) -> str:
    return HALVES[int(name[:2]) % 2]


def _truths() -> Iterator[tuple[str, dict[str, Any]]]:
    text = (EXAMPLES / "truth.yaml").read_text(encoding="utf-8")
    for name, truth in yaml.safe_load(text).items():
        if truth["layout"] != "scan" and "card" in truth:
            yield name, truth


def compare(halves: Halves, name: str, record: Record, truth: dict[str, Any]) -> None:
    """Count every field of the card of one file."""
    card = truth["card"]
    whole = [section.body for section in record.sections] + [record.title]  # the title is -1
    told = [one.quote in whole[one.section] for one in record.evidence]
    tally = Tally(len(told), sum(told))
    halves.fields["passage, word for word"][_half(name)].add(tally)
    for what in NARRATIVE:
        passages = [one.quote for one in record.evidence if one.field == what]
        halves.compare(
            name, what, got=_one("\n".join(passages)), wanted=_any(card.get(what)), same=_holds
        )
    _baseline(halves, name, record, card.get("baseline") or {})
    _aim(halves, name, record, card.get("aim") or {})
    team = card.get("team") or {}
    halves.compare(
        name, "team roles", got=record.team_roles, wanted=team.get("roles") or [], same=_alike
    )
    _value(halves, name, "team lead", record.team_lead_role, team.get("lead"), _alike)
    _value(halves, name, "team size", record.team_size, team.get("size"), _equal)
    for what in LOGISTICS:
        wanted = (card.get("logistics") or {}).get(what)
        got = _passage(record, f"logistics.{what}") if record.logistics.get(what) else ""
        halves.compare(name, f"logistics {what}", got=_one(got), wanted=_any(wanted), same=_holds)
    cost = card.get("cost") or {}
    text = _passage(record, "cost.text")
    halves.compare(name, "cost", got=_one(text), wanted=_any(cost.get("quote")), same=_holds)
    said = record.cost
    _value(halves, name, "cost amount", said.amount if said else None, cost.get("amount"), _equal)
    _value(halves, name, "currency", said.currency if said else "", cost.get("currency"), _equal)
    got = [one.what for one in record.support_received]
    wanted = card.get("support_received") or []
    halves.compare(name, "support received", got=got, wanted=wanted, same=_holds_one)
    got = [one.text for one in record.support_requests]
    wanted = card.get("support_needed") or []
    halves.compare(name, "support needed", got=got, wanted=wanted, same=_holds_one)
    _ideas(halves, name, record, truth)


def _baseline(halves: Halves, name: str, record: Record, wanted: dict[str, Any]) -> None:
    got = record.baseline
    share = _share(got.value, got.numerator, got.denominator) if got else None
    asked = [wanted.get(part) for part in ("value", "numerator", "denominator")]
    _value(halves, name, "baseline", share, _share(*asked), _near)
    period = got.period if got else ""
    _value(halves, name, "baseline period", period, wanted.get("period"), _alike)


def _aim(halves: Halves, name: str, record: Record, wanted: dict[str, Any]) -> None:
    for part, same in (
        ("what", _alike), ("for_whom", _alike), ("start", _amount), ("target", _amount),
        ("by_when", _alike),
    ):  # fmt: skip
        got = getattr(record.aim, part) if record.aim else ""
        _value(halves, name, f"aim {part}", got, wanted.get(part), same)


def _ideas(halves: Halves, name: str, record: Record, truth: dict[str, Any]) -> None:
    left = list(record.change_ideas)
    pairs: list[tuple[ChangeIdea, dict[str, Any]]] = []
    for own, more in zip(truth["change_ideas"], truth["card"].get("ideas") or [], strict=False):
        wanted = {**own, **more}
        told = (one for one in left if _holds(f"{one.text}\n{one.steps}", [more["quote"]]))
        if match := next(told, None):
            pairs.append((match, wanted))
    ideas = truth["card"].get("ideas") or []
    found = [one for one in record.change_ideas if any(one is pair[0] for pair in pairs)]
    tally = Tally(len(left), len(found), len(ideas), len(pairs))
    halves.fields["change ideas"][_half(name)].add(tally)
    if len(pairs) < len(ideas):
        halves.wrong.append(f"{name[:2]} change ideas: {[one.text[:50] for one in left]!r}")
    for idea, wanted in pairs:
        decision = idea.decision.value if idea.decision is not Decision.PENDING else None
        asked = None if wanted["decision"] == "pending" else wanted["decision"]
        label = f"{idea.text[:40]!r} "
        _value(halves, name, "idea decision", decision, asked, _equal, label)
        failed = "did-not-work" if idea.verdict is Verdict.DID_NOT_WORK else None
        bad = wanted["verdict"] if wanted["verdict"] in {"did-not-work", "harmed"} else None
        _value(halves, name, "idea did not work", failed, bad and "did-not-work", _equal, label)
        _value(halves, name, "idea started", idea.started, wanted.get("started"), _day, label)
        _value(halves, name, "idea ended", idea.ended, wanted.get("ended"), _day, label)
        _value(halves, name, "idea who", idea.who_did_it, wanted.get("who"), _alike, label)


def _value(  # noqa: PLR0917
    halves: Halves, name: str, what: str, got: Any, wanted: Any, same: Any, label: str = ""
) -> None:
    before = len(halves.wrong)
    halves.compare(name, what, got=_one(got), wanted=_one(wanted), same=same)
    if label and len(halves.wrong) > before:
        halves.wrong[-1] += f"  {label}"


def _one(value: Any) -> list[Any]:
    return [] if value in (None, "", []) else [value]


def _any(quotes: Any) -> list[list[str]]:
    """The curator's quotes of one field, any of which will do."""
    if not quotes:
        return []
    return [quotes if isinstance(quotes, list) else [quotes]]


def _passage(record: Record, name: str) -> str:
    return "\n".join(one.quote for one in record.evidence if one.field == name)


def _holds(passage: str, quotes: Sequence[str]) -> bool:
    text = _plain(passage)
    return any(_plain(quote) in text for quote in quotes)


def _holds_one(passage: str, quote: str) -> bool:
    return _holds(passage, [quote]) or _plain(passage) in _plain(quote)


def _plain(text: str) -> str:
    return re.sub(r"[\s*_]+", "", fold(one_line(text)))


def _alike(got: str, wanted: str) -> bool:
    one, other = tokens(str(got)), tokens(str(wanted))
    both = sum(min(one.count(word), other.count(word)) for word in set(one))
    return 2 * both >= ALIKE * (len(one) + len(other))


def _amount(got: str, wanted: str) -> bool:
    one, other = (amounts_in(fold(str(text))) for text in (got, wanted))
    return bool(one and other) and _near(one[0].share, other[0].share)


def _share(value: Any, numerator: Any, denominator: Any) -> float | None:
    return 100 * numerator / denominator if denominator else value


def _near(got: float, wanted: float) -> bool:
    return abs(got - wanted) <= 1


def _equal(got: Any, wanted: Any) -> bool:
    return bool(got == wanted)


def _day(got: Any, wanted: Any) -> bool:
    return f"{got:%Y-%m-%d}".startswith(str(wanted))


def _print(halves: Halves) -> None:
    for half in reversed(HALVES):
        print(f"{half:26} found right wrong missed  precision recall")
        for what, by_half in halves.fields.items():
            one = by_half[half]
            wrong, missed = one.found - one.right, one.wanted - one.matched
            precision = f"{one.right / one.found:9.2f}" if one.found else "        –"
            recall = f"{one.matched / one.wanted:6.2f}" if one.wanted else "     –"
            print(
                f"{what:26} {one.found:5} {one.right:5} {wrong:5} {missed:6}  {precision} {recall}"
            )
        print()


if __name__ == "__main__":
    main()
