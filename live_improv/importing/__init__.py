"""Other people's files become solos of the corpus: who reads what, and what was understood."""
