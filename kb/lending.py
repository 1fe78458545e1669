"""A library for other libraries: what its readers may see, in a bag that is opened anywhere.

In the bag, below `data/`: `records.jsonl` (`kb.exchange`), `concepts.jsonl` (`kb.matching`) and
`taxonomy.ttl` (SKOS), `collections.jsonl`, `files/` by sha256, and `ro-crate-metadata.json`, which
tells programs that know neither what all this is (RO-Crate 1.1).
"""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import (
    borrowed_collections,
    copies,
    editions,
    exchange,
    matching,
    originals,
    photos,
    records,
    term_skos,
)
from kb.bags import DATA, ROTTEN, Bag, Packing, Step, quietly
from kb.borrowed_collections import Told
from kb.db import utcnow
from kb.errors import InvalidError
from kb.exchange import MOST_CHARS, Incoming
from kb.matching import Foreign
from kb.models import Collection, Record
from kb.privacy import public, view
from kb.records import read
from kb.taxonomy import Taxonomy
from kb.vocabulary import Naming, Status, Visibility

KIND: Final = "library"
RECORDS: Final = "records.jsonl"
CONCEPTS: Final = "concepts.jsonl"
COLLECTIONS: Final = "collections.jsonl"
MOST_RECORDS: Final = 100_000
IN_MEMORY: Final = 16 << 20  # bytes, before a temporary file takes what is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Lender:
    """Which library lends what, to whom."""

    library: str
    address: str  # of its pages, or empty
    licence: str = ""  # of what has none of its own
    circle: Visibility = Visibility.PUBLIC
    permitted: str = ""  # who permitted more than what everybody may see, and when
    copies: Path | None = None  # folder of what readers may take home; None: no files go
    originals: bool = False  # whether readers may take home what a record was made from


@dataclass(frozen=True, slots=True)
class Lent:
    """What went into a bag."""

    records: int
    files: int
    size: int  # bytes


def info(lender: Lender) -> dict[str, str]:
    """Return what the bag says of itself.

    Raises:
        InvalidError: more is to go than everybody may see, and nobody permitted it, or what is
            for its team alone, which nobody can permit.
    """
    if lender.circle is Visibility.TEAM:
        raise InvalidError(
            "What only its team sees goes to no other library.",
            hint="Its team can open it to its district or country first.",
        )
    if lender.circle is not Visibility.PUBLIC and not lender.permitted.strip():
        raise InvalidError(
            "It is not said who permitted that more goes out than everybody may see.",
            hint='Say it, it is kept: --permitted "the district office, 3 March".',
        )
    told = {
        "Source-Organization": lender.library,
        "External-Identifier": lender.address,
        "Maktaba-Kind": KIND,
        "Maktaba-Form": str(exchange.VERSION),
        "Maktaba-Circle": lender.circle.value,
        "Maktaba-Permitted": lender.permitted,
    }
    return {name: value for name, value in told.items() if value}


def pack(
    session: Session, bag: Packing, lender: Lender, terms: Taxonomy, *, step: Step = quietly
) -> Lent:
    """Put the library into the bag."""
    wanted: dict[str, str] = {}  # sha256 → media type
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        count = 0
        for line in _lines(session, lender, wanted):
            file.write(f"{line}\n".encode())
            count += 1
        file.seek(0)
        bag.add(RECORDS, file)
    bag.write(CONCEPTS, "".join(f"{line}\n" for line in matching.told(terms)))
    bag.write("taxonomy.ttl", term_skos.write(terms, base=lender.address))
    bag.write(COLLECTIONS, "".join(f"{line}\n" for line in _collections(session, lender)))
    for number, sha256 in enumerate(sorted(wanted), start=1):
        assert lender.copies is not None
        with copies.find(lender.copies, sha256).open("rb") as copy:
            bag.add(f"files/{sha256}", copy)
        step(number, len(wanted), "")
    bag.write("ro-crate-metadata.json", _crate(lender, wanted))
    return Lent(count, len(wanted), bag.size)


def _lines(session: Session, lender: Lender, wanted: dict[str, str]) -> Iterator[str]:
    def beside(row: Record) -> list[dict[str, Any]]:
        files = list(_files(session, row, lender))
        wanted.update({one["sha256"]: one["media_type"] for one in files})
        return files

    return exchange.lines(
        session,
        library=lender.library,
        address=lender.address,
        circle=lender.circle,
        licence=lender.licence,
        beside=beside,
    )


def _files(session: Session, row: Record, lender: Lender) -> Iterator[dict[str, Any]]:
    """Yield the files of a record that its readers may take home, as they see them."""
    folder = lender.copies
    if folder is None:
        return
    for photo in photos.shown(session, row.id):
        if copies.where(folder, photo.sha256).is_file():
            yield {
                "sha256": photo.sha256,
                "what": "photo",
                "media_type": "image/jpeg",
                "caption": photo.caption,
                "alt": photo.alt,
            }
    # A file names its facility.
    offered = lender.originals and view(read(row)).shown_naming is Naming.NAMED
    for one in row.attachments:
        if one.original and one.clean and offered and copies.where(folder, one.clean).is_file():
            media_type = one.file.media_type
            yield {"sha256": one.clean, "what": "original", "media_type": media_type}


def _collections(session: Session, lender: Lender) -> Iterator[str]:
    """Yield the newest edition of each collection that readers see, and those taken from them.

    Its records stand there by their numbers, and `records` says the origin of each.
    """
    for found in editions.newest(session):
        content = found.content
        said = {
            **_of_collection(session, lender, found.collection_id),
            "edition": found.number,
            "at": found.at.isoformat(),
            "records": _origins(session, lender, content.record_ids),
        }
        if said["library"] == lender.library:
            licence = content.licence or lender.licence
            content = content.model_copy(update={"licence": licence})
        said["collection"] = content.model_dump(mode="json", exclude_defaults=True)
        yield json.dumps(said, ensure_ascii=False)
    gone = select(Collection.id).where(
        Collection.status == Status.WITHDRAWN, Collection.published.is_not(None)
    )
    for collection_id in session.scalars(gone.order_by(Collection.id)):
        said = {**_of_collection(session, lender, collection_id), "withdrawn": True}
        yield json.dumps(said, ensure_ascii=False)


def _of_collection(session: Session, lender: Lender, collection_id: int) -> dict[str, Any]:
    """Return where the collection has its home, and who passes it on."""
    if row := borrowed_collections.of(session, collection_id):
        head = {"library": row.library, "via": lender.library, "origin": row.origin}
    else:
        home = lender.address.rstrip("/")
        number = f"{lender.library}#collection-{collection_id}"
        origin = f"{home}/collections/{collection_id}" if home else number
        head = {"library": lender.library, "origin": origin}
    return {"maktaba": exchange.VERSION, **head}


def _origins(session: Session, lender: Lender, record_ids: Sequence[int]) -> dict[str, str]:
    """Return the origin of each record, as its line among the records has it."""
    whole = records.each(session, list(dict.fromkeys(record_ids)))
    return {
        str(row.id): exchange.origin_of(
            row.id, public(read(row)), library=lender.library, address=lender.address
        )
        for row in whole
    }


def collections(bag: Bag) -> Iterator[Told]:
    """Yield the collections of a bag; a line that is broken says why."""
    if DATA + COLLECTIONS in bag.sizes:
        with bag.open(DATA + COLLECTIONS) as file:
            yield from borrowed_collections.incoming(text(file))


def _crate(lender: Lender, files: dict[str, str]) -> str:
    parts = {
        RECORDS: "application/jsonl",
        CONCEPTS: "application/jsonl",
        "taxonomy.ttl": "text/turtle",
        COLLECTIONS: "application/jsonl",
        **{f"files/{sha256}": kind for sha256, kind in sorted(files.items())},
    }
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": lender.library,
        "description": f"Records of the library {lender.library}, each with its own licence.",
        "datePublished": f"{utcnow():%Y-%m-%d}",
        "license": lender.licence or "Each record names its own.",
        "hasPart": [{"@id": name} for name in parts],
    }
    if lender.address:
        root["url"] = lender.address
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        *({"@id": name, "@type": "File", "encodingFormat": kind} for name, kind in parts.items()),
    ]
    context = "https://w3id.org/ro/crate/1.1/context"
    return json.dumps({"@context": context, "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def incoming(bag: Bag) -> Iterator[Incoming]:
    """Yield the records of a bag; a line that is broken says why.

    Raises:
        InvalidError: it is no library, or a newer version of Maktaba wrote it.
    """
    if bag.info.get("Maktaba-Kind", KIND) != KIND or DATA + RECORDS not in bag.sizes:
        raise InvalidError(
            f"{bag.path} is no export of a library: it has no {DATA}{RECORDS}.",
            hint="`kb restore` reads a backup.",
        )
    with bag.open(DATA + RECORDS) as file:
        for number, one in enumerate(exchange.incoming(text(file))):
            if number >= MOST_RECORDS:
                raise InvalidError(
                    f"{bag.path} has more than {MOST_RECORDS:,} records.", hint="Ask for a part."
                )
            yield one


def concepts(bag: Bag) -> list[Foreign]:
    """Return the concepts that came with the records."""
    if DATA + CONCEPTS not in bag.sizes:
        return []
    with bag.open(DATA + CONCEPTS) as file:
        return list(matching.foreign(text(file)))


def text(file: IO[bytes], *, strictly: bool = False) -> Iterator[str]:
    """Yield the lines of a file in UTF-8; of one that is too long only as much as shows that.

    What is in no code is replaced, so that its line alone is lost.

    Raises:
        UnicodeDecodeError: something is in no code, and that is to be told `strictly`.
    """
    errors, code = "strict" if strictly else "replace", "utf-8-sig"
    while line := file.readline(4 * MOST_CHARS):
        if not line.endswith(b"\n") and len(line) == 4 * MOST_CHARS:
            while (rest := file.readline(MOST_CHARS)) and not rest.endswith(b"\n"):
                pass
        yield line.decode(code, errors=errors)
        code = "utf-8"


def sent(bag: Bag, sha256: str, target: Path, *, most: int) -> str:
    """Copy a file that came with a record to `target`; return why not, empty where it is there.

    It has to hold what its name says: else it could stand for one of ours that nobody gave.

    Raises:
        InvalidError: the bag can no longer be read, or the disk is full.
    """
    name = f"{DATA}files/{sha256}"
    if not re.fullmatch("[0-9a-f]{64}", sha256) or bag.sizes.get(name, most + 1) > most:
        return f"Its file {sha256[:12]}… is not in the bag, or is too large."
    try:
        with bag.open(name) as file, target.open("wb") as copy:
            shutil.copyfileobj(file, copy)
    except (OSError, *ROTTEN) as error:
        raise InvalidError(
            f"The file {sha256[:12]}… cannot be copied: {error}.",
            hint="Look whether the stick is in its place and the disk has room, then give the same "
            "command: it goes on where it stopped.",
        ) from error
    wrong = originals.sha256_of(target) != sha256
    return f"Its file {sha256[:12]}… is another than its name says." if wrong else ""
