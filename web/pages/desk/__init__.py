"""The curator's desk: what waits, what may name people, what looks alike, what each run did,
what readers miss, what is put together, how long it all waits, whether two curators agree.
"""

from web.pages.desk import (
    ages,
    agreement,
    alike,
    batches,
    bulk,
    collections,
    consents,
    draft,
    history,
    judgements,
    needs,
    privacy,
    queue,
    reports,
    talk,
    taxonomy,
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
    bulk,
    collections,
    needs,
    taxonomy,
    judgements,
    reports,
    ages,
    agreement,
)
