"""What the player and the clock do, as pure state machines fed with stamped events."""
