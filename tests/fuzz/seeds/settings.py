"""Configuration files as people write them, and what MIDI learn has written."""

from __future__ import annotations

CONFIGURATIONS = (
    b'tempo = 132\nclock-offset-ms = -4\nin = "Keystation"\nmodel = "models/mine"\n\n'
    b'[controls]\ndensity = "cc 21"\nmute = "note 36 channel 10"\npanic = "none"\n',
    b'mode = "trade"\nchart = "blues_in_f"\nseed = 7\nrecord = false\n',
    b'port = "x"\nswing = 0.6\n[controls]\ntemperature = "cc 74 channel 2"\n',
)
CONFIGURATION_TOKENS = (
    *(b"tempo", b"= 0", b"= -1", b"= 1e9", b"= inf", b"= nan", b'= ""', b"= true", b"= [1, 2]"),
    *(b"= 1979-05-27", b"= {a = 1}", b"[controls]", b"[[controls]]", b"controls = 3", b"[play]"),
    *(b"'''", b'"""', b"\\u0000", b"\\uD800", b"\xff", b"\xef\xbb\xbf", b"[" * 3000, b"9" * 5000),
    *(b'"cc 999"', b'"note -1"', b'"cc 7 channel 17"', b"a.b.c = 1", b"#", b"\0", b"\r", b"= 0x7f"),
    *(b'seed = "x"', b"choruses = 3\n", b"bars = 8\n", b'chart = "irealb://x"', b"help = true\n"),
    *(
        b'= "\\u001b[31m\\n"',
        b"\xe2\x80\xae",
        b"in = 3\n",
        b"= 99999999999999999999",
        b"volume = 1\n",
    ),
)
LEARNED = (
    b'{\n  "controls": {\n    "density": "cc 21",\n    "mute": "note 36 channel 10"\n  }\n}\n',
    b'{"controls": {}}\n',
)
LEARNED_TOKENS = (
    *(b"null", b"[]", b"{}", b"1e999", b"NaN", b"true", b'"cc 999"', b'"controls"', b"\xff", b"["),
    *(
        b"[" * 3000,
        b"9" * 5000,
        b'"\\ud800"',
        b'"\\u0000"',
        b'"cc 21 channel 17"',
        b"{",
        b"}",
        b":",
    ),
)
