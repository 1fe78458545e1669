"""Writers of the sample library: Markdown in, the bytes of one kind of file out."""
