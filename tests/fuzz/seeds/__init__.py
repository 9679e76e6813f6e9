"""Sound inputs to begin with, made here and by us: nothing of them is anybody else's."""
