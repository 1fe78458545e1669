"""How well tags are suggested, beside what others would suggest; and how the weights are made.

    python -m benchmarks.tagging [--fit] [--quick]

The stories of examples/library are dealt into ten parts (a near duplicate goes with its
original). For each part, weights are fitted on the other nine, whose tags are also all that
neighbours and baselines may see. How sure a suggestion is, and the least that is shown, are fitted
on scores so held out, for each story without its own. `--fit` writes ingest/weights.yaml from all
stories; `--quick` leaves the baselines out.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from benchmarks import baselines
from benchmarks.baselines import Story
from ingest import structure
from ingest.calibration import (
    Scale,
    Weights,
    calibration_error,
    reliability,
    sigmoid,
)
from ingest.classify import Tagger, Told
from ingest.draft import with_results
from ingest.language import language_of
from ingest.neighbours import Advice, Confirmed
from ingest.sandbox import Reader
from kb import taxonomy
from kb.labels import Labels
from kb.settings import Settings
from kb.vocabulary import Scheme
from search.encoder import find_encoder

EXAMPLES = Path(__file__).parents[1] / "examples"
WEIGHTS = Path(__file__).parents[1] / "ingest" / "weights.yaml"
HEAD = """\
# What each reason for a tag counts for. Made by `python -m benchmarks.tagging --fit` from the
# stories of examples/ with what a curator records of them; docs/ingest.md says how good it is.
# Not to be edited by hand.
#
# alone            by the document itself
# beside_others    with what curators confirmed on other records
# slope, offset    Platt's correction, by scores of stories that the weights were not fitted on
# least            the least confidence that is shown
"""
AT = 5  # tags of each scheme that count
PARTS = 10
STRENGTH = 0.03  # of the prior that keeps weights small: variance of a weight, reasons standardised
LEAST_ODDS = -6.0  # log-odds below which a concept says nothing about the correction
CUTS = np.concatenate([np.arange(0.002, 0.1, 0.002), np.arange(0.10, 0.60, 0.01)])
MANY = 10_000  # records of an invented large library

Numbers = NDArray[np.float64]
Scores = dict[str, Numbers]  # by story: one number for each concept


@dataclass(frozen=True)
class Case:
    """A story of the library, read, with what the curator records."""

    name: str
    original: str  # the file it nearly repeats, else itself
    number: int
    told: Told
    story: Story
    truth: Mapping[Scheme, Numbers]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fit", action="store_true", help="write ingest/weights.yaml")
    parser.add_argument("--quick", action="store_true", help="without the baselines")
    asked = parser.parse_args()
    terms = taxonomy.load(taxonomy.shipped())
    labels = Labels.of(terms)
    encoder = find_encoder(Settings())
    tagger = Tagger(terms, labels, encoder.encode if encoder else None)
    cases = read(tagger)
    ways: dict[str, dict[Scheme, Scores]] = {}
    for with_what, meaning in (("meaning", True), ("words", False)):
        if meaning and encoder is None:
            continue
        seen = cases if meaning else [without_meaning(case) for case in cases]
        held = hold_out(tagger, seen)
        ways[f"ours, {with_what}"] = {s: calibrated(held[s], seen, s, mix=True) for s in Scheme}
        ways[f"no record decided, {with_what}"] = {
            s: calibrated(held[s], seen, s, mix=False) for s in Scheme
        }
        if asked.fit:
            write(with_what, tagger, seen, held)
    for scheme in Scheme:
        print(f"\n{scheme}: {'precision':>36} recall   F1@{AT} NDCG@{AT}    ECE")
        for name, scores in ways.items():
            show(name, scores[scheme], cases, scheme, sure=True)
    if not asked.quick:
        for scheme in Scheme:
            print()
            for name, scores in beside(labels, tagger, cases, scheme).items():
                show(name, scores, cases, scheme, sure=False)
    for scheme in Scheme:
        bins(next(iter(ways.values()))[scheme], cases, scheme)
    optimistic(tagger, cases)
    cost(tagger, cases)


def read(tagger: Tagger) -> list[Case]:
    """Return the stories that have a text, with their reasons."""
    truths = yaml.safe_load((EXAMPLES / "truth.yaml").read_text(encoding="utf-8"))
    cases = []
    with Reader() as reader:
        for name, truth in truths.items():
            if truth["layout"] == "scan":
                continue
            document = reader.read(EXAMPLES / "library" / name)
            found = structure.read(document.markdown, title=document.title)
            sections = tuple(map(with_results, found.sections))
            language = language_of(document.markdown, declared=document.metadata.language)
            told = tagger.read(found.title, sections, language=language)
            right = {s: np.isin(tagger.concepts(s), truth[s]).astype(float) for s in Scheme}
            text = "\n".join([found.title, *(f"{s.heading}\n{s.body}" for s in sections)])
            cases.append(
                Case(
                    name=name,
                    original=truth["near_duplicate_of"] or name,
                    number=len(cases),
                    told=told,
                    story=Story(found.title, text, language, np.zeros(0)),
                    truth=right,
                )
            )
    return cases


def without_meaning(case: Case) -> Case:
    """The same story, read without an encoder."""
    return replace(case, told=replace(case.told, meant=None))


def parts(cases: Sequence[Case]) -> list[tuple[list[Case], list[Case]]]:
    """Deal the stories: for each part, the others and its own."""
    originals = sorted({case.original for case in cases})
    dealt = [set(originals[n::PARTS]) for n in range(PARTS)]
    return [
        (
            [case for case in cases if case.original not in mine],
            [case for case in cases if case.original in mine],
        )
        for mine in dealt
    ]


# --- ours ---


@dataclass(frozen=True)
class Held:
    """Log-odds of stories by weights that did not see them, and how many records were asked."""

    alone: Scores
    beside: Scores
    records: int


def hold_out(tagger: Tagger, cases: Sequence[Case]) -> dict[Scheme, Held]:
    """Return scores of each story by weights and neighbours of the other parts."""
    held = {scheme: Held({}, {}, 0) for scheme in Scheme}
    for others, mine in parts(cases):
        fitted = fit(tagger, others)
        for case in mine:
            advice = fitted.advise(case)
            for scheme in Scheme:
                rows = with_advice(tagger, case, scheme, advice)
                held[scheme].alone[case.name] = fitted.alone[scheme].log_odds(rows)
                held[scheme].beside[case.name] = fitted.beside[scheme].log_odds(rows)
                held[scheme] = replace(held[scheme], records=advice.records)
    return held


@dataclass(frozen=True)
class Fitted:
    """Weights, and the shelf of the stories they were fitted on."""

    tagger: Tagger
    alone: Mapping[Scheme, Weights]
    beside: Mapping[Scheme, Weights]
    shelf: Confirmed
    family: Mapping[str, list[int]]  # numbers of the stories that repeat one another

    def advise(self, case: Case) -> Advice:
        """What the shelf says of a story, itself and its near duplicate left out."""
        return self.shelf.advise(
            self.tagger.own(case.told), without=self.family.get(case.original, ())
        )


def fit(tagger: Tagger, cases: Sequence[Case]) -> Fitted:
    """Fit the weights alone, shelve the stories, then fit the weights beside others."""
    alone = {
        scheme: logistic([(own_reasons(case, scheme), case.truth[scheme]) for case in cases])
        for scheme in Scheme
    }
    scales = {scheme: Scale(alone[scheme], alone[scheme], 0.3) for scheme in Scheme}
    weighing = Tagger(tagger.taxonomy, tagger.labels, scale_of=lambda scheme, **_: scales[scheme])
    shelf = shelved(weighing, cases)
    family: dict[str, list[int]] = {}
    for case in cases:
        family.setdefault(case.original, []).append(case.number)
    unfinished = Fitted(weighing, alone, alone, shelf, family)
    advice = {case.name: unfinished.advise(case) for case in cases}
    beside = {
        scheme: logistic(
            [
                (with_advice(tagger, case, scheme, advice[case.name]), case.truth[scheme])
                for case in cases
            ]
        )
        for scheme in Scheme
    }
    return replace(unfinished, beside=beside)


def shelved(tagger: Tagger, cases: Sequence[Case]) -> Confirmed:
    """A shelf where the curator's tags are confirmed and other suggestions rejected."""
    shelf = Confirmed(tagger.taxonomy)
    for case in cases:
        own = tagger.own(case.told)
        likely = {tagger.notations[n] for n in np.argsort(-own)[:12] if own[n] > 0.1}
        right = {
            one
            for scheme in Scheme
            for one, yes in zip(tagger.concepts(scheme), case.truth[scheme], strict=True)
            if yes
        }
        shelf.add(case.number, case.story.title, confirmed=right, rejected=likely - right)
    return shelf


def own_reasons(case: Case, scheme: Scheme) -> dict[str, Numbers]:
    """The reasons of a story itself; without those of an encoder where none is asked."""
    said = case.told.reasons[scheme]
    if case.told.meant:
        return dict(said)
    return {name: numbers for name, numbers in said.items() if name not in MEANT}


MEANT = frozenset(
    {
        "nearest",
        "nearest_title",
        "three_nearest",
        "nearest_of_concepts",
        "close",
        "whole_of_concepts",
    }
)


def with_advice(tagger: Tagger, case: Case, scheme: Scheme, advice: Advice) -> dict[str, Numbers]:
    """The reasons of a story, and what the decided records say."""
    columns = [tagger.notations.index(one) for one in tagger.concepts(scheme)]
    others = {"votes": advice.votes[columns], "company": advice.company[columns]}
    return own_reasons(case, scheme) | others


def logistic(rows: Sequence[tuple[Mapping[str, Numbers], Numbers]]) -> Weights:
    """Logistic regression with small weights, over standardised reasons, by Newton's method."""
    names = list(rows[0][0])
    told = np.vstack([np.column_stack([said[name] for name in names]) for said, _ in rows])
    right = np.concatenate([truth for _, truth in rows])
    middle, spread = told.mean(axis=0), told.std(axis=0)
    spread[spread < 1e-9] = np.inf  # a reason that nothing has counts for nothing
    weights = newton((told - middle) / spread, right, prior=1 / STRENGTH)
    by_reason = weights[:-1] / spread
    return Weights(
        dict(zip(names, map(float, by_reason), strict=True)),
        float(weights[-1] - middle @ by_reason),
        slope=1.0,
        offset=0.0,
    )


def newton(told: Numbers, right: Numbers, *, prior: float) -> Numbers:
    """The weights that fit best, the constant last; `prior` is the inverse of their variance."""
    rows = np.column_stack([told, np.ones(len(told))])
    weights = np.zeros(rows.shape[1])
    holding = np.diag([prior] * told.shape[1] + [1e-6])
    for _ in range(30):
        likely = sigmoid(rows @ weights)
        slope = rows.T @ (likely - right) + holding @ weights
        curve = (rows * (likely * (1 - likely))[:, None]).T @ rows + holding
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def calibrated(held: Held, cases: Sequence[Case], scheme: Scheme, *, mix: bool) -> Scores:
    """Confidences of each story, corrected by what the scores of the others proved to be."""
    records = held.records if mix else 0
    sure: Scores = {}
    for case in cases:
        others = [one for one in cases if one.original != case.original]
        weights = [
            platt([(scores[o.name], o.truth[scheme]) for o in others])
            for scores in (held.alone, held.beside)
        ]
        alone, beside_ = (
            slope * scores[case.name] + offset
            for (slope, offset), scores in zip(weights, (held.alone, held.beside), strict=True)
        )
        scale = Scale(_NONE, _NONE, 0)
        sure[case.name] = scale.mixed(alone, beside_, records=records)
    return sure


_NONE = Weights({}, 0, 1, 0)


def platt(scores: Sequence[tuple[Numbers, Numbers]]) -> tuple[float, float]:
    """Slope and offset that make log-odds true."""
    told = np.concatenate([score for score, _ in scores])
    right = np.concatenate([truth for _, truth in scores])
    near = told > LEAST_ODDS
    slope, offset = newton(told[near, None], right[near], prior=1e-6)
    return float(slope), float(offset)


def write(with_what: str, tagger: Tagger, cases: Sequence[Case], held: dict[Scheme, Held]) -> None:
    """Write the weights of all stories, corrected by the scores that were held out."""
    fitted = fit(tagger, cases)
    said = yaml.safe_load(WEIGHTS.read_text(encoding="utf-8")) if WEIGHTS.exists() else None
    said = said or {str(scheme): {} for scheme in Scheme}
    for scheme in Scheme:
        sure = calibrated(held[scheme], cases, scheme, mix=True)
        said[scheme][with_what] = {
            "least": round(float(best_cut(sure, cases, scheme)), 2),
            "alone": _said(fitted.alone[scheme], held[scheme].alone, cases, scheme),
            "beside_others": _said(fitted.beside[scheme], held[scheme].beside, cases, scheme),
        }
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    WEIGHTS.write_text(HEAD + text, encoding="utf-8")


def _said(
    weights: Weights, scores: Scores, cases: Sequence[Case], scheme: Scheme
) -> dict[str, Any]:
    slope, offset = platt([(scores[case.name], case.truth[scheme]) for case in cases])
    return {
        "intercept": round(weights.intercept, 4),
        "slope": round(slope, 4),
        "offset": round(offset, 4),
        "by_reason": {name: round(weight, 4) for name, weight in weights.by_reason.items()},
    }


# --- theirs ---


def beside(
    labels: Labels, tagger: Tagger, cases: Sequence[Case], scheme: Scheme
) -> dict[str, Scores]:
    """Scores of the baselines, each from the nine other parts."""
    stories = {case.name: case.story._replace(tags=case.truth[scheme]) for case in cases}
    matcher = baselines.LexicalMatcher(labels, tagger.concepts(scheme))
    ways: dict[str, Callable[[Sequence[Story], Sequence[Story]], Numbers]] = {
        "tf-idf + 10 nearest": baselines.nearest,
        "Annif-style: tfidf": baselines.tfidf_of_concepts,
        "Annif-style: mllm": matcher,
        "Paperless-style: counts + MLP": baselines.word_counts_and_network,
    }
    scores: dict[str, Scores] = {name: {} for name in ways}
    for others, mine in parts(cases):
        for name, way in ways.items():
            found = way([stories[c.name] for c in others], [stories[c.name] for c in mine])
            scores[name] |= {case.name: row for case, row in zip(mine, found, strict=True)}
    both = ("Annif-style: tfidf", "Annif-style: mllm")
    scores["Annif-style: both"] = {
        case.name: np.mean([scores[name][case.name] for name in both], axis=0) for case in cases
    }
    return scores


# --- how good ---


def show(name: str, scores: Scores, cases: Sequence[Case], scheme: Scheme, *, sure: bool) -> None:
    """Print one line; the least score that is shown is chosen for each story on the others."""
    right = suggested = 0
    wanted = sum(int(case.truth[scheme].sum()) for case in cases)
    shown: list[tuple[float, bool]] = []
    counts = _counts(scores, cases, scheme)
    for case in cases:
        others = [one for one in cases if one.original != case.original]
        top = _above(scores[case.name], best_cut(scores, others, scheme, counts))
        right += int(case.truth[scheme][top].sum())
        suggested += len(top)
        shown += [(float(scores[case.name][n]), bool(case.truth[scheme][n])) for n in top]
    ndcg = np.mean([_ndcg(scores[case.name], case.truth[scheme]) for case in cases])
    error = f"{calibration_error(*zip(*shown, strict=True)):.3f}" if sure and shown else "–"
    print(
        f"{name:34} {right / max(suggested, 1):12.3f} {right / wanted:6.3f} "
        f"{2 * right / (suggested + wanted):6.3f} {ndcg:6.3f} {error:>6}",
        flush=True,
    )


def _counts(scores: Scores, cases: Sequence[Case], scheme: Scheme) -> dict[str, NDArray[np.int64]]:
    """For each story and cut: how many are right, suggested and wanted."""
    counts = {}
    for case in cases:
        score, truth = scores[case.name], case.truth[scheme]
        top = np.argsort(-score, kind="stable")[:AT]
        above = score[top][None, :] >= CUTS[:, None]
        counts[case.name] = np.stack(
            [above @ truth[top], above.sum(axis=1), np.full(len(CUTS), truth.sum())]
        )
    return counts


def best_cut(
    scores: Scores,
    cases: Sequence[Case],
    scheme: Scheme,
    counts: Mapping[str, NDArray[np.int64]] | None = None,
) -> float:
    """The least score that makes F1@5 of these stories highest, smoothed over its neighbours."""
    counts = counts or _counts(scores, cases, scheme)
    right, suggested, wanted = sum(counts[case.name] for case in cases)
    f1 = 2 * right / (suggested + wanted)
    smooth = np.convolve(np.pad(f1, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return float(CUTS[int(smooth.argmax())])


def _above(score: Numbers, least: float) -> list[int]:
    return [int(n) for n in np.argsort(-score, kind="stable")[:AT] if score[n] >= least]


def _ndcg(score: Numbers, truth: Numbers) -> float:
    gains = 1 / np.log2(np.arange(2, AT + 2))
    top = np.argsort(-score, kind="stable")[:AT]
    found = (truth[top] * (score[top] > 0) * gains).sum()
    return float(found / gains[: int(min(AT, truth.sum()))].sum())


def bins(scores: Scores, cases: Sequence[Case], scheme: Scheme) -> None:
    """Print how often suggestions of each confidence are right."""
    all_ = [
        (float(sure), bool(right))
        for case in cases
        for sure, right in zip(scores[case.name], case.truth[scheme], strict=True)
    ]
    top = [
        (float(scores[case.name][n]), bool(case.truth[scheme][n]))
        for case in cases
        for n in np.argsort(-scores[case.name])[:AT]
    ]
    for name, pairs in (("the five surest of each story", top), ("every concept", all_)):
        confidences, right = zip(*pairs, strict=True)
        error = calibration_error(confidences, right)
        chance = _chance(confidences)
        print(f"\n{scheme}, {name}: ECE {error:.3f}, expected of perfect ones {chance:.3f}")
        print(
            "  "
            + "  ".join(
                f"{b.confidence:.2f}→{b.right:.2f} ({b.of})"
                for b in reliability(confidences, right)
            )
        )


def _chance(confidences: Sequence[float]) -> float:
    """The calibration error that perfectly true confidences would show, of so few."""
    chance = np.random.default_rng(0)
    draws = [
        calibration_error(confidences, list(chance.random(len(confidences)) < confidences))
        for _ in range(200)
    ]
    return float(np.mean(draws))


def optimistic(tagger: Tagger, cases: Sequence[Case]) -> None:
    """Print what the shipped weights reach on the stories that they were fitted on."""
    shelf = shelved(tagger, cases)
    print("\nthe shipped weights, on the very stories they were fitted on:")
    for scheme in Scheme:
        right = suggested = wanted = 0
        for case in cases:
            family = [one.number for one in cases if one.original == case.original]
            advice = shelf.advise(tagger.own(case.told), without=family)
            sure = tagger.confidences(scheme, case.told, advice)
            top = _above(sure, tagger._scale(scheme, case.told).least)  # noqa: SLF001
            right += int(case.truth[scheme][top].sum())
            suggested += len(top)
            wanted += int(case.truth[scheme].sum())
        print(f"  {scheme:14} F1@{AT} {2 * right / (suggested + wanted):.3f}")


# --- how fast ---


def cost(tagger: Tagger, cases: Sequence[Case]) -> None:
    """Print what ten thousand decided records add to a draft, beside reading its words."""
    chance = np.random.default_rng(0)
    shelf = Confirmed(tagger.taxonomy)
    start = time.perf_counter()
    for n in range(MANY):
        some = chance.choice(len(tagger.notations), 9, replace=False)
        shelf.add(n, f"record {n}", confirmed=[tagger.notations[at] for at in some])
    print(f"\n{MANY} records shelved in {time.perf_counter() - start:.1f} s")
    own = [tagger.own(case.told) for case in cases]
    start = time.process_time()
    for one in own:
        shelf.advise(one, without=(1,))
    print(f"asked: {1000 * (time.process_time() - start) / len(own):.1f} ms a draft (processor)")
    by_words = Tagger(tagger.taxonomy, tagger.labels)
    start = time.process_time()
    for case in cases:
        by_words.read(case.story.title, [], language=case.story.language)
        list(by_words._by_words(case.told.passages, case.story.language))  # noqa: SLF001
    print(f"words found: {1000 * (time.process_time() - start) / len(cases):.1f} ms a draft")


if __name__ == "__main__":
    main()
