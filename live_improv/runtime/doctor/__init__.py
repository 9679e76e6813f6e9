"""Whether this computer can play, in lines for people and for reports of faults."""
