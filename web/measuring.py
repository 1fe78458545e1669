"""How many requests, how long, with what end: by the route, never by the address or who asked."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from time import perf_counter
from typing import Final
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.models import Job
from kb.vocabulary import JobState
from kb.waiting import left
from web import logs, readiness
from web.library import Library

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"  # an address that is none of ours, and what no browser says
STATIC: Final = "/static"
SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
REQUEST_ID: Final = "X-Request-ID"

log = logging.getLogger(__name__)


class Measures:
    """What is counted, in memory, for Prometheus to fetch."""

    def __init__(self, library: Library) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "maktaba_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "maktaba_request_seconds",
            "How long an answer took.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.running = Gauge(
            "maktaba_requests_running", "Requests being answered.", registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_Parts(library))


class _Parts(Collector):
    """How the parts of the library are, looked at when somebody fetches."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def describe(self) -> list[Metric]:
        """Say nothing before anybody fetches: it would open the library."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield 1 for each part that is there, 0 for one that is not; and what waits."""
        ready = GaugeMetricFamily("maktaba_ready", "1 where the part is there.", labels=["part"])
        for name, state in readiness.look(self._library).parts.items():
            ready.add_metric([name], float(state.ok))
        yield ready
        if self._library.replica is not None and self._library.replica.age_s is not None:
            yield GaugeMetricFamily(
                "maktaba_replica_lag_seconds",
                "How long ago the replica has had all that was written; missing where it is lost.",
                value=self._library.replica.age_s,
            )
        with suppress(SQLAlchemyError), self._library.reading() as session:
            waiting = select(func.count()).where(Job.state == JobState.WAITING)
            yield GaugeMetricFamily(
                "maktaba_jobs_waiting",
                "Files of programs that nobody has read yet, as jobs.",
                value=session.scalar(waiting) or 0,
            )
            yield GaugeMetricFamily(
                "maktaba_files_waiting",
                "Files of batches that nobody has read yet, those in hand among them.",
                value=left(session),
            )


class Measuring:
    """Count and time each request, and write one line of it where logs are JSON."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self.app = app
        self.measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under a number of its own, which its answer carries."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, began, status = uuid4().hex[:16], perf_counter(), 500
        logs.request.set(number)

        async def send_with_number(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = number
            await send(message)

        with self.measures.running.track_inprogress():
            try:
                await self.app(scope, receive, send_with_number)
            finally:
                self._measure(scope, status, perf_counter() - began)

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route = route_of(scope)
        self.measures.requests.labels(method, route, str(status)).inc()
        self.measures.seconds.labels(route).observe(seconds)
        said = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        log.info("answered", extra={"said": said})


def route_of(scope: Scope) -> str:
    """Return the path of the route as it is written in the program, such as /records/{record_id}.

    >>> route_of({"path": "/static/maktaba.css"}), route_of({"path": "/neema@clinic.example"})
    ('/static', 'other')
    """
    if scope["path"].startswith(f"{STATIC}/"):
        return STATIC
    return getattr(scope.get("route"), "path", "") or OTHER
