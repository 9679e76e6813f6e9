"""Learning from solos: the only package that imports keras, tensorflow or music21."""
