"""What the tests of faults share with those of the stage: live playing over a system that is none."""

from tests.test_stage import live

__all__ = ["live"]
