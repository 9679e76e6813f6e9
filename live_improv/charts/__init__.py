"""Readers of chart files; each turns one format into `music.changes.Changes`."""
