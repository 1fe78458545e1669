"""Libraries that give each other their records by files: one out, another one's in."""

import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import (
    bags,
    borrowed_collections,
    borrowing,
    copies,
    exchange,
    history,
    lending,
    matching,
    originals,
    records,
)
from kb.bags import Bag
from kb.borrowed_collections import Taken, Told
from kb.borrowing import Here
from kb.errors import InvalidError, NotFoundError
from kb.exchange import Brought, Incoming
from kb.lending import Lender, Lent
from kb.matching import Foreign, Matching
from kb.models import Record
from kb.vocabulary import Became, Visibility
from web.exchanging import Beside, Imported, Plan, bring_in, planned
from web.filling import Step
from web.library import Library

JSON_LINES = frozenset({".jsonl", ".ndjson", ".json"})
MOST_CAPTION = 600  # characters


@dataclass(frozen=True, slots=True)
class Offer:
    """What another library gives, before anything of it is kept."""

    plan: Plan
    matching: Matching
    strange: Mapping[str, str]  # concepts that are none of ours → what they are called
    name: str = ""  # what that library is called here; empty: as it calls itself
    collections: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """The records of another library, read anew each time: thousands of them are large."""

    path: Path
    name: str  # what that library is called here; empty: as it calls itself

    def __iter__(self) -> Iterator[Incoming]:
        """Yield them in their order."""
        for one in self._read():
            yield borrowing.from_library(_named(one), self.name)

    def _read(self) -> Iterator[Incoming]:
        if is_lines(self.path):
            yield from _exported(self.path)
            return
        with _readable(self.path), bags.opened(self.path, looked_at=True) as bag:
            yield from lending.incoming(bag)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say of a bag that it can no longer be read, though every checksum of it was right."""
    try:
        yield
    except (OSError, *bags.ROTTEN) as error:
        raise bags.BrokenBagError(
            f"{path.name} cannot be read any more: {error}.",
            hint="Put the stick in its place again and give the same command.",
        ) from error


def is_export(path: Path) -> bool:
    """Tell whether the path is called as a library's export is: lines, a bag or a zip of one."""
    return path.is_dir() or path.suffix.lower() in {*JSON_LINES, ".zip"}


def is_lines(path: Path) -> bool:
    """Tell whether the export is lines only, without a bag around them."""
    return path.suffix.lower() in JSON_LINES


def offered(
    library: Library,
    path: Path,
    *,
    name: str = "",
    chosen: Path | None = None,
    step: Step = bags.quietly,
) -> Offer:
    """Return what another library gives: its records, and its concepts in ours.

    Every checksum of a bag is looked at first. `name` is what that library is called here,
    `chosen` a file that says which of its concepts is which of ours.

    Raises:
        NotFoundError: there is nothing of that name.
        BrokenBagError: a file of the bag is not as it was packed.
        InvalidError: it is no export, or a newer version of Maktaba wrote it.
    """
    if not path.exists():
        raise NotFoundError(f"There is no file {path}.", hint="Check the name and the folder.")
    wanted = matching.chosen(chosen) if chosen else {}
    foreign: list[Foreign] = []
    collections = 0
    if not is_lines(path):
        with bags.opened(path, step=step) as bag:
            foreign = lending.concepts(bag)
            collections = sum(1 for _ in lending.collections(bag))
    matched = matching.match(foreign, library.taxonomy, wanted)
    strange: dict[str, str] = {}

    def look(one: Incoming) -> None:
        _, unknown = matched.translated(one.record) if one.record else (None, [])
        strange.update({notation: matched.names.get(notation, notation) for notation in unknown})

    offer = planned(path, Given(path, name), meanwhile=look)
    return Offer(offer, matched, strange, name, collections)


def _named(one: Incoming) -> Incoming:
    """Give a library that does not say its name that of what it gave: its home needs one."""
    return one if one.library else replace(one, library=one.origin.partition("#")[0] or "?")


def borrow(library: Library, offer: Offer, *, step: Step, by: str = "import") -> Imported:
    """Take in what another library gives, as a batch; the files of its records come along."""
    here = Here(library.site.name, library.settings.base_url)
    path = offer.plan.path
    gone: list[str] = []
    came: dict[str, int] = {}  # origin of a record → its number here
    with ExitStack() as stack:
        bag = None if is_lines(path) else stack.enter_context(bags.opened(path, looked_at=True))

        def bring(session: Session, one: Incoming) -> Brought:
            if one.withdrawn:
                gone.extend(_copies(session, one))
            brought = borrowing.bring(session, one, here=here, matching=offer.matching, by=by)
            if brought.record is not None:
                came[one.origin] = brought.record.id
            if bag is None or brought.became not in {Became.ADDED, Became.CHANGED}:
                return brought
            return _with_files(session, library, bag, brought, one)

        beside = _collections(bag, offer.name, here=here, came=came, by=by) if bag else ()
        done = bring_in(library, offer.plan, step=step, by=by, bring=bring, beside=beside)
    with library.reading() as session:  # nobody reads them any more, here either
        copies.delete(session, gone, folder=library.settings.copies)
    return done


def _collections(
    bag: Bag, name: str, *, here: Here, came: Mapping[str, int], by: str
) -> Iterator[Beside]:
    """Yield what brings each collection of the bag, with the records that `came` before it."""
    with _readable(bag.path):
        found = list(lending.collections(bag))
    for told in found:
        one = borrowed_collections.from_library(told, name)

        def bring(session: Session, batch_id: int, one: Told = one) -> Taken:
            return borrowed_collections.bring(
                session, one, here=here, find=came.get, batch_id=batch_id, by=by
            )

        yield bring


def _copies(session: Session, one: Incoming) -> list[str]:
    found = session.scalars(select(Record.id).where(Record.origin == one.origin))
    return [sha256 for record_id in found for sha256 in copies.offered(session, record_id)]


def _with_files(
    session: Session, library: Library, bag: Bag, brought: Brought, one: Incoming
) -> Brought:
    """Keep the files that came with a record among our originals; one that cannot be is told."""
    record, doubts = brought.record, list(brought.doubts)
    assert record is not None
    most = library.settings.max_file_mb << 20
    here = {attachment.sha256 for attachment in record.attachments}
    for told in one.files:
        sha256 = str(told.get("sha256", ""))
        if sha256 in here:
            continue
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"original{_suffix(told)}"
            if doubt := lending.sent(bag, sha256, path, most=most):
                doubts.append(doubt)
                continue
            _keep(session, library, path, record=record, told=told)
        here.add(sha256)
    return replace(brought, doubts=tuple(doubts))


def _keep(
    session: Session, library: Library, path: Path, *, record: Record, told: dict[str, Any]
) -> None:
    sha256, media_type = str(told["sha256"]), str(told.get("media_type", ""))
    folder = library.settings.originals
    originals.keep(session, path, folder=folder, sha256=sha256, media_type=media_type)
    session.flush()
    records.attach(session, record, sha256, original=told.get("what") == "original")
    attachment = record.attachments[-1]
    attachment.caption, attachment.alt_text = (
        str(told.get(n, ""))[:600] for n in ("caption", "alt")
    )


def _suffix(told: dict[str, Any]) -> str:
    return mimetypes.guess_extension(str(told.get("media_type", ""))) or ""


def lend(
    library: Library,
    path: Path,
    *,
    files: bool = False,
    circle: Visibility = Visibility.PUBLIC,
    permitted: str = "",
    by: str = "",
    step: Step = bags.quietly,
) -> Lent:
    """Write the library to a bag at `path`, a new folder or zip: what everybody may see.

    More than that goes to nobody without a word about who permitted it, which is kept.

    Raises:
        InvalidError: something is there already, it cannot be written there, or nobody permitted
            it.
    """
    lender = Lender(
        library=library.site.name,
        address=library.settings.base_url,
        licence=library.site.licence,
        circle=circle,
        permitted=permitted,
        copies=library.settings.copies if files else None,
        originals=library.settings.share_originals,
    )
    with bags.packed(path, lending.info(lender)) as bag, library.reading() as session:
        done = lending.pack(session, bag, lender, library.taxonomy, step=step)
    if circle is not Visibility.PUBLIC:
        with library.writing() as session:
            history.happened(session, "exported", by=by, circle=circle.value, permitted=permitted)
            session.commit()
    return done


def export(library: Library, path: Path) -> int:
    """Write the published records to `path`, one a line; return how many lines.

    Raises:
        InvalidError: it cannot be written there.
    """
    name, address = library.site.name, library.settings.base_url
    half = path.with_name(f".{path.name}.half")
    count = 0
    try:
        with library.reading() as session, half.open("w", encoding="utf-8") as file:
            licence = library.site.licence
            for line in exchange.lines(session, library=name, address=address, licence=licence):
                file.write(f"{line}\n")
                count += 1
        half.replace(path)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise InvalidError(
            f"The export cannot be written to {path}: {error.strerror}.",
            hint="Name a folder that is there, with room on its disk.",
        ) from error
    return count


def _exported(path: Path) -> Iterator[Incoming]:
    try:
        with path.open("rb") as file:
            yield from exchange.incoming(lending.text(file, strictly=True))
    except UnicodeDecodeError as error:
        raise InvalidError(
            f"{path.name} is not in UTF-8.", hint="Ask for the export as Maktaba wrote it."
        ) from error
    except OSError as error:
        raise InvalidError(
            f"{path.name} cannot be read: {error.strerror}.", hint="Check who may read it."
        ) from error
