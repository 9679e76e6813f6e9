"""What surrounds the loop while a performance runs."""
