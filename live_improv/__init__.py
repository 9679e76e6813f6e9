"""live_improv: a jazz soloist in the MIDI chain."""
