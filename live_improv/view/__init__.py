"""Seen: the local page, and the pictures of a take."""
