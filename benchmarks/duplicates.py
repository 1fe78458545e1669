"""How many planted duplicates are found among many stories, how few others, and how fast.

python -m benchmarks.duplicates [STORIES [SEED]]    (10,000 and 11 if left out)

Needs the extra `examples`. The limits of ingest/duplicates.py were set with seed 4. Time and memory
are printed as the shelf grows, then what was found, then two other rules on a sample.

Stories are composed by chance: sentences made word by word from the sample stories (each word
follows the one before somewhere in them), sentences of a grammar, and whole paragraphs of the
sample stories, so that unrelated stories share words as real ones do. Beside the planted edits
stand traps: stories in one form, stories that share an annex, stories of one title.
"""

import random
import re
import resource
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from statistics import mean
from time import perf_counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest import readers, structure
from ingest.duplicates import Shelf
from kb import content, records, schema, taxonomy
from kb.db import connect
from kb.models import Likeness, SourceFile

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "examples"))
from writers import opendocument, page, printed, word  # noqa: E402
from writers.blocks import blocks  # noqa: E402

EACH_KIND = 50  # edits planted of each kind
FORMATS = 40  # of them through real files
IN_FORMS = 100  # stories in each of three forms
MARKS = (1_000, 2_000, 5_000, 10_000)
PAPERLESS = 0.85  # ratio from which Paperless-ngx calls two texts duplicates (of 100: 85)
DSPACE = 2  # edits between two titles up to which DSpace calls two items duplicates
COMPARED = 200  # planted pairs that the two other rules are tried on
AMONG = 1_500  # other stories whose titles stand beside these

Chance = random.Random
Edit = Callable[["Story", Chance, "Composer"], "Story"]


@dataclass(frozen=True)
class Story:
    """A story in Markdown: a title, and paragraphs of which some are headings."""

    title: str
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole file."""
        return "\n\n".join((f"# {self.title}", *self.parts)) + "\n"


class Composer:
    """Makes stories that differ, out of the sample stories and a grammar."""

    WHO = (
        "The midwife|The night team|A nurse in training|The district coach|The ward clerk|"
        "The matron|Two volunteers|The pharmacist|The in-charge|The QI team"
    )
    ACT = (
        "counted|wrote down|moved|checked|repaired|took over|called for|opened|kept|"
        "asked about|shared|measured"
    )
    WHAT = (
        "the oxygen cylinders|every first feed|the warm corner|the referral slips|"
        "blood pressure at each visit|the stock of gloves|the partographs|"
        "the night register|the waiting time|the cord clamps|the job aid|the drug tray"
    )
    WHEN = (
        "before each round|on Mondays|for {n} weeks|after {n} births|"
        "from the {n}th week on|once the water was back|during the {n} months of rain|"
        "at every handover"
    )
    WHY = (
        "because {n} mothers had waited|so that nobody was missed|"
        "although {n} of {m} staff were new|and the share rose from {n} to {m} percent|"
        "but it fell back to {n} percent|which cost {n} shillings a month"
    )
    HEADINGS = (
        "Problem|What we wanted|What we tried|Results|What did not work|What it took|"
        "What we would tell others"
    )
    PLACES = (
        "Kolandoto|Mbewe|Tanjong|Rakota|Sembela|Ngurdoto|Ambohi|Chisale|Wurrie|Daktari|"
        "Polima|Hawela"
    )

    def __init__(self, folder: Path) -> None:
        bodies = [
            path.read_text(encoding="utf-8").split("---\n", 2)[2]
            for path in sorted(folder.glob("*.md"))
        ]
        found = [p.strip() for body in bodies for p in body.split("\n\n")]
        self.paragraphs = [
            p for p in found if len(p.split()) >= 25 and not p.startswith(("|", "#"))
        ]
        self.next: dict[str, list[str]] = defaultdict(list)
        for paragraph in self.paragraphs[
            : len(self.paragraphs) // 2
        ]:  # the English ones come first
            said = paragraph.split()
            for one, two in pairwise(said):
                self.next[one].append(two)
        self.starts = [word for word in self.next if word[:1].isupper()]

    def story(self, chance: Chance) -> Story:
        """Return a story of some 350 words."""
        parts: list[str] = []
        for heading in self.HEADINGS.split("|"):
            parts.append(f"## {heading}")
            parts += [self.paragraph(chance) for _ in range(chance.choice((1, 1, 2)))]
        if chance.random() < 0.5:  # words that other stories have, too
            parts[chance.randrange(1, len(parts))] = chance.choice(self.paragraphs)
        place = chance.choice(self.PLACES.split("|"))
        what = chance.choice(self.WHAT.split("|")).capitalize()
        title = f"{what} {self.sentence(chance, 5)} in {place}"
        return Story(title.replace(".", ""), tuple(parts))

    def paragraph(self, chance: Chance) -> str:
        """Return two to four sentences."""
        made = (
            self.said(chance) if chance.random() < 0.4 else self.sentence(chance, 14)
            for _ in range(chance.randint(2, 4))
        )
        return " ".join(made)

    def said(self, chance: Chance) -> str:
        """Return a sentence of the grammar."""
        parts = (
            chance.choice(kind.split("|"))
            for kind in (self.WHO, self.ACT, self.WHAT, self.WHEN, self.WHY)
        )
        numbered = " ".join(parts)
        return re.sub(r"\{[nm]\}", lambda _: str(chance.randint(2, 98)), numbered) + "."

    def sentence(self, chance: Chance, n: int) -> str:
        """Return `n` words, each of which follows the one before somewhere in the samples."""
        made = [chance.choice(self.starts)]
        while len(made) < n:
            made.append(chance.choice(self.next.get(made[-1]) or self.starts))
        return " ".join(made) + "."


def _each_word(story: Story, change: Callable[[str], str]) -> Story:
    return Story(
        story.title,
        tuple(
            " ".join(change(w) if not p.startswith("#") else w for w in p.split())
            for p in story.parts
        ),
    )


def typos(story: Story, chance: Chance, _: Composer) -> Story:
    """Exchange two letters in one word of twelve."""

    def change(word: str) -> str:
        at = chance.randrange(max(1, len(word) - 1))
        return (
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
            if chance.random() < 1 / 12
            else word
        )

    return _each_word(story, change)


def words_changed(share: float) -> Edit:
    """Exchange this share of the words for others."""

    def edit(story: Story, chance: Chance, composer: Composer) -> Story:
        return _each_word(
            story, lambda w: chance.choice(composer.starts) if chance.random() < share else w
        )

    return edit


def read_badly(story: Story, chance: Chance, _: Composer) -> Story:
    """Make what a poor scan gives: letters mistaken in one word of eight, cut words."""
    mistaken = str.maketrans({"l": "1", "o": "0", "m": "rn", "e": "c", "S": "5", "h": "b"})

    def change(word: str) -> str:
        dice = chance.random()
        cut = word[:3] + "-\n" + word[3:] if len(word) > 6 and dice > 0.98 else word
        return word.translate(mistaken) if dice < 1 / 8 else cut

    return _each_word(story, change)


def moved(story: Story, chance: Chance, _: Composer) -> Story:
    """Put the sections in another order."""
    heads = [n for n, part in enumerate(story.parts) if part.startswith("#")]
    sections = [story.parts[i:j] for i, j in zip(heads, [*heads[1:], None], strict=True)]
    chance.shuffle(sections)
    return Story(story.title, tuple(part for section in sections for part in section))


def removed(story: Story, chance: Chance, _: Composer) -> Story:
    """Leave out one to three paragraphs."""
    gone = set(chance.sample(range(len(story.parts)), chance.randint(1, 3)))
    return Story(story.title, tuple(p for n, p in enumerate(story.parts) if n not in gone))


def added(story: Story, chance: Chance, composer: Composer) -> Story:
    """Put in one to four new paragraphs."""
    parts = list(story.parts)
    for _ in range(chance.randint(1, 4)):
        parts.insert(chance.randrange(1, len(parts)), composer.paragraph(chance))
    return Story(story.title, tuple(parts))


def second_version(story: Story, chance: Chance, composer: Composer) -> Story:
    """Go on: new results below, some numbers above corrected."""
    more = (
        f"## Version 2, {chance.randint(1, 28)} July",
        *(composer.paragraph(chance) for _ in range(3)),
    )
    corrected = _each_word(
        story, lambda w: str(chance.randint(2, 98)) if w.isdigit() and chance.random() < 0.3 else w
    )
    return Story(story.title, (*corrected.parts, *more))


def other_layout(story: Story, chance: Chance, _: Composer) -> Story:
    """Turn headings into bold lines or capitals, paragraphs into lists."""
    head = chance.choice((lambda h: f"**{h}**", str.upper, lambda h: f"#### {h}"))
    return Story(
        story.title,
        tuple(head(p.strip("# ")) if p.startswith("#") else f"- *{p}*" for p in story.parts),
    )


def retitled(story: Story, chance: Chance, composer: Composer) -> Story:
    """Give it another title."""
    return Story(composer.story(chance).title, story.parts)


def reworked(story: Story, chance: Chance, composer: Composer) -> Story:
    """Do several things: another title and order, a paragraph more, a tenth of the words."""
    for edit in (retitled, moved, words_changed(0.1)):
        story = edit(story, chance, composer)
    return Story(story.title, (*story.parts, composer.paragraph(chance)))


EDITS: dict[str, Edit] = {
    "typos": typos,
    **{f"{share:.0%} of the words": words_changed(share) for share in (0.01, 0.05, 0.1, 0.15, 0.2)},
    "read from a scan": read_badly,
    "sections moved": moved,
    "paragraphs removed": removed,
    "paragraphs added": added,
    "version 2": second_version,
    "other layout": other_layout,
    "other title": retitled,
    "reworked": reworked,
}
WRITERS: dict[str, Callable[[Story], bytes]] = {
    "docx": lambda s: word.write(blocks(s.text)),
    "odt": lambda s: opendocument.write(blocks(s.text)),
    "pdf": lambda s: printed.write(blocks(s.text), "en"),
    "html": lambda s: page.write(s.text, blocks(s.text), "en"),
}


def in_forms(chance: Chance, composer: Composer) -> Iterator[Story]:
    """Yield stories that share the questions of a form, or a long annex, and nothing else."""
    for _ in range(3):
        questions = [composer.sentence(chance, 18) for _ in range(10)]
        for _ in range(IN_FORMS):
            parts = (part for q in questions for part in (f"## {q}", composer.paragraph(chance)))
            yield Story(composer.story(chance).title, tuple(parts))
    for _ in range(50):
        annex = tuple(composer.paragraph(chance) for _ in range(4))
        for _ in range(2):
            story = composer.story(chance)
            yield Story(story.title, (*story.parts, "## Annex", *annex))
    for _ in range(100):
        yield Story("Annual report of the quality team", composer.story(chance).parts)


@dataclass
class Planted:
    """All that is put on the shelf, in order, and which of them tell the same."""

    stories: list[Story]
    kinds: dict[tuple[int, int], str]  # (edit, its original): kind of the edit
    markdown: dict[int, str]  # read from a real file

    @classmethod
    def of(cls, n: int, chance: Chance) -> "Planted":
        """Compose `n` stories, traps among them, and plant the edits behind them."""
        composer = Composer(ROOT / "examples" / "sources")
        traps = list(in_forms(chance, composer))
        stories = [*(composer.story(chance) for _ in range(n - len(traps))), *traps]
        chance.shuffle(stories)
        planted = cls(stories, {}, {})
        wanted = [(kind, edit) for kind, edit in EDITS.items() for _ in range(EACH_KIND)]
        sources = chance.sample(range(n), len(wanted) + FORMATS)
        for source, (kind, edit) in zip(sources, wanted, strict=False):
            planted._plant(edit(stories[source], chance, composer), source, kind)
        for source, number in zip(sources[len(wanted) :], range(FORMATS), strict=True):
            suffix = sorted(WRITERS)[number % len(WRITERS)]
            new = planted._plant(stories[source], source, f"as {suffix}")
            planted.markdown[new] = _through_a_file(stories[source], suffix)
        return planted

    def _plant(self, story: Story, source: int, kind: str) -> int:
        self.stories.append(story)
        self.kinds[len(self.stories) - 1, source] = kind
        return len(self.stories) - 1


def _through_a_file(story: Story, suffix: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"story.{suffix}"
        path.write_bytes(WRITERS[suffix](story))
        return readers.read(path).markdown


def main(n: int, seed: int) -> None:
    """Print time and memory, what was found by our rule, and what by two others."""
    planted = Planted.of(n, random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        found = _shelve(planted, f"sqlite:///{folder}/library.sqlite")
    truth = set(planted.kinds)
    right = found & truth
    print(f"{n} stories and {len(truth)} planted edits; {len(found)} pairs found")
    recall, precision = len(right) / len(truth), len(right) / len(found)
    print(f"Maktaba    recall {recall:.3f}  precision {precision:.3f}")
    for kind in dict.fromkeys(planted.kinds.values()):
        of_kind = {pair for pair, one in planted.kinds.items() if one == kind}
        print(f"   {kind:20} {len(of_kind & found):3} of {len(of_kind):3}")
    for pair in sorted(found - truth):
        print(f"   wrong: {_in_common(*(planted.stories[one] for one in pair))}")
    chance = random.Random(seed + 1)
    pairs = chance.sample(sorted(truth), min(COMPARED, len(truth)))
    _compare_paperless(planted, pairs)
    others = chance.sample(range(n), min(AMONG, n))
    _compare_dspace(planted, sorted({*others, *(one for pair in pairs for one in pair)}))


def _in_common(one: Story, other: Story) -> str:
    """Say what two stories share word for word, of those that were thought to be one."""
    shared = [p for p in one.parts if p in other.parts and not p.startswith("#")]
    words = sum(len(p.split()) for p in shared)
    sizes = sorted(len(story.text.split()) for story in (one, other))
    return f"{len(shared)} whole paragraphs of {words} words in {sizes[0]} and {sizes[1]}"


def _shelve(planted: Planted, url: str) -> set[tuple[int, int]]:
    """Put every story on a shelf; return the pairs found, print time and memory on the way."""
    engine = connect(url)
    schema.upgrade(engine)
    with Session(engine) as session:
        taxonomy.mirror(session, taxonomy.load(taxonomy.shipped()))
        shelf = Shelf.load(session)
        began, seconds = _memory_mb(), []
        print("stories   ms a story   MB more than with none")
        for number, story in enumerate(planted.stories):
            text = planted.markdown.get(number, story.text)
            record_id = _keep(session, story, text, number)
            start = perf_counter()
            shelf.note(session, record_id, text)
            seconds.append(perf_counter() - start)
            if number % 200 == 0:
                session.commit()
                session.expunge_all()
            if number + 1 in MARKS:
                ms, megabytes = mean(seconds[-500:]) * 1000, _memory_mb() - began
                print(f"{number + 1:7}   {ms:10.2f}   {megabytes:6.0f}", flush=True)
        session.commit()
        pairs = session.execute(select(Likeness.record_id, Likeness.other_id))
        found = {(newer - 1, older - 1) for newer, older in pairs}
        start = perf_counter()
        Shelf.load(session)
        print(f"loading a shelf of {len(shelf)}: {perf_counter() - start:.1f} s")
    engine.dispose()
    return found


def _keep(session: Session, story: Story, text: str, number: int) -> int:
    read = structure.read(text, title="")
    new = content.Record(title=read.title or story.title, sections=read.sections)
    sha256 = f"{number:064x}"
    session.add(SourceFile(sha256=sha256, name=f"{number}.md", media_type="text/markdown", size=1))
    session.flush()
    return records.create(session, new, by="benchmark", original=sha256).id


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _compare_paperless(planted: Planted, pairs: Sequence[tuple[int, int]]) -> None:
    """Apply Paperless-ngx's rule to these pairs, word by word instead of by letters."""
    hits = sum(_ratio(planted.stories[a], planted.stories[b]) >= PAPERLESS for a, b in pairs)
    n = len(planted.stories)
    print(
        f"Paperless  recall {hits / len(pairs):.3f}  (ratio of words, {len(pairs)} planted pairs; "
        f"it compares all {n * (n - 1) // 2:,} pairs)"
    )


def _ratio(one: Story, other: Story) -> float:
    return SequenceMatcher(None, one.text.split(), other.text.split(), autojunk=False).ratio()


def _compare_dspace(planted: Planted, among: Sequence[int]) -> None:
    """Apply DSpace's rule to all pairs of these stories: titles no more than two edits apart."""
    titles = [planted.stories[one].title.casefold() for one in among]
    found = {(among[newer], among[older]) for newer, older in _near_titles(titles)}
    there = set(among)
    truth = {pair for pair in planted.kinds if there.issuperset(pair)}
    recall = len(found & truth) / len(truth)
    precision = len(found & truth) / len(found) if found else 1
    print(
        f"DSpace     recall {recall:.3f}  precision {precision:.3f}  "
        f"(titles, {len(truth)} planted pairs among {len(among)} stories)"
    )


def _near_titles(titles: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield pairs of titles within `DSPACE` edits: one of three thirds must then be untouched."""
    shelves: dict[str, list[int]] = defaultdict(list)
    for number, title in enumerate(titles):
        third = len(title) // 3
        met: set[int] = set()
        for piece in {title[:third], title[third : 2 * third], title[2 * third :]}:
            met.update(shelves[piece])
            shelves[piece].append(number)
        letters = Counter(title)
        yield from (
            (number, one)
            for one in met
            if abs(len(title) - len(titles[one])) <= DSPACE
            and (letters - Counter(titles[one])).total() <= DSPACE  # else more edits are needed
            and _edits(title, titles[one]) <= DSPACE
        )


def _edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    main(*asked, *(10_000, 11)[len(asked) :])
