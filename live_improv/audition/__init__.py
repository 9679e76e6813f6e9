"""A blind test: excerpts by humans and by us, rated by listeners who do not know which is which."""
