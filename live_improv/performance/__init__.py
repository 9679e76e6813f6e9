"""Deciding and timing a performance, without any I/O."""
