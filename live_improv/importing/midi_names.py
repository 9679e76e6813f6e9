"""What the names and the sounds of tracks say of who has the melody.

Conventions
    Points add up with those of `midi_melody`: above 0 speaks for the melody. Programs are General
    MIDI's, counted from 0.
"""

from __future__ import annotations

import re

DRUM_NAMES = re.compile(
    r"\b(drums?|drumset|perc\w*|kick|snare|hi-?hats?|ride|cymbals?|congas?|bongos?|toms?|shaker|"
    r"tamb\w*|click|metronome|claps?|cowbell)\b",
    re.IGNORECASE,
)
"""Names of tracks that are drums."""

NAMES: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(rf"\b({words})\b", re.IGNORECASE), points)
    for words, points in (
        (r"improvi[sz]\w*|impro|solo\w*", 6.0),
        (r"melod\w*|melodia|lead|theme|thema|tema|head|tune", 5.0),
        (r"(right|r\.?) ?h(and)?|rh", 2.0),
        (r"(left|l\.?) ?h(and)?|lh", -4.0),
        (r"bass ?(clarinet|trombone|flute|sax\w*)", 2.0),
        (r"\w*bass\w*|kontrabass|contrabass|bajo|basse|tuba", -6.0),
        (r"chords?|comp\w*|accomp\w*|acc|rhythm|harmony|changes|backing|arp\w*", -4.0),
        (r"pads?|strings?|str|ensemble|choir|synstr\w*|sweep", -2.5),
        (r"(tenor|alto|soprano|bari\w*)( ?sax\w*)?|sax\w*|trumpet|tpt|cornet|flugel\w*", 2.5),
        (r"clarinet|trombone|flute|horn|vocals?|voice|vox|sing\w*|vib\w*|harmonica|violin", 2.0),
    )
)
"""What a name says; the first row that fits counts."""

SOUNDS = (
    (32, 39, -4.0),  # basses
    (44, 55, -1.5),  # strings, choirs
    (61, 63, -0.5),  # brass sections
    (56, 60, 1.5),  # brass
    (64, 79, 1.5),  # reeds and pipes
    (11, 11, 0.5),  # vibraphone
    (80, 87, 0.5),  # synthesizer leads
    (88, 103, -1.5),  # pads and effects
    (112, 127, -4.0),  # percussion and noises
)
"""What a sound says: programs from .. to, by the table of General MIDI 1."""
