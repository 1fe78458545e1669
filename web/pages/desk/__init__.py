"""The curator's desk: what waits, what may name people, what looks alike, what each run did,
what readers miss, how long all that waits, and whether two curators agree.
"""

from web.pages.desk import (
    ages,
    agreement,
    alike,
    batches,
    bulk,
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
    needs,
    taxonomy,
    judgements,
    reports,
    ages,
    agreement,
)
