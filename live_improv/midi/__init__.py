"""MIDI ports, messages and files: the only package that imports mido and rtmidi."""
