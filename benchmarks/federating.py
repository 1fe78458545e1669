"""What it takes to give a library away, take one in, back it up and restore it.

python -m benchmarks.federating LIBRARY FOLDER RECORDS [RECORDS …]

LIBRARY is a filled one, such as that of `kb demo`; its public records are taken again and again,
each with an origin and a title of its own, as if another library gave them. Beyond a thousand, the
rows of a thousand imported ones are copied, for importing takes as long for each. All that is made
lies in FOLDER. Each step is a process of its own, so that its memory is its own too; what is
indexed afterwards is no part of it.
"""

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import count, cycle, islice
from pathlib import Path
from time import perf_counter

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from kb import backups, bags, exchange, lending, matching, tables
from kb.models import Record
from kb.settings import Settings
from kb.vocabulary import Status, Visibility
from web import federating
from web.filling import quietly
from web.library import open_library

AT_MOST = 1000  # records that are imported
AWAY = 1_000_000  # no first row has a higher number
BESIDE = {"batch_item"}  # says what an import did, once


def _settings(work: Path, name: str = "library") -> Settings:
    return Settings(data=work / name, semantic=False)


def _given(source: Path, work: Path, records: int) -> None:
    """Write the bag of a library that has so many records."""
    library = open_library(Settings(data=source, semantic=False))
    with library.reading() as session:
        lines = [json.loads(line) for line in exchange.lines(session, library="Mbeya")]
    told = (one for one in lines if "record" in one)
    info = {"Maktaba-Kind": lending.KIND, "Maktaba-Form": str(exchange.VERSION)}
    with bags.packed(work / "given.zip", info) as bag:
        named = (
            one
            | {"origin": f"https://mbeya.example/records/{number}", "library": "Mbeya"}
            | {"record": one["record"] | {"title": f"{one['record']['title']} ({number})"}}
            for number, one in zip(count(1), islice(cycle(told), records), strict=False)
        )
        bag.write(lending.RECORDS, "".join(f"{json.dumps(one)}\n" for one in named))
        bag.write(lending.CONCEPTS, "".join(f"{one}\n" for one in matching.told(library.taxonomy)))


def _import(work: Path) -> None:
    library = open_library(_settings(work))
    offer = federating.offered(library, work / "given.zip", name="Mbeya")
    federating.borrow(library, offer, step=quietly)


def _look(work: Path) -> None:
    """Read what would be imported of what was given away, and keep nothing."""
    federating.offered(open_library(_settings(work, "elsewhere")), work / "out.zip", name="A")


def _show(work: Path) -> None:
    """Let readers see them all, as no curator could in an afternoon."""
    library = open_library(_settings(work))
    with library.writing() as session:
        for time in range(1, int(work.name.removeprefix("of-")) // AT_MOST):
            copy_rows(session, time * AWAY)
        shown = {"status": Status.PUBLISHED, "visibility": Visibility.PUBLIC}
        session.execute(update(Record).values(**shown))
        session.commit()


def copy_rows(session: Session, away: int) -> None:
    """Copy all first records with all that hangs on them, under numbers that are so far away."""
    copied = {"record"}
    for table in tables.kept():
        referred = {key.column.table.name for key in table.foreign_keys}
        if table.name not in BESIDE and (table.name in copied or referred & copied):
            copied.add(table.name)
            moved = [
                f"{column.name} + {away}"
                if (column.name == "id" and column.primary_key)
                or any(key.column.table.name in copied - {"concept"} for key in column.foreign_keys)
                else f'"{column.name}"'
                for column in table.columns
            ]
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            first = next(c.name for c in table.primary_key)
            session.execute(
                text(
                    f'insert into "{table.name}" ({names}) select {", ".join(moved)} '  # noqa: S608
                    f'from "{table.name}" where "{first}" < {AWAY}'
                )
            )


def _export(work: Path) -> None:
    federating.lend(open_library(_settings(work)), work / "out.zip")


def _backup(work: Path) -> None:
    backups.write(work / "backup.zip", settings=_settings(work))


def _verify(work: Path) -> None:
    backups.verify(work / "backup.zip")


def _restore(work: Path) -> None:
    backups.restore(work / "backup.zip", work / "again")


STEPS: dict[str, tuple[Callable[[Path], None], str]] = {
    "import": (_import, "given.zip"),
    "import again": (_import, "given.zip"),
    "show": (_show, ""),
    "export": (_export, "out.zip"),
    "look": (_look, "out.zip"),
    "backup": (_backup, "backup.zip"),
    "verify": (_verify, "backup.zip"),
    "restore": (_restore, "backup.zip"),
}


def main(source: Path, folder: Path, records: int) -> None:
    """Take every step with so many records, and print what each took."""
    work = folder / f"of-{records}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    _alone("give", work, source)
    for name, (_, file) in STEPS.items():
        begun = perf_counter()
        cpu, memory = _alone(name, work)
        size = (work / file).stat().st_size / 1e6 if file else 0
        print(
            f"| {records} | {name} | {cpu:.1f} s | {perf_counter() - begun:.0f} s "
            f"| {memory:.0f} MB | {size:.1f} MB |",
            flush=True,
        )


def _alone(name: str, work: Path, source: Path = Path()) -> tuple[float, float]:
    """Take a step in a process of its own; return seconds of processor and megabytes."""
    done = subprocess.run(  # noqa: S603  ourselves
        [sys.executable, "-m", "benchmarks.federating", "--step", name, str(work), str(source)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    cpu, memory = json.loads(done.stdout.splitlines()[-1])
    return cpu, memory


def _step(name: str, work: Path, source: Path) -> None:
    if name == "give":
        _given(source, work, min(AT_MOST, int(work.name.removeprefix("of-"))))
    else:
        act, _ = STEPS[name]
        act(work)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))


if __name__ == "__main__":
    if sys.argv[1] == "--step":
        _step(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        for wanted in sys.argv[3:]:
            main(Path(sys.argv[1]), Path(sys.argv[2]), int(wanted))
