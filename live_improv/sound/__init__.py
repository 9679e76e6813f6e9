"""Hearing it without a DAW."""
