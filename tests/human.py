"""A player for the tests, in a process of its own: plays keys at the moments that it is told.

    python -m tests.human PORT

Each line of standard input is a JSON list of `[moment, pitch, velocity]`, with the velocity 0 as a
key comes up; moments are those of `time.perf_counter`, which all processes of a machine share.
When the last has been played, the moments at which they really were are written as one line.
"""

from __future__ import annotations

import json
import sys
import time

from live_improv.midi.ports import open_output
from live_improv.music.events import NoteOff, NoteOn


def main(name: str) -> None:
    """Play until standard input ends."""
    with open_output(name, client="human") as port:
        for line in sys.stdin:
            moments = []
            for moment, pitch, velocity in json.loads(line):
                time.sleep(max(moment - time.perf_counter(), 0.0))
                port.send(NoteOn(pitch, velocity) if velocity else NoteOff(pitch))
                moments.append(time.perf_counter())
            print(json.dumps(moments), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
