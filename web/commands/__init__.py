"""The commands of `kb`, a module for each subject; `web.cli` puts them together."""
