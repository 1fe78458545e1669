"""Readers and writers who use a server at the same time, and what they saw."""

import argparse
import asyncio
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import quote

import httpx
import psutil

JUDGED = Path(__file__).parents[2] / "examples" / "judgements" / "queries.jsonl"
QUESTIONS = [json.loads(line)["text"] for line in JUDGED.read_text("utf-8").splitlines()]
Random(7).shuffle(QUESTIONS)  # they stand by language
# The first is asked most often, the second half as often, and so on, as questions are.
ASKED = tuple(1 / (number + 1) for number in range(len(QUESTIONS)))
LANGUAGES = ("en", "en", "en", "sw")  # of a reader's browser
PAGES = ("/", "/topics", "/records/{record}", "/records/{record}", "/answer?q={question}")
KINDS = ("search", "page", "write")
CHANGES = re.compile(r"Changes: (\d+)\.")
SECONDS = 60
WRITES_S = 3  # between two changes of a writer: 200 in ten minutes
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"  # robots are not counted


@dataclass(frozen=True, slots=True)
class Plan:
    """What readers open, and how long they go on."""

    records: list[int]
    start: float  # `monotonic`
    until: float  # `monotonic`
    pause: float  # seconds between two questions, on average


@dataclass(slots=True)
class Told:
    """What was asked, how long each answer took (ms), and what went wrong."""

    seconds: float = 0
    took: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    minutes: dict[int, list[float]] = field(default_factory=dict)  # of searches, in each minute
    wrong: Counter[str] = field(default_factory=Counter)
    late: int = 0  # writes that somebody else's came before; they were made anew
    accepted: Counter[int] = field(default_factory=Counter)  # writes, by record
    counted: dict[int, int] = field(default_factory=dict)  # what each record says in the end
    bytes: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    memory_mb: list[float] = field(default_factory=list)

    @property
    def sizes(self) -> tuple[int, int]:
        """The usual length of a search page and of another one, in bytes as they are sent."""
        search, page = (sorted(self.bytes[kind]) for kind in KINDS[:2])
        return search[len(search) // 2], page[len(page) // 2]

    @property
    def lost(self) -> int:
        """How many accepted writes are not in what the records say.

        A writer who gave up waiting may have been heard all the same: more is no loss.
        """
        return sum(max(self.accepted[one] - said, 0) for one, said in self.counted.items())

    @property
    def is_well(self) -> bool:
        """Whether nothing failed and nothing was lost."""
        return not self.wrong and not self.lost

    def table(self, name: str) -> str:
        """Return a line for each kind of request, and one about the whole."""
        lines = [f"{name:10} {'asked':>7} {'a second':>8} {'p50 ms':>7} {'p95':>6} {'p99':>6}"]
        for kind in KINDS:
            if took := self.took[kind]:
                at = [_at(share, took) for share in (0.5, 0.95, 0.99)]
                rate = len(took) / self.seconds
                lines.append(
                    f"{kind:10} {len(took):7} {rate:8.1f} {at[0]:7.0f} {at[1]:6.0f} {at[2]:6.0f}"
                )
        each = [str(round(_at(0.95, self.minutes[minute]))) for minute in sorted(self.minutes)]
        lines.append(f"p95 of the searches of each minute: {' '.join(each)}")
        fifth = max(len(self.memory_mb) // 5, 1)
        early, end = (
            max(part, default=0) for part in (self.memory_mb[:fifth], self.memory_mb[-fifth:])
        )
        lines.append(
            f"errors {sum(self.wrong.values())} {dict(self.wrong) or ''}; accepted writes "
            f"{sum(self.accepted.values())}, made anew {self.late}, lost {self.lost}; "
            f"memory {early:.0f} MB in the first fifth, {end:.0f} in the last"
        )
        return "\n".join(lines)


def _at(share: float, took: list[float]) -> float:
    """Return how long that share of the answers took at most."""
    return sorted(took)[min(int(len(took) * share), len(took) - 1)]


async def work(port: int, pid: int, asked: argparse.Namespace, token: str) -> Told:
    """Use the server at `port` for `asked.minutes`; without a token nobody writes."""
    told = Told()
    limits = httpx.Limits(max_connections=asked.readers + asked.writers + 8)
    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=SECONDS) as client:
        await _up(client)
        records = await _records(client) if token else [1]
        written = [records[0], asked.draft] if token else []
        start = time.monotonic()
        until = start + asked.minutes * SECONDS
        plan = Plan(records, start, until, asked.pause)
        people = [_reader(client, told, plan, Random(number)) for number in range(asked.readers)]
        if token:
            people += [
                _writer(client, told, written[number % 2], token, until)
                for number in range(asked.writers)
            ]
        await asyncio.gather(*people, _weigh(pid, told, until))
        told.seconds = time.monotonic() - start
        for record in written:
            said = (
                await client.get(f"/api/v1/records/{record}/content", headers=_by(token))
            ).json()
            told.counted[record] = _count(said)
    return told


async def _up(client: httpx.AsyncClient) -> None:
    for _ in range(SECONDS * 5):
        try:
            await client.get("/search?q=ready")
        except httpx.TransportError:
            await asyncio.sleep(0.2)
        else:
            return
    raise SystemExit("The server did not come up.")


async def _records(client: httpx.AsyncClient) -> list[int]:
    found = (await client.get("/api/v1/records?limit=50")).raise_for_status().json()
    return [one["id"] for one in found["records"]]


async def _reader(client: httpx.AsyncClient, told: Told, plan: Plan, chance: Random) -> None:
    heads = {"User-Agent": BROWSER, "Accept-Language": chance.choice(LANGUAGES)}
    await asyncio.sleep(chance.uniform(0, plan.pause))
    while time.monotonic() < plan.until:
        kind = chance.choice(("search", "search", "page"))
        path = "/search?q={question}" if kind == "search" else chance.choice(PAGES)
        (question,) = chance.choices(QUESTIONS, ASKED)
        path = path.format(record=chance.choice(plan.records), question=quote(question))
        start = time.monotonic()
        try:
            answer = await client.get(path, headers=heads)
        except httpx.HTTPError as error:
            told.wrong[type(error).__name__] += 1
        else:
            took = (time.monotonic() - start) * 1000
            told.took[kind].append(took)
            if kind == "search":
                minute = int((start - plan.start) // SECONDS)
                told.minutes.setdefault(minute, []).append(took)
            told.bytes[kind].append(answer.num_bytes_downloaded)
            if answer.status_code != httpx.codes.OK:
                told.wrong[f"{answer.status_code} {path.partition('?')[0]}"] += 1
        await asyncio.sleep(chance.uniform(plan.pause / 2, plan.pause * 1.5))


async def _writer(
    client: httpx.AsyncClient, told: Told, record: int, token: str, until: float
) -> None:
    chance = Random(time.monotonic_ns())  # no two of them in step
    await asyncio.sleep(chance.uniform(0, WRITES_S))
    address = f"/api/v1/records/{record}/content"
    while time.monotonic() < until:
        try:
            before = (await client.get(address, headers=_by(token))).raise_for_status()
            changed = {"summary": f"It is counted here. Changes: {_count(before.json()) + 1}."}
            match = {"If-Match": before.headers["etag"], **_by(token)}
            start = time.monotonic()
            answer = await client.patch(address, json=changed, headers=match)
        except httpx.HTTPError as error:
            told.wrong[f"write: {type(error).__name__}"] += 1
            continue
        told.took["write"].append((time.monotonic() - start) * 1000)
        if answer.status_code == httpx.codes.OK:
            told.accepted[record] += 1
        elif answer.status_code == httpx.codes.PRECONDITION_FAILED:
            told.late += 1
        else:
            told.wrong[f"write: {answer.status_code}"] += 1
        await asyncio.sleep(chance.uniform(WRITES_S / 2, WRITES_S * 1.5))


async def _weigh(pid: int, told: Told, until: float) -> None:
    while time.monotonic() < until:
        server = psutil.Process(pid)
        all_of_it = (server, *server.children(recursive=True))
        told.memory_mb.append(sum(one.memory_info().rss for one in all_of_it) / 2**20)
        await asyncio.sleep(1)


def _count(content: dict) -> int:
    said = CHANGES.search(
        content["content"]["summary"] if "content" in content else content["summary"]
    )
    return int(said[1]) if said else 0


def _by(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
