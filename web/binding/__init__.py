"""What readers take with them whole: packages as books, and sheets of paper as PDF.

`book` says what a package says, in order; `page`, `paper`, `epub` and `word` write it out, and
none of them asks the database.
"""
