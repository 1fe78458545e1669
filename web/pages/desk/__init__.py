"""The curator's desk: what waits, what may name people, what looks alike, what each run did,
what readers miss.

There are no accounts yet, so it opens only with `kb desk`, for whoever sits at the computer.
"""

from web.pages.desk import (
    alike,
    batches,
    consents,
    draft,
    history,
    judgements,
    needs,
    privacy,
    queue,
    reports,
    talk,
)

PARTS = (
    queue,
    draft,
    history,
    talk,
    privacy,
    consents,
    alike,
    batches,
    needs,
    judgements,
    reports,
)
