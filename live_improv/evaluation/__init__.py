"""How good it is, in numbers: bits per note, and what a musician would notice."""
