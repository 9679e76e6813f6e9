"""Scores of MusicXML: where chords and bars lie, what heads them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.musicxml import read
from live_improv.charts.text import MAX_NAME, ChartError
from live_improv.music.changes import Changes
from tests.charts.musicxml_scores import (
    attributes,
    backward,
    direction,
    forward,
    harmony,
    rest,
    score,
    time,
    tune,
    words,
)

C, F, G, A = (harmony(root) for root in "CFGA")


def spans(changes: Changes) -> list[tuple[int, str]]:
    """Where each chord starts, and its symbol."""
    return [(span.start, span.chord.symbol) for span in changes.chords]


def meters(changes: Changes) -> list[str]:
    """The meter of each bar."""
    return [str(bar.meter) for bar in changes.bars]


def test_chords_stand_where_the_notes_put_them() -> None:
    changes = read(tune(C + rest(2) + F + rest(1) + G + rest(1), rest(), A + rest()), "x")
    assert spans(changes) == [(0, "C"), (960, "F"), (1440, "G"), (3840, "A")]
    assert meters(changes) == ["4/4"] * 3
    assert changes.length == 3 * 1920


def test_chords_stand_where_offsets_put_them() -> None:
    bar = harmony("F", offset="2") + harmony("C", offset="0") + harmony("G", offset="3.5") + rest()
    assert spans(read(tune(bar), "x")) == [(0, "C"), (960, "F"), (1680, "G")]
    late = rest() + harmony("G", offset="-1") + harmony("C", offset="-4")
    assert spans(read(tune(late), "x")) == [(0, "C"), (1440, "G")]


def test_voices_go_back_and_forward() -> None:
    bar = (
        f"{C}{rest(4)}<backup><duration>4</duration></backup>"
        f"<forward><duration>3</duration></forward>{G}{rest(1)}"
    )
    assert spans(read(tune(bar), "x")) == [(0, "C"), (1440, "G")]


def test_chords_and_grace_notes_take_no_time() -> None:
    pitch = "<pitch><step>C</step><octave>4</octave></pitch>"
    bar = (
        f"<note><grace/>{pitch}</note><note>{pitch}<duration>2</duration></note>"
        f"<note><chord/>{pitch}<duration>2</duration></note>"
    )
    assert spans(read(tune(C + bar + G + rest(2)), "x")) == [(0, "C"), (960, "G")]


def test_divisions_may_change_within_a_bar() -> None:
    bar = f"{C}{rest(2)}<attributes><divisions>6</divisions></attributes>{F}{rest(6)}{G}{rest(6)}"
    assert spans(read(tune(bar), "x")) == [(0, "C"), (960, "F"), (1440, "G")]


@pytest.mark.parametrize("divisions", [1, 3, 7, 24, 480, 768, 10080])
def test_triplets_are_exact(divisions: int) -> None:
    chords = [harmony(root, offset=str(i * 4 * divisions)) for i, root in enumerate("CFG")]
    bar = "".join(chords) + rest(12 * divisions)
    first = attributes(3 * divisions)
    assert spans(read(score([first + bar]), "x")) == [(0, "C"), (640, "F"), (1280, "G")]


@given(st.lists(st.integers(1, 16), min_size=1, max_size=12), st.integers(1, 20))
def test_bars_of_any_meter_have_its_length(beats: list[int], divisions: int) -> None:
    measures = []
    for i, count in enumerate(beats):
        first = f"<attributes><divisions>{2 * divisions}</divisions></attributes>" if not i else ""
        meter = f"<attributes>{time(f'{count}/8')}</attributes>"
        measures.append(first + meter + C + (rest(count * divisions) if i % 2 else ""))
    changes = read(score(measures), "x")
    assert [bar.meter.numerator for bar in changes.bars] == beats
    assert changes.length == sum(beats) * 240
    assert len(changes.chords) == len(beats)


@pytest.mark.parametrize(
    ("written", "meter"),
    [("3+2/8", "5/8"), ("2 + 2 + 3/8", "7/8"), ("6/8", "6/8"), ("2/2", "2/2"), ("5/4", "5/4")],
)
def test_meters(written: str, meter: str) -> None:
    assert meters(read(score([attributes(meter=written) + C]), "x")) == [meter]


def test_a_meter_of_two_kinds_is_their_sum() -> None:
    both = time("2/4").replace("</time>", "<beats>3</beats><beat-type>8</beat-type></time>")
    first = f"<attributes><divisions>2</divisions>{both}</attributes>"
    assert meters(read(score([first + C + rest(7)]), "x")) == ["7/8"]


def test_before_the_first_chord_nothing_sounds() -> None:
    assert spans(read(tune(rest(), rest(1) + C + rest(3)), "x")) == [(0, "N.C."), (2400, "C")]


def test_a_bar_without_notes_is_as_long_as_its_meter() -> None:
    changes = read(tune(C, harmony("F", offset="2"), "", G), "x")
    assert spans(changes) == [(0, "C"), (2880, "F"), (5760, "G")]


def test_rounding_of_durations_is_borne() -> None:
    thirds = rest("1.333") * 3
    assert meters(read(tune(C + thirds, G + thirds), "x")) == ["4/4", "4/4"]


def test_the_same_chord_twice_at_one_place_is_one() -> None:
    assert spans(read(tune(C + C + rest()), "x")) == [(0, "C")]
    alternate = harmony("F", "minor", attributes=' type="alternate"')
    assert spans(read(tune(C + alternate + rest()), "x")) == [(0, "C")]


# Pickups and parts of bars -----------------------------------------------------------------


def test_a_pickup_lies_over_the_end_of_the_form() -> None:
    changes = read(
        score([attributes() + G + rest(1), C + rest(), F + rest()], numbers="012", implicit=[0]),
        "x",
    )
    assert spans(changes) == [(0, "C"), (1920, "F")]
    assert meters(changes) == ["4/4", "4/4"]


def test_a_pickup_completes_a_last_bar_that_lacks_it() -> None:
    changes = read(score([attributes() + G + rest(1), C + rest(), F + rest(3)], numbers="012"), "x")
    assert spans(changes) == [(0, "C"), (1920, "F"), (3360, "G")]
    assert meters(changes) == ["4/4", "4/4"]


def test_a_chord_held_from_the_pickup_begins_with_bar_1() -> None:
    changes = read(score([attributes() + G + rest(1), rest(2) + C + rest(2)], numbers="01"), "x")
    assert spans(changes) == [(0, "G"), (960, "C")]


def test_a_pickup_that_is_repeated_completes_the_bar_before_it() -> None:
    measures = [attributes() + forward() + G + rest(1), C + rest(), F + rest(3) + backward()]
    changes = read(score(measures, numbers="012"), "x")
    assert meters(changes) == ["4/4"] * 4
    assert [symbol for _, symbol in spans(changes)] == ["C", "F", "G", "C", "F", "G"]
    assert [start % 1920 for start, _ in spans(changes)] == [0, 0, 1440] * 2


def test_a_pickup_that_is_repeated_behind_a_full_bar_is_left_out() -> None:
    measures = [attributes() + G + rest(1), C + rest(), F + rest() + backward()]
    changes = read(score(measures, numbers="012"), "x")
    assert spans(changes) == [(0, "C"), (1920, "F"), (3840, "C"), (5760, "F")]


def test_a_repeat_within_a_bar_cuts_it_in_two() -> None:
    measures = [
        attributes() + C + rest(),
        F + rest(3) + backward(),
        G + rest(1),
        A + rest(),
    ]
    changes = read(score(measures, implicit=[1, 2]), "x")
    # The first time the bar of three quarters stands alone; the second, the fourth follows.
    assert meters(changes) == ["4/4", "3/4", "4/4", "4/4", "4/4"]
    assert spans(changes) == [
        (0, "C"),
        (1920, "F"),
        (3360, "C"),
        (5280, "F"),
        (6720, "G"),
        (7200, "A"),
    ]


def test_an_implicit_bar_may_have_any_length() -> None:
    measures = [attributes(2) + C + rest(8), F + rest(5), G + rest(8), A + rest(12)]
    assert meters(read(score(measures, implicit=[1, 3]), "x")) == ["4/4", "5/8", "4/4", "6/4"]


@pytest.mark.parametrize(
    ("bars", "message"),
    [
        ([C + rest(), F + rest(3), G + rest()], "bar 2 has 3 quarters: expected 4, as 4/4 has"),
        ([C + rest(), F + rest(5)], "bar 2 has 5 quarters: expected 4"),
        ([C + rest(5)], "bar 1 has 5 quarters"),
        ([C + rest(), F + rest(3)], "bar 2 has 3 quarters"),
        ([C + rest(1)], "the chart has no bars"),
    ],
)
def test_a_bar_of_the_wrong_length_is_refused(bars: list[str], message: str) -> None:
    with pytest.raises(ChartError, match=message):
        read(tune(*bars), "x")


# Repeated bars -----------------------------------------------------------------------------


def sign(kind: str, count: str = "") -> str:
    """The beginning or the end of measure-repeat signs."""
    mark = f'<measure-repeat type="{kind}">{count}</measure-repeat>'
    return f"<attributes><measure-style>{mark}</measure-style></attributes>"


def test_a_sign_repeats_the_chords_of_the_bar_before() -> None:
    changes = read(
        tune(C + rest(2) + G + rest(2), sign("start", "1") + rest(), rest(), sign("stop") + rest()),
        "x",
    )
    assert spans(changes) == [
        (0, "C"), (960, "G"), (1920, "C"), (2880, "G"), (3840, "C"), (4800, "G"),
    ]  # fmt: skip


def test_a_sign_repeats_two_bars() -> None:
    bars = [C, G, sign("start", "2") + rest(), rest() + sign("stop"), rest()]
    assert spans(read(tune(*bars), "x")) == [(0, "C"), (1920, "G"), (3840, "C"), (5760, "G")]


def test_a_sign_over_bars_with_chords_is_only_print() -> None:
    bars = [C, sign("start", "1") + F + sign("stop"), rest()]
    assert spans(read(tune(*bars), "x")) == [(0, "C"), (1920, "F")]


def test_a_repeated_bar_begins_with_what_sounded_there() -> None:
    bars = [C, rest(2) + G + rest(2), sign("start", "1") + rest() + sign("stop")]
    assert spans(read(tune(*bars), "x")) == [(0, "C"), (2880, "G"), (3840, "C"), (4800, "G")]
    first = [sign("start", "1") + rest() + sign("stop")]
    with pytest.raises(ChartError, match="bar 1: a sign that repeats 1 bars: only 0 before it"):
        read(score([attributes() + first[0], C]), "x")


def test_rests_of_several_bars_and_slashes_are_only_print() -> None:
    style = (
        "<attributes><measure-style><multiple-rest>2</multiple-rest></measure-style></attributes>"
    )
    slash = '<attributes><measure-style><slash type="start"/></measure-style></attributes>'
    assert spans(read(tune(C, style + rest(), rest(), slash + G), "x")) == [(0, "C"), (5760, "G")]


# Heads -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("", "some tune"),
        ("<work><work-title>A tune</work-title></work>", "A tune"),
        ("<movement-title> Two \n words </movement-title>", "Two words"),
        (
            "<work><work-title>Album</work-title></work><movement-title>Tune</movement-title>",
            "Tune",
        ),
        ("<movement-title/><work><work-title>A &amp; B</work-title></work>", "A & B"),
    ],
)
def test_titles(head: str, title: str) -> None:
    assert read(score([attributes() + C], head=head), "folder/some tune.musicxml").title == title


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("<fifths>0</fifths>", "C"),
        ("<fifths>-1</fifths><mode>major</mode>", "F"),
        ("<fifths>-3</fifths><mode>minor</mode>", "Cmin"),
        ("<fifths>6</fifths><mode>Major</mode>", "F#"),
        ("<fifths>-7</fifths><mode>none</mode>", "Cb"),
        ("<fifths>0</fifths><mode>dorian</mode>", "D dorian"),
        ("<fifths>1</fifths><mode>mixolydian</mode>", "D mixolydian"),
        ("<fifths>0</fifths><mode>locrian</mode>", "B locrian"),
        ("<fifths>0</fifths><mode>other</mode>", ""),
        ("<key-step>C</key-step><key-alter>1</key-alter>", ""),
    ],
)
def test_keys(key: str, name: str) -> None:
    changes = read(
        score(
            [
                attributes(more=f"<key>{key}</key>") + C,
                "<attributes><key><fifths>3</fifths></key></attributes>" + F,
            ]
        ),
        "x",
    )
    assert changes.key == name


METRONOME = "<metronome><beat-unit>{}</beat-unit>{}<per-minute>{}</per-minute></metronome>"


@pytest.mark.parametrize(
    ("marks", "tempo"),
    [
        ("", None),
        ('<sound tempo="132"/>', 132),
        ('<sound tempo="132.5"/><sound tempo="90"/>', 132.5),
        (direction("<words>Fast</words>", 'tempo="200"'), 200),
        (direction(METRONOME.format("quarter", "", "120")), 120),
        (direction(METRONOME.format("half", "", "c. 90")), 180),
        (direction(METRONOME.format("quarter", "<beat-unit-dot/>", "80-90")), 120),
        (direction(METRONOME.format("quarter", "", "120"), 'tempo="118"'), 118),
        (direction(METRONOME.format("quarter", "", "fast")), None),
        ('<sound tempo="0"/>', None),
        (
            direction(
                "<metronome><beat-unit>quarter</beat-unit><beat-unit>half</beat-unit></metronome>"
            ),
            None,
        ),
    ],
)
def test_tempos(marks: str, tempo: float | None) -> None:
    assert read(tune(marks + C, F), "x").tempo == tempo
    assert read(tune(C, marks + F), "x").tempo == tempo
    assert read(tune(C, F, marks + G), "x").tempo is None


def test_rehearsal_marks_are_sections() -> None:
    mark = direction("<rehearsal>{}</rehearsal>")
    changes = read(tune(C, mark.format("A") + F, rest(2) + mark.format(" B ") + rest(2)), "x")
    assert [(part.start, part.name) for part in changes.sections] == [(1920, "A"), (3840, "B")]
    assert (changes.style, changes.form) == ("", "")


# Parts -------------------------------------------------------------------------------------


def test_the_part_with_most_chord_symbols_is_read() -> None:
    melody = [attributes(8) + rest(32), rest(32)]
    guitar = [attributes() + C + rest(), F + rest(2) + G + rest(2)]
    bass = [attributes() + A + rest(), rest()]
    for parts in ([melody, guitar], [guitar, melody], [bass, melody, guitar]):
        assert spans(read(score(*parts), "x")) == [(0, "C"), (1920, "F"), (2880, "G")]


def test_a_timewise_score_is_read() -> None:
    measures = "".join(
        f'<measure number="{i}"><part id="P1">{head}{rest()}</part>'
        f'<part id="P2">{head}{chord}{rest()}</part></measure>'
        for i, head, chord in ((1, attributes(), C), (2, "", F))
    )
    data = f"<score-timewise><part-list/>{measures}</score-timewise>".encode()
    assert spans(read(data, "x")) == [(0, "C"), (1920, "F")]


def test_a_score_as_ireal_pro_writes_it() -> None:
    """Its traits: empty barlines, the right one before the left, an ending whose bracket covers
    one bar of two, and a diamond for a whole bar."""
    note = (
        "<note><pitch><step>B</step><octave>4</octave></pitch><duration>3072</duration>"
        "<type>whole</type><notehead>diamond</notehead></note>"
    )
    ends = (
        '<barline location="right"><ending type="discontinue" number="{0}"/></barline>'
        '<barline location="left"><ending type="start" number="{0}"/></barline>'
    )
    measures = [
        attributes(768) + "<barline/><barline/>" + forward() + C + note,
        ends.format(1) + "<print/>" + "<attributes/>" + F + note,
        "<barline/>" + backward() + G + note,
        ends.format(2) + A + note,
        C + note,
    ]
    symbols = [symbol for _, symbol in spans(read(score(measures), "x"))]
    assert symbols == ["C", "F", "G", "C", "A", "C"]


# What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (tune(rest()), "the score has no chord symbols"),
        (b"<html/>", "'html': expected score-partwise or score-timewise"),
        (b"<score-partwise/>", "the score has no measures"),
        (b"<score-partwise><part/></score-partwise>", "the score has no measures"),
        (score([C + rest()]), "bar 1: no <divisions> before the first duration"),
        (score([C]), "bar 1: no time signature: expected a <time>"),
        (tune(harmony("C", offset="4") + rest()), "bar 1: C stands 4 quarters into a bar of 4"),
        (tune(harmony("C", offset="-1") + rest()), "bar 1: C stands -1 quarters into a bar of 4"),
        (
            tune(C, C + F + rest()),
            "bar 2: C and F stand at one place: expected one, or an <offset>",
        ),
        (tune(C, rest("x")), "bar 2: duration of a note 'x': expected a number such as 1 or 0.5"),
        (tune(C, rest("-1")), "bar 2: duration -1: expected 0 or more"),
        (tune(C, rest("1e9")), "bar 2: duration of a note '1e9'"),
        (tune(C, "<note/>"), "bar 2: duration of a note ''"),
        (score([attributes(0) + C]), "bar 1: divisions 0: expected more than 0"),
        (score([attributes(meter="4/3") + C]), "bar 1: meter 4/3: expected 1 to 32 over 1, 2, 4"),
        (score([attributes(meter="0/4") + C]), "bar 1: beats '0'"),
        (score([attributes(meter="x/4") + C]), "bar 1: beats 'x'"),
        (
            score([attributes().replace("<beats>4</beats>", "") + C]),
            "bar 1: a time signature without beats and beat-type",
        ),
        (
            score([f"<attributes><time><senza-misura/></time></attributes>{C}"]),
            "bar 1: senza misura: expected a time signature",
        ),
        (tune('<sound tempo="900"/>' + C), "tempo 900: expected 20 to 500 quarters a minute"),
        (tune('<sound tempo="fast"/>' + C), "bar 1: tempo 'fast': expected a number"),
        (
            score([attributes() + C, F], [attributes() + C]),
            "parts of 1 and 2 measures: expected as many",
        ),
        (
            score([attributes() + C], head=f"<movement-title>{'x' * 201}</movement-title>"),
            f"title over {MAX_NAME} characters",
        ),
        (
            tune(direction(f"<rehearsal>{'x' * 201}</rehearsal>") + C),
            f"bar 1: section name over {MAX_NAME} characters",
        ),
        (score([attributes() + C] + [rest()] * 10000), "1 parts of 10001 measures: expected at"),
        (score([attributes() + C, "<harmony/>"], numbers=["1", "17a"]), "bar 17a: a harmony"),
        (score([attributes() + C, "<harmony/>"], numbers=["", ""]), "bar 2: a harmony without"),
    ],
)
def test_what_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ChartError) as caught:
        read(data, "x.musicxml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


# Scores of other programs ------------------------------------------------------------------


@pytest.fixture(scope="module")
def suite() -> Path:
    """The LilyPond test suite for MusicXML and other scores, as music21 brings them."""
    music21 = pytest.importorskip("music21")
    return Path(music21.__file__).parent


def test_chord_names_of_the_lilypond_suite(suite: Path) -> None:
    folder = suite / "musicxml" / "lilypondTestSuite"
    changes = read((folder / "71a-Chordnames.xml").read_bytes(), "71a")
    assert [symbol for _, symbol in spans(changes)] == [
        "C", "Cmaj7#11", "B7#5#9", "Eb(add9)", "Gm", "D#maj7", "Adim7", "Aaug",
    ]  # fmt: skip
    pickup = read((folder / "46g-PickupMeasure-Chordnames-FiguredBass.xml").read_bytes(), "46g")
    assert (spans(pickup), pickup.length) == ([(0, "C")], 1920)


def test_chord_offsets_of_music21(suite: Path) -> None:
    changes = read((suite / "musicxml" / "testChordOffset.xml").read_bytes(), "x")
    m21 = pytest.importorskip("music21")
    stream = m21.converter.parse(suite / "musicxml" / "testChordOffset.xml")
    theirs = [
        (round(each.getOffsetInHierarchy(stream) * 480), each.root().pitchClass)
        for each in stream.recurse().getElementsByClass("ChordSymbol")
    ]
    assert [(span.start, span.chord.root) for span in changes.chords] == theirs


@pytest.mark.parametrize("name", ["berlinAlexandersRagtime", "fosterBrownHair"])
def test_lead_sheets_of_music21_with_their_repeats(suite: Path, name: str) -> None:
    """Bars, places, roots, basses and tones are those of music21's expanded repeats."""
    m21 = pytest.importorskip("music21")
    path = suite / "corpus" / "leadSheet" / f"{name}.mxl"
    changes = read(path.read_bytes(), path.name)
    stream = m21.converter.parse(path).parts[0].expandRepeats()
    theirs = [
        (
            round(each.getOffsetInHierarchy(stream) * 480),
            each.root().pitchClass,
            frozenset(pitch.pitchClass for pitch in each.pitches),
        )
        for each in stream.recurse().getElementsByClass("ChordSymbol")
    ]
    measures = list(stream.getElementsByClass("Measure"))
    pickup = round(measures[0].duration.quarterLength * 480)
    lead = pickup if pickup < changes.bars[0].meter.bar_ticks else 0
    ours = [
        (span.start + lead, span.chord.root, span.chord.pitch_classes)
        for span in changes.chords
        if span.chord.root is not None
    ]
    assert ours == theirs


def test_words_beside_the_music_do_not_matter() -> None:
    assert spans(read(tune(words("Swing!") + C), "x")) == [(0, "C")]
