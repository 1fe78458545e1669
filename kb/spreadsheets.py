"""Cells of a table that a spreadsheet opens: what people wrote is shown, never computed.

Source: OWASP, CSV Injection.
"""

from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet begins a formula


def harmless(cell: object) -> object:
    """Return what a spreadsheet shows as it stands: text that begins like a formula is quoted.

    >>> harmless("=1+1"), harmless("Nimba"), harmless(7)
    ("'=1+1", 'Nimba', 7)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
