"""`kb mcp`: the library as tools for an assistant on this computer."""

import typer

from kb.errors import NotReadyError
from web.commands.opening import library_of


def mcp(context: typer.Context) -> None:
    """Let an assistant ask the library, over standard input and output (MCP); read only."""
    try:
        from web.assistants import server_of
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("mcp"):
            raise
        raise NotReadyError(
            "The Model Context Protocol is not installed.", hint="pip install 'maktaba[mcp]'"
        ) from error
    server_of(library_of(context)).run("stdio")
