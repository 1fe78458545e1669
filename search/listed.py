"""A list of values as rows of a query: bound as one, which is sooner done than each by itself."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias


def each(values: ColumnElement[str]) -> TableValuedAlias:
    """Return the elements of a JSON list as rows; their column is `value`."""
    return _Each(values).table_valued("value")


class _Each(FunctionElement[str]):
    inherit_cache = True


@compiles(_Each)
def _on_sqlite(each: _Each, compiler: SQLCompiler, **given: Any) -> str:
    return f"json_each({compiler.process(each.clauses, **given)})"


@compiles(_Each, "postgresql")
def _on_postgresql(each: _Each, compiler: SQLCompiler, **given: Any) -> str:
    return f"json_array_elements_text(cast({compiler.process(each.clauses, **given)} as json))"
