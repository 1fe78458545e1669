"""What others would suggest from the same confirmed records, for benchmarks/tagging.py.

Each takes the texts and tags of decided stories and returns scores for another text. The
classifiers are scikit-learn's; the recipes are those of tf-idf with k nearest neighbours, of the
`tfidf` and `mllm` backends of Annif (a lexical matcher whose matches a bagged decision tree
judges), and of Paperless-ngx (word counts into a small neural network). No code of theirs was used.
"""

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import BaggingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

from kb.labels import Labels

NEAREST = 10


class Story(NamedTuple):
    """A text with the concepts that a curator confirmed, as zeros and ones."""

    title: str
    text: str
    language: str
    tags: NDArray[np.float64]


def nearest(shelf: Sequence[Story], asked: Sequence[Story]) -> NDArray[np.float64]:
    """Votes of the ten nearest by tf-idf, weighed by cosine."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode")
    known = words.fit_transform([one.text for one in shelf])
    cosines = (words.transform([one.text for one in asked]) @ known.T).toarray()
    tags = np.array([one.tags for one in shelf])
    scores = []
    for row in cosines:
        order = np.argsort(-row)[:NEAREST]
        scores.append(row[order] @ tags[order] / max(row[order].sum(), 1e-9))
    return np.array(scores)


def tfidf_of_concepts(shelf: Sequence[Story], asked: Sequence[Story]) -> NDArray[np.float64]:
    """Cosine of a text with all texts of a concept together (Annif's backend `tfidf`)."""
    tags = np.array([one.tags for one in shelf])
    together = [
        " ".join(one.text for one, has in zip(shelf, column, strict=True) if has)
        for column in tags.T
    ]
    words = TfidfVectorizer(strip_accents="unicode", sublinear_tf=True)
    concepts = words.fit_transform(together)
    scores: NDArray[np.float64] = (words.transform([o.text for o in asked]) @ concepts.T).toarray()
    return scores


def word_counts_and_network(shelf: Sequence[Story], asked: Sequence[Story]) -> NDArray[np.float64]:
    """Counts of words and pairs into a network with one hidden layer, as Paperless-ngx has it."""
    words = CountVectorizer(ngram_range=(1, 2), min_df=0.01)
    known = words.fit_transform([one.text for one in shelf])
    network = MLPClassifier(tol=0.01, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(known, np.array([one.tags for one in shelf]).astype(int))
    scores: NDArray[np.float64] = network.predict_proba(words.transform([o.text for o in asked]))
    return scores


class LexicalMatcher:
    """Matches of labels, judged by a bagged decision tree (Annif's backend `mllm`)."""

    def __init__(self, labels: Labels, concepts: Sequence[str]) -> None:
        self._labels = labels
        self._column = {notation: n for n, notation in enumerate(concepts)}
        self._known: dict[str, dict[int, list[float]]] = {}

    def __call__(self, shelf: Sequence[Story], asked: Sequence[Story]) -> NDArray[np.float64]:
        """Return how likely each matched concept is; one without a match has 0."""
        rows = [(row, one.tags[at]) for one in shelf for at, row in self._matched(one).items()]
        tree = DecisionTreeClassifier(min_samples_leaf=20, max_leaf_nodes=1000)
        judge = BaggingClassifier(tree, max_samples=0.9, random_state=0)
        judge.fit([row for row, _ in rows], [right for _, right in rows])
        scores = np.zeros((len(asked), len(self._column)))
        for n, one in enumerate(asked):
            if found := self._matched(one):
                scores[n, list(found)] = judge.predict_proba(list(found.values()))[:, 1]
        return scores

    def _matched(self, story: Story) -> Mapping[int, list[float]]:
        if story.text not in self._known:
            self._known[story.text] = self._features(story)
        return self._known[story.text]

    def _features(self, story: Story) -> dict[int, list[float]]:
        """Frequency, length, ambiguity, spread, first place, title and kind of the matches."""
        matches = self._labels.find(story.text, language=story.language)
        in_title = {m.notation for m in self._labels.find(story.title, language=story.language)}
        places: dict[str, list[Any]] = defaultdict(list)
        at_place: dict[int, int] = defaultdict(int)
        for match in matches:
            places[match.notation].append(match)
            at_place[match.start] += 1
        length = max(len(story.text), 1)
        return {
            self._column[notation]: [
                len(found),
                length,
                float(np.mean([at_place[m.start] for m in found])),
                (found[-1].start - found[0].start) / length,
                found[0].start / length,
                notation in in_title,
                len({m.label for m in found}),
                len(found) / len(matches),
            ]
            for notation, found in places.items()
            if notation in self._column
        }
