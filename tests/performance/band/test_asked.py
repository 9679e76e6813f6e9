"""What the band is asked for: levels, swing, room, a click."""

from __future__ import annotations

from live_improv.charts.text import parse
from live_improv.music.events import NoteOn, Timed
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band import BandPlayer
from live_improv.performance.controls import Knobs
from tests.performance.band.bands import BASS, DRUMS, PIANO, Stand, chart, notes, played

BAR = 1920
BLUES = chart("blues_in_f")


def test_levels() -> None:
    as_is = played(BLUES, 4)
    for name, channel in (("bass", BASS), ("piano", PIANO), ("drums", DRUMS)):
        for level in (0.0, 0.5, 2.0):
            stand = Stand.of(BLUES, 4)
            stand.band.turn_knobs(Knobs().with_(f"{name}_level", level))
            said = stand.through()
            line, usual = notes(said, channel), notes(as_is, channel)
            if level == 0.0:
                assert line == []
                continue
            assert [note.onset for note in line] == [note.onset for note in usual]
            for note, other in zip(line, usual, strict=True):
                assert note.velocity == min(max(round(other.velocity * level), 1), 127)


def test_swing_and_unevenness_are_the_knobs() -> None:
    stand = Stand.of(BLUES, 8, players=frozenset({BandPlayer.DRUMS}))
    stand.band.turn_knobs(Knobs(swing=0.0, loose=0.0))
    ride = [note.onset for note in notes(stand.through(), DRUMS) if note.pitch == 51]
    # The ride is a hair ahead, always by as much.
    assert {onset % (PPQ // 2) for onset in ride if 0 < onset < 7 * BAR} <= {0, PPQ // 2 - 4}
    swung = notes(played(BLUES, 8, players=frozenset({BandPlayer.DRUMS})), DRUMS)
    off = [note.onset % PPQ for note in swung if note.pitch == 51 and 200 < note.onset % PPQ < 400]
    assert off
    assert all(0.54 * PPQ < each < 0.64 * PPQ for each in off)


def test_the_piano_leaves_room() -> None:
    changes = chart("rhythm_changes")

    def struck(every: int | None) -> int:
        stand = Stand.of(changes, 32, players=frozenset({BandPlayer.PIANO}))

        def solo(tick: Ticks) -> None:
            for onset in range(tick - PPQ, tick, every or PPQ):
                if every is not None:
                    stand.band.heard(Ticks(onset))

        assert stand.band.last is not None
        said = stand.until(stand.band.last, solo)
        return len({tick // 120 for tick in (t.tick for t in said if isinstance(t.event, NoteOn))})

    alone, busy, calm = struck(None), struck(PPQ // 4), struck(PPQ)
    assert busy < 0.8 * alone
    assert busy < calm


def test_what_is_heard_late_changes_nothing() -> None:
    def said(lag: int) -> list[Timed]:
        stand = Stand.of(BLUES, 12)
        told = 0

        def solo(tick: Ticks) -> None:
            nonlocal told
            while told * 120 <= tick - lag:
                stand.band.heard(Ticks(told * 120))
                told += 1

        assert stand.band.last is not None
        return stand.until(stand.band.last, solo)

    assert said(0) == said(PPQ // 4)


def test_a_click_is_on_every_beat_of_the_meter() -> None:
    for meter, unit in (("4/4", PPQ), ("6/8", PPQ // 2), ("7/8", PPQ // 2), ("3/2", 2 * PPQ)):
        changes = parse(f"time: {meter}\nC | F | G7")
        end = changes.bars_ticks(3)
        said = played(changes, 3, players=frozenset({BandPlayer.CLICK}))
        line = notes(said, DRUMS)
        assert [note.onset for note in line] == list(range(0, end, unit))
        starts = {bar.start for bar in changes.bars}
        assert {note.pitch for note in line if note.onset in starts} == {76}
        assert {note.pitch for note in line if note.onset not in starts} <= {77}
