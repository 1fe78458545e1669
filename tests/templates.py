"""Templates are compiled once: hundreds of tests open a library, and each would compile its own."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from kb.taxonomy import Taxonomy

Key = tuple[object, ...]


class Compiled(BytecodeCache):
    """The code of templates, as long as there is the taxonomy that its pages speak by."""

    def __init__(self) -> None:
        self._code: dict[int, dict[Key, CodeType]] = {}  # by the identity of the taxonomy

    def load_bytecode(self, bucket: Bucket) -> None:
        code, key = self._place(bucket)
        bucket.code = code.get(key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        code, key = self._place(bucket)
        assert bucket.code
        code[key] = bucket.code

    def _place(self, bucket: Bucket) -> tuple[dict[Key, CodeType], Key]:
        """Return where the code is kept: by all that the compiler asks when it writes it.

        What a filter makes of a constant is written into the code, in the words of a language.
        """
        words = bucket.environment.globals
        names = words.get("names")
        if names is None:  # no page of ours
            return {}, ()
        taxonomy: Taxonomy = names.taxonomy
        if id(taxonomy) not in self._code:
            self._code[id(taxonomy)] = {}
            weakref.finalize(taxonomy, self._code.pop, id(taxonomy))
        key = (bucket.key, bucket.checksum, names.language, words["save_data"])
        return self._code[id(taxonomy)], key


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let all libraries have the same compiled templates."""
    compiled = Compiled()
    with pytest.MonkeyPatch.context() as patch:
        own = property(
            lambda self: self.__dict__.get("bytecode_cache") or compiled,
            lambda self, value: self.__dict__.update(bytecode_cache=value),
        )
        patch.setattr(Environment, "bytecode_cache", own, raising=False)
        yield
