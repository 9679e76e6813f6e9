"""Readers of charts, each of one format, that make `music.changes.Changes`; a writer of our own."""
