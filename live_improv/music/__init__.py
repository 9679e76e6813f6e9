"""The words everyone shares: time, events, chords, changes. Standard library only."""
