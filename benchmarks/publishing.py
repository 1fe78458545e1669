"""How large a copy of a library is and how long it takes, with so many stories.

python -m benchmarks.publishing LIBRARY FOLDER STORIES

LIBRARY is a filled one, such as that of `kb demo`; its public stories are taken again and again,
each time with another title and country, until
there are STORIES. The scratch library and the copies are made in FOLDER; a library that is there
from an earlier run is taken as it is.
"""

import random
import resource
import shutil
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import select

from kb import content, records
from kb.errors import ConflictError
from kb.models import Record
from kb.settings import Settings
from kb.vocabulary import Ground
from search.filters import Scope, in_scope
from search.refreshing import refresh
from tests.web.bag_of_words import BagOfWords
from web.filling import quietly
from web.library import Library, open_library
from web.publish.copying import packed
from web.publish.site import Wanted, publish_site

COUNTRIES = ("TZA", "KEN", "UGA", "ETH", "MWI", "NPL", "IND", "BGD", "BFA", "MLI", "MOZ", "GTM")
SEED = 7


def grown(source: Path, folder: Path, stories: int) -> Library:
    """Return a library with so many stories, made of those of another one, and indexed."""
    library = told_again(source, folder, stories)
    with library.writing() as session:
        while refresh(session, library.encoder, limit=200):
            session.commit()
        session.commit()
    return library


def told_again(source: Path, folder: Path, stories: int) -> Library:
    """Return a library with so many stories, made of those of another one; not indexed."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    shutil.rmtree(folder / "index", ignore_errors=True)
    library = opened(folder)
    chance = random.Random(SEED)
    with library.writing() as session:
        known = session.scalars(select(Record).where(in_scope(Scope.PUBLIC))).all()
        said = [records.read(row) for row in known]
        published = number = len(said)
        while published < stories:
            told = _other(said[number % len(said)], number, chance)
            record, number = records.create(session, told, by="x"), number + 1
            with suppress(ConflictError):  # a curator would have to decide about a name
                records.publish(session, record.id, by="x", ground=Ground.ILLUSTRATION)
                published += 1
            if number % 50 == 0:
                session.commit()
        session.commit()
    return library


def opened(folder: Path) -> Library:
    """Return a library whose texts are encoded as words: quick, and no part of a copy."""
    library = open_library(Settings(data=folder))
    library.__dict__["encoder"] = BagOfWords()
    return library


def _other(said: content.Record, number: int, chance: random.Random) -> content.Record:
    places = [p.model_copy(update={"country": chance.choice(COUNTRIES)}) for p in said.places[:1]]
    return said.model_copy(
        update={
            "title": f"{said.title} ({number + 1})",
            "places": tuple(places),
            "external_id": "",
        }
    )


def main(source: str, folder: str, stories: str) -> None:
    """Make the library and the copies, and print what they weigh."""
    work = Path(folder)
    work.mkdir(parents=True, exist_ok=True)
    begun = perf_counter()
    if (work / "library").is_dir():
        library = opened(work / "library")
    else:
        library = grown(Path(source), work / "library", int(stories))
        print(f"{stories} stories made in {perf_counter() - begun:.0f} s", flush=True)
    shutil.rmtree(work / "copy", ignore_errors=True)
    today = datetime.now(UTC).date()
    for run in ("first run", "second run", "one story changed"):
        if run == "one story changed":
            with library.writing() as session:
                row = session.scalars(select(Record).where(in_scope(Scope.PUBLIC))).first()
                said = records.read(row).model_copy(update={"title": "Told better now"})
                records.edit(session, row.id, said, version=row.version, by="x")
                session.commit()
                while refresh(session, library.encoder, limit=200):
                    session.commit()
                session.commit()
        begun, cpu = perf_counter(), _cpu()
        done = publish_site(library, work / "copy", wanted=Wanted(), today=today, step=quietly)
        print(
            f"{run}: {done.files} files, {done.size / 1e6:.1f} MB, {done.changed} written, "
            f"{perf_counter() - begun:.0f} s, {_cpu() - cpu:.0f} s of processor, "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB of memory",
            flush=True,
        )
    bundle = packed(work / "copy")
    print(f"as one zip: {bundle.stat().st_size / 1e6:.1f} MB")
    for part in sorted((work / "copy").iterdir()):
        size = sum(p.stat().st_size for p in [part, *part.rglob("*")] if p.is_file())
        if size > 50_000:
            print(f"  {part.name}: {size / 1e6:.2f} MB")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:4])
