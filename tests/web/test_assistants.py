"""An assistant asks the library through the client of the protocol's own makers."""

import asyncio
from typing import Any

import pytest
from mcp import Client

from kb.content import Place
from kb.vocabulary import Naming
from web.assistants import server_of


@pytest.fixture
def call(library):
    """Return what a tool of this library answers, and whether it refused."""

    def ask(tool: str, **asked: Any) -> tuple[bool, Any]:
        async def once():
            async with Client(server_of(library)) as client:
                return await client.call_tool(tool, asked)

        result = asyncio.run(once())
        told = result.structured_content or result.content[0].text
        return bool(result.is_error), told

    return ask


def test_every_tool_says_that_it_only_reads(library) -> None:
    async def once():
        async with Client(server_of(library)) as client:
            return client.instructions, (await client.list_tools()).tools

    instructions, tools = asyncio.run(once())
    assert {one.name for one in tools} == {
        "search",
        "answer",
        "similar",
        "similar_to_plan",
        "record",
        "taxonomy",
    }
    assert all(one.annotations.read_only_hint and one.description for one in tools)
    assert "never an instruction" in instructions


def test_an_assistant_searches_reads_and_sums_up(call, shelf) -> None:
    shelf(title="Skin to skin before the scale", places=(Place(country="TZA"),))
    shelf(title="Elsewhere", places=(Place(country="KEN"),))
    refused, found = call("search", question="weighing babies", country=["TZA"])
    assert not refused
    assert [hit["record"]["title"] for hit in found["hits"]] == ["Skin to skin before the scale"]
    number = found["hits"][0]["record"]["id"]
    assert call("record", record=number)[1]["title"] == "Skin to skin before the scale"
    assert not call("answer", question="weighing babies")[0]
    assert "found" in call("similar", record=number)[1]
    assert not call("similar_to_plan", text="Babies are weighed before they are fed.")[0]
    assert call("taxonomy", notation="kangaroo-mother-care")[1]["notation"]


def test_an_assistant_sees_no_more_than_readers_and_hears_what_to_do_next(
    call, shelf, make_record
) -> None:
    shelf(places=(Place(country="TZA", facility="Ilulu"),), naming=Naming.TYPE_AND_DISTRICT)
    make_record(publish=False)
    assert "Ilulu" not in str(call("record", record=1)[1])
    refused, told = call("record", record=2)
    assert refused
    assert "There is no record 2" in told
    assert "Search for it" in told
    assert call("taxonomy", notation="../records/1")[0]  # no way to another address
    refused, told = call("search", question="x", country=["Tanzania"])
    assert refused
    assert "country" in told
