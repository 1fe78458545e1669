"""Pictures made on the server as SVG: no script, no inline style, every text escaped.

Colours and dash patterns come from the stylesheet; nothing is said by colour alone, and each
picture has its numbers as a table beside it.
"""
