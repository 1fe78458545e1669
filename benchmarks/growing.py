"""A judged set as records and passages, grown to the size of a large library.

A grown record takes its sentences from two or three records of the set, so that words, lengths
and term frequencies stay real. Its passages are not encoded: the vector of one is the mean of the
vectors of the passages that its sentences came from, and a little noise. What is filtered by
(country, topic, year) is invented, for the sets have none.
"""

import json
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.markup import to_text
from kb.vocabulary import SectionRole
from search.encoder import Encoder, Vectors, normalise
from search.passages import Passage as Piece
from search.passages import split
from search.refreshing import CONTROLS

EMPTY = Piece(SectionRole.SUMMARY, 0, 0, "")  # a text without words is found by its title
NOISE = 0.1  # length of what is added to a unit vector
SENTENCE = re.compile(r"(?<=[.!?])\s+")
RARE, TENTH = "RWA", 2019  # the country of 1 % of the records, and the year of 10 %
COUNTRIES = ("TZA", "KEN", "UGA", "ETH", "IND", "NPL", "PER", "MOZ", "SEN")
YEARS = range(2011, 2021)


@dataclass(frozen=True, slots=True)
class Story:
    """A record to be: one text under a title, and what it is filtered by."""

    name: str  # that of the judged set, or empty for a grown one
    title: str
    text: str
    country: str
    topic: str
    year: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as it is encoded, title included, and the story (from 0) it is of."""

    story: int
    text: str


class Sentence(NamedTuple):
    """A sentence and the mean of the vectors of the passages that it begins in."""

    text: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All stories, their passages in order, and the vectors of these."""

    stories: Sequence[Story]
    passages: Sequence[Passage]
    vectors: Vectors  # (n, dim)


def grown(
    texts: Sequence[Mapping[str, str]],
    encoder: Encoder,
    *,
    topics: Sequence[str],
    size: int,
    own: Path,
    others: Sequence[Path] = (),
) -> Corpus:
    """Return the stories of a judged set with others made of them, up to `size` passages.

    0 leaves the set as it is. Vectors are taken from the files `own` and `others`; what is
    missing is encoded, and kept in `own`.
    """
    chance = Random(1)
    stories = [_invented(t["_id"], t.get("title") or " ", t["text"], topics, chance) for t in texts]
    cut = [list(_cut(story)) for story in stories]
    passages = [Passage(n, said) for n, mine in enumerate(cut) for _, _, said in mine]
    vectors = _vectors([passage.text for passage in passages], encoder, own, others)
    waiting = deque(vectors)
    sentences = [
        list(_sentences(story.text, mine, [waiting.popleft() for _ in mine]))
        for story, mine in zip(stories, cut, strict=True)
    ]
    more: list[NDArray[np.float32]] = []
    noise = np.random.default_rng(1)
    while len(passages) < size:
        story, parts = _recombined(stories, sentences, topics, chance)
        for start, end, said in _cut(story):
            passages.append(Passage(len(stories), said))
            more.append(_mean(parts, start, end, noise))
        stories.append(story)
    if more:
        vectors = np.concatenate([vectors, normalise(np.array(more))])
    return Corpus(stories, passages, vectors)


def digest(said: str) -> bytes:
    """Return the key of a passage among vectors."""
    return blake2b(said.encode(), digest_size=16).digest()


def keep(corpus: Corpus, folder: Path) -> None:
    """Write a corpus where both sides can read it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("stories", corpus.stories), ("passages", corpus.passages)):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(row)) + "\n" for row in rows)  # type: ignore[call-overload]
    np.save(folder / "vectors.npy", corpus.vectors.astype(np.float16))


def kept(folder: Path, *, most: int | None = None) -> Corpus:
    """Read a corpus again, or its first passages and the stories that these are of."""
    with (folder / "passages.jsonl").open(encoding="utf-8") as file:
        passages = [Passage(**json.loads(line)) for line in islice(file, most)]
    last = None if most is None else passages[-1].story + 1
    with (folder / "stories.jsonl").open(encoding="utf-8") as file:
        stories = [Story(**json.loads(line)) for line in islice(file, last)]
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    return Corpus(stories, passages, vectors[: len(passages)])


def _invented(name: str, title: str, text: str, topics: Sequence[str], chance: Random) -> Story:
    country = RARE if chance.random() < 0.01 else chance.choice(COUNTRIES)
    return Story(name, title, text, country, chance.choice(topics), chance.choice(YEARS))


def _cut(story: Story) -> Iterator[tuple[int, int, str]]:
    """Yield where each passage of a story begins and ends, and how it is encoded."""
    for passage in split(story.text) or [EMPTY]:
        plain = to_text(passage.text).translate(CONTROLS)
        yield passage.start, passage.end, f"{story.title}\n{plain}".strip()


def _sentences(
    text: str, cut: Sequence[tuple[int, int, str]], vectors: Sequence[NDArray[np.float32]]
) -> Iterator[Sentence]:
    at = 0
    for said in SENTENCE.split(text):
        at = text.find(said, at)
        mine = [v for (start, end, _), v in zip(cut, vectors, strict=True) if start <= at < end]
        if said.strip() and mine:
            yield Sentence(said, np.mean(mine, axis=0))


def _recombined(
    stories: Sequence[Story],
    sentences: Sequence[Sequence[Sentence]],
    topics: Sequence[str],
    chance: Random,
) -> tuple[Story, list[Sentence]]:
    """Return a story as long as one of its two or three sources, and its sentences."""
    while True:
        sources = [chance.randrange(len(sentences)) for _ in range(chance.choice((2, 3)))]
        pool = [sentence for source in sources for sentence in sentences[source]]
        length = len(sentences[sources[0]])
        if length:
            break
    parts = chance.sample(pool, length)
    text = " ".join(part.text for part in parts)
    return _invented("", stories[sources[0]].title, text, topics, chance), parts


def _mean(
    parts: Sequence[Sentence], start: int, end: int, noise: np.random.Generator
) -> NDArray[np.float32]:
    """Return the mean of the vectors of the sentences that reach into a passage, disturbed."""
    at = 0
    mine: list[NDArray[np.float32]] = []
    for part in parts:
        if at < end and at + len(part.text) > start:
            mine.append(part.vector)
        at += len(part.text) + 1
    mean = normalise(np.mean(mine or [part.vector for part in parts], axis=0)[None])[0]
    jitter = noise.normal(size=len(mean)).astype(np.float32)
    return mean + NOISE * jitter / np.linalg.norm(jitter)


def _vectors(texts: Sequence[str], encoder: Encoder, own: Path, others: Sequence[Path]) -> Vectors:
    known: dict[bytes, NDArray[np.float16]] = {}
    for path in filter(Path.is_file, (own, *others)):
        with np.load(path) as kept_there:
            keys = [row.tobytes() for row in kept_there["digests"]]
            known |= dict(zip(keys, kept_there["vectors"], strict=True))
    missing = sorted({said for said in texts if digest(said) not in known})
    print(f"{len(texts):,} passages, {len(missing):,} to encode", file=sys.stderr, flush=True)
    if missing:
        new = encoder.encode(missing).astype(np.float16)
        known |= dict(zip(map(digest, missing), new, strict=True))
    found = np.array([known[digest(said)] for said in texts])
    if missing:
        own.parent.mkdir(parents=True, exist_ok=True)
        keys_kept = np.frombuffer(b"".join(map(digest, texts)), np.uint8).reshape(-1, 16)
        np.savez(own, digests=keys_kept, vectors=found)
    return found.astype(np.float32)
