"""What the tests of faults share with those of the stage: live playing over no MIDI system."""

from tests.test_stage import live

__all__ = ["live"]
