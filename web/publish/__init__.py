"""Ways out of the library for readers: whole copies of it, made by the application itself."""
