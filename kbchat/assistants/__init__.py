"""Assistants: named presets of how questions are answered, the built-in ones, and their TOML form."""
