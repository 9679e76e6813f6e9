"""The chord-relative language: values, vocabulary, abstraction, realization. Pure."""
