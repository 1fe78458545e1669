"""Many readers and writers at once, on a library that is served as people serve it."""
