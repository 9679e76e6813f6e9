"""Playing into files: the same loop under a virtual clock, and what is made of its take."""

from __future__ import annotations

import wave
from pathlib import Path

import mido
import pytest

from live_improv import assets
from live_improv.app import Performance
from live_improv.midi.files import MidiFileError
from live_improv.midi.reader import read_player
from live_improv.music.timing import PPQ
from live_improv.offline import Files, performed, play_offline
from live_improv.performance.band import QUARTET, BandPlayer
from live_improv.performance.controls import MODES, Knobs
from live_improv.request import Request
from live_improv.sound.render import SoundError
from tests.recordings import recorded, write_player

CALL = [(960 + 240 * i, pitch, 200) for i, pitch in enumerate((60, 62, 64, 65, 67, 69, 71, 72))]


def ons_of(path: Path) -> list[list[tuple[int, int]]]:
    """The note-ons of a file's tracks: tick and pitch."""
    found = []
    for track in mido.MidiFile(path).tracks:
        at, ons = 0, []
        for message in track:
            at += message.time
            if message.type == "note_on" and message.velocity:
                ons.append((at, message.note))
        found.append(ons)
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tempi", [((0, 120.0),), ((0, 100.0), (1920, 160.0), (3000, 90.0))])
def test_a_recorded_player_is_in_the_file_where_they_were(
    tmp_path: Path, mode: str, tempi: tuple[tuple[int, float], ...]
) -> None:
    """Both parts, at the ticks at which they were played, and each off."""
    out = tmp_path / "both.mid"
    player = recorded(tmp_path, CALL, tempi)
    request = Request(knobs=Knobs(mode=mode, trade=2))
    performance = Performance(request, player)
    count = play_offline(performance, Files(out))
    _, ours, theirs, *_ = ons_of(out)
    assert theirs == [(tick, pitch) for tick, pitch, _ in CALL]
    assert len(ours) == count > 0
    if mode == "trade":
        assert all(tick >= 2 * 1920 - PPQ for tick, _ in ours)
    if mode == "answer":
        # The phrase is over half a beat, or 0.3 s, after it.
        assert ours[0][0] >= CALL[-1][0] + CALL[-1][2] + PPQ // 2
    assert not sounding_in(out)


def sounding_in(path: Path) -> set[tuple[int, int]]:
    """What is left sounding in a file."""
    left: set[tuple[int, int]] = set()
    for message in mido.merge_tracks(mido.MidiFile(path).tracks):
        if message.type == "note_on":
            left.add((message.channel, message.note))
        elif message.type == "note_off":
            left.discard((message.channel, message.note))
    return left


def test_a_player_at_another_tempo_plays_the_same_notes(tmp_path: Path) -> None:
    """They are played with by ticks: a tempo that is asked for moves them as it moves us."""
    player = recorded(tmp_path, CALL)
    out = tmp_path / "fast.mid"
    play_offline(Performance(Request(bpm=200.0, knobs=Knobs(mode="answer")), player), Files(out))
    assert ons_of(out)[2] == [(tick, pitch) for tick, pitch, _ in CALL]


def test_a_file_with_a_count_in_has_no_clicks_in_the_parts(tmp_path: Path) -> None:
    out = tmp_path / "in.mid"
    player = recorded(tmp_path, CALL)
    request = Request(bars=8, count_in=1, knobs=Knobs(mode="trade", trade=2))
    count = play_offline(Performance(request, player), Files(out))
    assert len(ons_of(out)[1]) == count
    assert all(
        message.channel != 9
        for message in mido.MidiFile(out).tracks[1]
        if message.type in ("note_on", "note_off")
    )
    # Nobody plays in the bar that is counted in, so the file begins with bar 1.
    assert ons_of(out)[2][0] == CALL[0][:2]


def test_knobs_in_the_file_of_a_player_are_turned(tmp_path: Path) -> None:
    path = tmp_path / "player.mid"
    write_player(path, CALL)
    found = mido.MidiFile(path)
    found.tracks[0].insert(0, mido.Message("control_change", control=28, value=127, time=0))
    found.save(path)
    performance = Performance(Request(bars=4), read_player(path))
    assert play_offline(performance, Files(tmp_path / "x.mid")) == 0


def check_file(path: Path, count: int, length: int) -> None:
    """A file that parses, with that many solo notes, each with its off, and one end per track."""
    found = mido.MidiFile(path)
    assert (found.type, found.ticks_per_beat, len(found.tracks)) == (1, 480, 3)
    solo_ons = 0
    for number, track in enumerate(found.tracks):
        at, left = 0, set()
        for message in track:
            at += message.time
            if message.type == "note_on":
                assert message.velocity > 0
                assert message.note not in left
                left.add(message.note)
                solo_ons += number == 1
            elif message.type == "note_off":
                left.remove(message.note)
        assert not left
        assert at == length
        assert [message.type for message in track].count("end_of_track") == 1
    assert solo_ons == count


@pytest.mark.parametrize("name", assets.chart_names())
def test_each_of_our_charts_can_be_improvised_over(tmp_path: Path, name: str) -> None:
    out = tmp_path / "solo.mid"
    performance = Performance(Request(chart=name, choruses=1))
    count = play_offline(performance, Files(out))
    bars = len(performance.changes.bars)
    assert count >= bars  # a note a bar at the very least
    assert performance.length is not None
    check_file(out, count, performance.length)


def test_a_band_has_tracks_and_channels_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "band.mid"
    play_offline(Performance(Request(bars=8, band=QUARTET, program=65)), Files(out))
    tracks = {track.name: track for track in mido.MidiFile(out).tracks}
    assert {"Improviser", "Bass", "Piano", "Drums"} <= tracks.keys()
    assert "Chords" not in tracks
    channels = {
        name: {m.channel for m in tracks[name] if m.type == "note_on"}
        for name in ("Improviser", "Bass", "Piano", "Drums")
    }
    assert channels == {"Improviser": {0}, "Bass": {1}, "Piano": {2}, "Drums": {9}}
    programs = {
        m.channel: m.program
        for track in tracks.values()
        for m in track
        if m.type == "program_change"
    }
    assert programs == {0: 65, 1: 32, 2: 0}
    assert not sounding_in(out)


def test_the_chords_are_held_where_nobody_plays_the_piano(tmp_path: Path) -> None:
    out = tmp_path / "bass.mid"
    request = Request(bars=4, band=frozenset({BandPlayer.BASS}))
    play_offline(Performance(request), Files(out))
    names = [track.name for track in mido.MidiFile(out).tracks]
    assert "Chords" in names
    assert "Bass" in names


@pytest.mark.parametrize("channel", [0, 1, 2, 9])
def test_the_band_gets_out_of_the_way_of_the_soloist(channel: int) -> None:
    score = performed(Performance(Request(bars=4, channel=channel, band=QUARTET)))
    channels = [{t.event.channel for t in part.events} for part in score.parts]  # type: ignore[union-attr]
    assert all(len(each) == 1 for each in channels)
    assert len(set.union(*channels)) == 4
    assert channels[0] == {channel}


def test_sound_and_notes_are_of_one_performance(tmp_path: Path) -> None:
    """The sound lasts as long as the music and a while to ring out."""
    out = Files(tmp_path / "a.mid", tmp_path / "a.wav")
    performance = Performance(Request(bars=4, bpm=240.0, band=QUARTET))
    play_offline(performance, out)
    assert out.wav is not None
    with wave.open(str(out.wav), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        seconds = file.getnframes() / file.getframerate()
    music = mido.MidiFile(out.midi).length
    assert music <= seconds <= music + 6.0


def test_a_chart_may_sound_higher_from_the_beginning(tmp_path: Path) -> None:
    performance = Performance(Request("blues_in_f", bars=2, knobs=Knobs(transpose=3)))
    assert performance.changes.chords[0].chord.symbol == "Ab7"
    assert performance.written.chords[0].chord.symbol == "F7"
    assert [span.chord.symbol for span in performed(performance).chords] == ["Ab7", "Db7"]


def test_nothing_is_written_where_one_of_the_files_cannot_be(tmp_path: Path) -> None:
    performance = Performance(Request(bars=1))
    with pytest.raises(SoundError):
        play_offline(performance, Files(tmp_path / "a.mid", tmp_path / "no" / "a.wav"))
    with pytest.raises(MidiFileError):
        play_offline(performance, Files(tmp_path / "no" / "a.mid", tmp_path / "a.wav"))
    assert not list(tmp_path.iterdir())
