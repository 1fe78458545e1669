"""Two texts side by side: paragraphs that belong together, with the words that differ marked."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import groupby
from re import findall
from typing import Literal

from kb import content, markup

# difflib needs time that grows with the square of what it compares: beyond these, no detail.
MOST_PARAGRAPHS = 600  # of each record; the rest is not compared
MOST_WORDS = 800  # of two paragraphs together; longer ones are marked as a whole
LOOK_AHEAD = 12  # paragraphs among which the changed one is looked for
BELONG = 0.4  # share of words in common from which two paragraphs are one that was changed

AROUND = 140  # characters of what stayed that are shown beside what changed
LONG = 3 * AROUND  # what stayed is cut from here

Key = tuple[str, ...]
Code = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text that stands in both or in one: `"".join` of the texts is the paragraph."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A run of an older and a newer text told as one: it stayed, it went, or it came."""

    text: str
    became: Literal["same", "removed", "added"] = "same"


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph of one record and of the other; an empty side does not have it."""

    left: tuple[Span, ...]
    right: tuple[Span, ...]
    heading: bool = False
    moved: bool = False  # it stands elsewhere on the right

    @property
    def same(self) -> bool:
        """Whether both sides say the same."""
        return not any(span.differs for span in (*self.left, *self.right))


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, list entry, table row, heading or title of a record."""

    text: str
    heading: bool = False

    @cached_property
    def key(self) -> Key:
        """What is compared: words without case and layout."""
        return tuple(findall(r"\w+", self.text.casefold()))


def side_by_side(a: content.Record, b: content.Record) -> list[Pair]:
    """Return the paragraphs of `a` (left) and `b` (right), aligned, in the order of `a`.

    Where a record has more than `MOST_PARAGRAPHS`, the last pair says so.
    """
    all_left, all_right = list(_paragraphs(a)), list(_paragraphs(b))
    left, right = all_left[:MOST_PARAGRAPHS], all_right[:MOST_PARAGRAPHS]
    pairs = list(_aligned(left, right))
    if len(left) < len(all_left) or len(right) < len(all_right):
        pairs.append(Pair(_rest(all_left), _rest(all_right)))
    return pairs


def differences(left: str, right: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return both texts as spans; what one has and the other has not is marked.

    >>> differences("Weigh it later.", "Weigh it much later.")[1]
    (Span(text='Weigh it ', differs=False), Span(text='much ', differs=True), \
Span(text='later.', differs=False))
    """
    one, two = (findall(r"\s+|\w+|[^\w\s]", text) for text in (left, right))
    if len(one) + len(two) > MOST_WORDS * 2:  # a word and the space behind it
        marked = left != right
        return (Span(left, marked),), (Span(right, marked),)
    matcher = SequenceMatcher(None, _folded(one), _folded(two), autojunk=False)
    found: tuple[list[Span], list[Span]] = ([], [])
    for what, i, j, k, m in matcher.get_opcodes():
        for side, part in zip(found, (one[i:j], two[k:m]), strict=True):
            if part:
                side.append(Span("".join(part), what != "equal"))
    return tuple(found[0]), tuple(found[1])


def runs(old: str, new: str) -> tuple[Run, ...]:
    """Return both texts as one, to the letter: who leaves out what came, reads the old one.

    Long texts are compared paragraph by paragraph; a long paragraph that changed goes and comes
    as a whole.

    >>> runs("Weigh it later.", "Weigh it at noon.")
    (Run(text='Weigh it ', became='same'), Run(text='later', became='removed'), \
Run(text='at noon', became='added'), Run(text='.', became='same'))
    """
    one, two = (findall(r"\s+|\w+|[^\w\s]", text) for text in (old, new))
    if len(one) + len(two) > MOST_WORDS * 2:
        one, two = (findall(r"[^\n]+\n*|\n+", text) for text in (old, new))
    return tuple(_runs(one, two))


def _runs(one: Sequence[str], two: Sequence[str]) -> Iterator[Run]:
    for went, came, same in _steps(one, two):
        if same:
            yield Run("".join(came))
        elif _only_lines(went, came):
            yield from runs("".join(went), "".join(came))
        else:
            if went:
                yield Run("".join(went), "removed")
            if came:
                yield Run("".join(came), "added")


def _steps(
    one: Sequence[str], two: Sequence[str]
) -> list[tuple[Sequence[str], Sequence[str], bool]]:
    """Return what stayed and what changed in turn; a space between two changes belongs to them."""
    found: list[tuple[Sequence[str], Sequence[str], bool]] = []
    for what, i, j, k, m in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        step = one[i:j], two[k:m], what == "equal"
        if not step[2] and len(found) > 1 and found[-1][2] and not "".join(found[-1][0]).strip():
            went, came, _ = found[-2]
            if went and came and step[0] and step[1]:
                space = found.pop()[0]
                found[-1] = [*went, *space, *step[0]], [*came, *space, *step[1]], False
                continue
        found.append(step)
    return found


def _only_lines(one: Sequence[str], two: Sequence[str]) -> bool:
    """Tell whether these are lines that are worth comparing word by word."""
    words = sum(len(findall(r"\s+|\w+|[^\w\s]", line)) for line in (*one, *two))
    lines = any(" " in text.strip() for text in (*one, *two))
    return bool(one and two and lines and words <= MOST_WORDS * 2)


def shortened(runs: Sequence[Run]) -> Iterator[Run]:
    """Yield the runs of a text; of what stayed, only what stands beside a change.

    >>> [run.text for run in shortened((Run("one word " * 99), Run("new", "added")))][0][:11]
    ' … one word'
    """
    for at, run in enumerate(runs):
        if run.became != "same" or len(run.text) <= LONG:
            yield run
            continue
        head = run.text[:AROUND].rsplit(" ", 1)[0] if at else ""
        tail = run.text[-AROUND:].partition(" ")[2] if at < len(runs) - 1 else ""
        yield Run(f"{head} … {tail}")


def overlap(one: str, two: str) -> float:
    """Return the share of words that two texts have in common, in [0, 1]."""
    return _overlap(Paragraph(one), Paragraph(two))


def _folded(words: Sequence[str]) -> list[str]:
    return [" " if word.isspace() else word.casefold() for word in words]


def _paragraphs(record: content.Record) -> Iterator[Paragraph]:
    yield Paragraph(record.title, heading=True)
    for section in record.sections:
        if section.heading:
            yield Paragraph(section.heading, heading=True)
        for block in _blocks(section.body):
            if said := _said(block):
                yield Paragraph(said)


def _blocks(body: str) -> Iterator[str]:
    """Cut Markdown at empty lines; list entries and table rows stand alone."""
    for filled, lines in groupby(body.splitlines(), key=lambda line: bool(line.strip())):
        if not filled:
            continue
        block: list[str] = []
        for line in lines:
            if block and line.lstrip().startswith(("- ", "* ", "+ ", "|", "#")):
                yield "\n".join(block)
                block = []
            block.append(line)
        yield "\n".join(block)


def _said(block: str) -> str:
    """Return the words of a block as a reader sees them; none of the line below a table's head."""
    if block.lstrip().startswith("|"):
        return markup.row_to_text(block)
    return markup.to_text(block) or block


def _aligned(left: Sequence[Paragraph], right: Sequence[Paragraph]) -> Iterator[Pair]:
    said = [paragraph.key for paragraph in left]
    codes = SequenceMatcher(None, said, [p.key for p in right], autojunk=False).get_opcodes()
    moved = _moved(left, right, codes)
    gone = {id(paragraph) for there in moved.values() for paragraph in there}
    for what, i, j, k, m in codes:
        if what == "equal":
            yield from map(_equal, left[i:j], right[k:m])
        else:
            stay = [paragraph for paragraph in right[k:m] if id(paragraph) not in gone]
            yield from _changed(left[i:j], stay, moved)


def _moved(
    left: Sequence[Paragraph], right: Sequence[Paragraph], codes: Sequence[Code]
) -> dict[Key, deque[Paragraph]]:
    """Return the paragraphs of the right that stand elsewhere on the left, by what they say."""
    changed = [code[1:] for code in codes if code[0] != "equal"]
    lost = Counter(left[n].key for i, j, _, _ in changed for n in range(i, j) if left[n].key)
    found: dict[Key, deque[Paragraph]] = defaultdict(deque)
    for _, _, k, m in changed:
        for paragraph in right[k:m]:
            if lost[paragraph.key]:
                lost[paragraph.key] -= 1
                found[paragraph.key].append(paragraph)
    return found


def _changed(
    left: Sequence[Paragraph], right: Sequence[Paragraph], moved: dict[Key, deque[Paragraph]]
) -> Iterator[Pair]:
    """Pair the paragraphs of a stretch that differs: each with the likest of the next few."""
    at = 0
    for one in left:
        if moved.get(one.key):
            yield _equal(one, moved[one.key].popleft(), moved=True)
            continue
        near = right[at : at + LOOK_AHEAD]
        likest = max(range(len(near)), key=lambda n: _overlap(one, near[n]), default=0)
        if not near or _overlap(one, near[likest]) < BELONG:
            yield Pair((Span(one.text, True),), (), one.heading)
            continue
        yield from map(_added, near[:likest])
        two = near[likest]
        yield Pair(*differences(one.text, two.text), one.heading and two.heading)
        at += likest + 1
    yield from map(_added, right[at:])


def _equal(one: Paragraph, two: Paragraph, *, moved: bool = False) -> Pair:
    return Pair((Span(one.text),), (Span(two.text),), one.heading and two.heading, moved)


def _added(two: Paragraph) -> Pair:
    return Pair((), (Span(two.text, True),), two.heading)


def _overlap(one: Paragraph, two: Paragraph) -> float:
    a, b = Counter(one.key), Counter(two.key)
    return 2 * (a & b).total() / ((a.total() + b.total()) or 1)


def _rest(paragraphs: Sequence[Paragraph]) -> tuple[Span, ...]:
    more = len(paragraphs) - MOST_PARAGRAPHS
    return (Span(f"… {more} more paragraphs, not compared"),) if more > 0 else ()
