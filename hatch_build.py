"""Put the taxonomy and the sample stories inside the packages of a built wheel.

In a checkout they stay where people look for them; an editable installation takes no copy,
which would soon be older than the file beside it.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSIDE = {
    "taxonomy.yaml": "kb/taxonomy.yaml",
    "examples/library": "web/samples/library",
    "examples/truth.yaml": "web/samples/truth.yaml",
    "examples/collections.yaml": "web/samples/collections.yaml",
}


class CustomBuildHook(BuildHookInterface[Any]):
    """Copies files of the checkout's top level into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to a standard wheel, not to an editable one."""
        if version == "standard":
            build_data["force_include"].update(INSIDE)
