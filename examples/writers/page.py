"""Web pages: plain HTML with a title and the language said once."""

from collections.abc import Sequence
from html import escape

from writers.blocks import Block, Heading, markdown, plain

PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
</head>
<body>
{body}</body>
</html>
"""


def write(body: str, blocks: Sequence[Block], language: str) -> bytes:
    """Return an HTML page of the Markdown `body`; the first heading is its title too."""
    title = next((plain(block.spans) for block in blocks if isinstance(block, Heading)), "")
    page = PAGE.format(language=language, title=escape(title), body=markdown().render(body))
    return page.encode()
