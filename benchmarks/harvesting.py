"""A library that changes and starts anew is harvested page after page: nothing may be lost.

python -m benchmarks.harvesting LIBRARY [--records 10000] [--changes 1000] [--schemas FOLDER]

LIBRARY is a filled one, such as that of `kb demo`. Its public stories are told again and again
until there are so many, `kb serve` shows them from a process of its own, and Sickle harvests it.
Between its records stories are edited, withdrawn, brought back and published, by the verbs of `kb`
and by chance; the server is stopped and started again twice. What changed after the last page is
harvested with `from=`, as harvesters do. In the end the first token is used again, on a server
whose clock is a day later, and from there on all the others. R7 of docs/reliability.md.

FOLDER (var/schemas) has OAI-PMH.xsd and oai_dc.xsd of openarchives.org and what these import, one
of dublincore.org and xml.xsd of w3.org, each under the last word of its address. libfaketime moves
the clock (Debian: faketime). What is not there is not checked, and that is said.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import requests
from lxml import etree
from sickle import Sickle
from sickle.models import Record as Harvested
from sickle.response import OAIResponse
from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

from benchmarks.federating import AWAY, copy_rows
from benchmarks.load.__main__ import KB, served
from benchmarks.publishing import SEED, told_again
from kb import moving, records, withdrawals
from kb.errors import ConflictError
from kb.models import Record
from kb.settings import Settings
from kb.vocabulary import Ground
from search.filters import Scope, in_scope
from tests.databases import empty_database
from web.library import Library, open_library

PORT = 8783
BY = "harvest"
PREFIX = "oai_dc"
TOLD = 200  # stories that differ by more than their titles
RESTARTS = 2
LATE = 10  # one of so many changes is made after the last page
KINDS = {"edited": 60, "withdrawn": 20, "brought back": 5, "published": 15}
SCHEMAS = ("OAI-PMH.xsd", "oai_dc.xsd")
BOTH = """
<schema xmlns="http://www.w3.org/2001/XMLSchema">
  <import namespace="http://www.openarchives.org/OAI/2.0/" schemaLocation="OAI-PMH.xsd"/>
  <import namespace="http://www.openarchives.org/OAI/2.0/oai_dc/" schemaLocation="oai_dc.xsd"/>
</schema>
"""
# What is refused, by its code. Of the eight codes of the protocol two are never true of a library:
# it has sets, and every record has its forms.
REFUSED = {
    "badVerb": {"verb": "ListEverything"},
    "badArgument": {"verb": "ListRecords"},
    "badResumptionToken": {"verb": "ListRecords", "resumptionToken": "never.given"},
    "cannotDisseminateFormat": {"verb": "ListRecords", "metadataPrefix": "marc21"},
    "idDoesNotExist": {"verb": "GetRecord", "metadataPrefix": PREFIX, "identifier": "oai:x:1"},
    "noRecordsMatch": {"verb": "ListRecords", "metadataPrefix": PREFIX, "until": "1999-12-31"},
}
NEVER = ("noMetadataFormats", "noSetHierarchy")
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
HOURS = 24  # after which the first token is used again
OAI = "{http://www.openarchives.org/OAI/2.0/}"

Seen = dict[int, str | None]  # the title of each record, None where it was taken back


class Shelf:
    """A library that is changed by chance, and what readers should find in it."""

    def __init__(self, library: Library) -> None:
        """Look at what is there."""
        self.library, self.chance = library, random.Random(SEED)
        self.made: Counter[str] = Counter()
        with library.reading() as session:
            public = list(session.scalars(select(Record.id).where(in_scope(Scope.PUBLIC))))
            self.seen: Seen = dict.fromkeys(one.record_id for one in withdrawals.gone(session))
            self.seen |= records.titles(session, public, shown=True)

    def change(self) -> None:
        """Change one record, or publish a new one."""
        (kind,) = self.chance.choices(list(KINDS), list(KINDS.values()))
        if kind == "brought back" and None not in self.seen.values():
            kind = "withdrawn"  # none was taken back yet
        act: dict[str, Callable[[Session], None]] = {
            "edited": self._edit,
            "withdrawn": self._withdraw,
            "brought back": self._bring_back,
            "published": self._publish,
        }
        with self.library.writing() as session:
            act[kind](session)
            session.commit()
        self.made[kind] += 1

    def _edit(self, session: Session) -> None:
        row = records.get(session, self._one(shown=True))
        title = f"{row.title.partition(' – ')[0]} – {self.made.total()}"
        said = records.read(row).model_copy(update={"title": title})
        records.edit(session, row.id, said, version=row.version, by=BY)
        self.seen[row.id] = title

    def _withdraw(self, session: Session) -> None:
        number = self._one(shown=True)
        records.withdraw(session, number, by=BY, reason="asked for")
        self.seen[number] = None

    def _bring_back(self, session: Session) -> None:
        number = self._one(shown=False)
        records.reopen(session, number, by=BY, reason="asked for")
        row = records.publish(session, number, by=BY, ground=Ground.ILLUSTRATION)
        self.seen[number] = row.title

    def _publish(self, session: Session) -> None:
        """Publish what another story says; a draft that may not be shown stays one."""
        before = records.read(records.get(session, self._one(shown=True)))
        title = f"Told anew – {self.made.total()}"
        said = before.model_copy(update={"title": title, "external_id": ""})
        row = records.create(session, said, by=BY)
        with suppress(ConflictError):  # a curator would have to decide about a name
            records.publish(session, row.id, by=BY, ground=Ground.ILLUSTRATION)
            self.seen[row.id] = title

    def _one(self, *, shown: bool) -> int:
        """Return a record that readers find, or one that was taken back."""
        found = [one for one, title in self.seen.items() if (title is not None) is shown]
        return self.chance.choice(found)


@dataclass
class Heard:
    """What came from the library: answers, how long each took, what was wrong with it."""

    took_ms: list[float] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    seconds: float = 0  # of processor, of the server


class Harvester(Sickle):
    """Sickle, whose answers are timed and validated."""

    def __init__(self, address: str, schema: etree.XMLSchema | None, heard: Heard) -> None:
        """Harvest the library at `address`."""
        super().__init__(address, timeout=600)
        self.schema, self.heard = schema, heard

    def harvest(self, **asked: str) -> OAIResponse:
        """Ask once."""
        begun = time.perf_counter()
        answer = super().harvest(**asked)
        self.heard.took_ms.append(1000 * (time.perf_counter() - begun))
        if self.schema and not self.schema.validate(etree.fromstring(answer.http_response.content)):
            self.heard.invalid.append(f"{asked}: {self.schema.error_log.last_error}")
        return answer


class Served:
    """`kb serve` in a process of its own, that may be stopped and started again."""

    def __init__(self, settings: Settings, heard: Heard) -> None:
        """Serve nothing yet."""
        self._heard = heard
        self._environment = {
            "KB_DATA": str(settings.data),
            "KB_DATABASE": settings.database,
            "KB_SEMANTIC": "false",
            "KB_API_GUESTS": "",
            "KB_CLOCK": "false",  # would first open, at one go, what all these stories ask for
        }
        self.address = f"http://127.0.0.1:{PORT}/oai"
        self.starts = 0

    @contextmanager
    def open(self, **more: str) -> Iterator[None]:
        """Start it, wait until it answers, stop it in the end."""
        command = (*KB, "serve", "--port", str(PORT))
        with served(command, self._environment | more) as process:
            self._wait()
            self.starts += 1
            say(f"served for the {self.starts}. time, {len(self._heard.took_ms)} answers before")
            yield
            used = psutil.Process(process.pid).cpu_times()
            self._heard.seconds += used.user + used.system

    def _wait(self) -> None:
        until = time.monotonic() + 300
        while time.monotonic() < until:
            with suppress(requests.ConnectionError):
                requests.get(self.address, timeout=60)
                return
            time.sleep(0.2)
        sys.exit("The server did not come up.")


def say(what: str) -> None:
    """Tell who waits how far it is."""
    print(f"{time.process_time():.0f} s: {what}", file=sys.stderr, flush=True)


def grown(source: Path, folder: Path, count: int) -> Library:
    """Return a library that shows about so many stories: those of another one, told again.

    Beyond some hundred their rows are copied, as in benchmarks.federating: many have one moment.
    """
    turns = -(-count // TOLD)
    library = told_again(source, folder, count // turns)
    with library.writing() as session:
        for turn in range(1, turns):
            copy_rows(session, turn * AWAY)
        for said in ("title", "shown_title"):
            again = f"{said} || ' (' || id / {AWAY} || ')'"
            session.execute(text(f"update record set {said} = {again} where id > {AWAY}"))  # noqa: S608  ours
        session.commit()
    return library


def harvested(asked: argparse.Namespace, library: Library) -> dict[str, Any]:
    """Harvest a library while it changes; return what was done and found."""
    heard, shelf = Heard(), Shelf(library)
    server = Served(library.settings, heard)
    harvester = Harvester(server.address, schema_in(asked.schemas), heard)
    before, late = len(shelf.seen), asked.changes // LATE
    first, seen = while_it_changes(harvester, server, shelf, asked.changes - late)
    for _ in range(late):
        shelf.change()
    with server.open():
        since = {"from": first.moment}
        after = titles(harvester.ListRecords(metadataPrefix=PREFIX, **since))
        codes = {code: refusal(harvester, said) for code, said in REFUSED.items()}
    with server.open(**a_day_later()):
        day = _moment(harvester.harvest(verb="Identify")) - datetime.fromisoformat(first.moment)
        later = harvester.ListRecords(resumptionToken=first.token)
    with server.open():  # threads take ten times as long where libfaketime moves the clock
        again = first.page | titles(later)
    return {
        "records": before,
        "changes": dict(shelf.made),
        "server started": server.starts,
        "pages and answers": len(heard.took_ms),
        "harvested": len(seen),
        "harvested since the first answer": len(after),
        "union": compared(seen | after, shelf.seen),
        "first token again": compared(again, shelf.seen),
        "hours later": round(day / timedelta(hours=1), 1),
        "validated": harvester.schema is not None,
        "invalid": heard.invalid,
        "refused as": codes,
        "never refused as": NEVER,
        "page ms": {"median": round(median(heard.took_ms)), "slowest": round(max(heard.took_ms))},
        "processor s of the server": round(heard.seconds, 1),
        "load": os.getloadavg(),
    }


@dataclass(frozen=True)
class First:
    """The first answer of a harvest."""

    moment: str  # that it says it was given at
    token: str
    page: Seen


def while_it_changes(
    harvester: Harvester, server: Served, shelf: Shelf, changes: int
) -> tuple[First, Seen]:
    """Harvest all, while so many changes are made and the server starts anew."""
    there = len(shelf.seen)
    moments = {*shelf.chance.sample(range(there), changes)}
    restarts = {there * turn // (RESTARTS + 1) for turn in range(1, RESTARTS + 1)}
    seen: Seen = {}
    with ExitStack() as running:
        running.enter_context(server.open())
        listed = harvester.ListRecords(metadataPrefix=PREFIX)
        page = titles(map(Harvested, listed.oai_response.xml.iterfind(f".//{OAI}record")))
        moment = f"{_moment(listed.oai_response):%Y-%m-%dT%H:%M:%SZ}"
        first = First(moment, listed.resumption_token.token, page)
        for place, record in enumerate(listed):
            seen |= titles([record])
            if place in moments:
                shelf.change()
            if place in restarts:
                running.close()
                running.enter_context(server.open())
    return first, seen


def titles(listed: Iterable[Harvested]) -> Seen:
    """Return the title of each record of a list; what is said last holds."""
    return {
        int(one.header.identifier.rpartition(":")[2]): (
            None if one.deleted else one.metadata["title"][0]
        )
        for one in listed
    }


def compared(found: Seen, right: Seen) -> dict[str, int]:
    """Return how many records are as they should be, and how many are not."""
    both = found.keys() & right.keys()
    return {
        "shown": sum(found[one] is not None and found[one] == right[one] for one in both),
        "deleted": sum(found[one] is None and right[one] is None for one in both),
        "gaps": len(right.keys() - found.keys()),
        "wrong": sum(found[one] != right[one] for one in both),
        "nobody's": len(found.keys() - right.keys()),
    }


def refusal(harvester: Harvester, said: dict[str, str]) -> str:
    """Return the code that a question is refused with; empty where it is answered."""
    error = harvester.harvest(**said).xml.find(f"{OAI}error")
    return "" if error is None else str(error.get("code"))


def schema_in(folder: Path) -> etree.XMLSchema | None:
    """Return the schema of whole answers; None where its parts are not in the folder."""
    if not all((folder / name).exists() for name in SCHEMAS):
        return None
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Folder(folder))
    return etree.XMLSchema(etree.fromstring(BOTH.encode(), parser))


class _Folder(etree.Resolver):
    """Finds what schemas import by the last word of its address."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def resolve(self, address: str, _public: str, context: Any) -> Any:
        """Return the file of that name."""
        return self.resolve_filename(str(self._folder / address.rpartition("/")[2]), context)


def a_day_later() -> dict[str, str]:
    """Return the environment of a process whose clock is a day later; empty where none can be."""
    if not FAKETIME:
        return {}
    # What waits for a time to pass, waits as ever.
    still = {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": f"+{HOURS}h", **still}


def _moment(answer: OAIResponse) -> datetime:
    return datetime.fromisoformat(answer.xml.findtext(f"{OAI}responseDate"))


def is_well(found: dict[str, Any]) -> bool:
    """Whether nothing was lost, and each answer was as it should be."""
    faults = ("gaps", "wrong", "nobody's")
    lost = sum(found[name][fault] for name in ("union", "first token again") for fault in faults)
    return not (lost or found["invalid"]) and all(
        code == said for code, said in found["refused as"].items()
    )


def main() -> None:
    """Print what was done and found as JSON; exit code 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--schemas", type=Path, default=Path("var/schemas"))
    parser.add_argument("--server", default="", help="URL of a PostgreSQL server; else SQLite")
    asked = parser.parse_args()
    with TemporaryDirectory() as home:
        library = grown(asked.library, Path(home) / "library", asked.records)
        with empty_database(Path(home), asked.server) as url:
            if asked.server:
                moving.move(moving.url_of(str(library.settings.data)), make_url(url))
                library = open_library(Settings(data=library.settings.data, database=url))
            found = harvested(asked, library)
            library.engine.dispose()
    print(json.dumps(found, indent=1))
    for missing in _unchecked(found, asked.schemas):
        print(f"NOT CHECKED: {missing}")
    sys.exit(0 if is_well(found) else 1)


def _unchecked(found: dict[str, Any], schemas: Path) -> Iterator[str]:
    if not found["validated"]:
        yield f"whether answers are valid: {' and '.join(SCHEMAS)} are not in {schemas}"
    if found["hours later"] < HOURS:
        yield "a token after a day: there is no libfaketime (Debian: apt-get install faketime)"


if __name__ == "__main__":
    main()
