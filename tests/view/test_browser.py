"""The page in a real browser, beside somebody who stands for the music."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from live_improv.grammar.values import Kind, settled_kind
from live_improv.music.events import NoteOn
from live_improv.music.score import IMPROVISER, PLAYER
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.controls import CONTROLS, Turned
from live_improv.performance.hands import Learning, Stage
from live_improv.performance.incoming import Charted, Key
from live_improv.performance.take import Played
from live_improv.repertoire import read_chart
from live_improv.view.page import Page, open_page
from tests.view.browser import PHONE, Screen, chromium
from tests.view.stands import BLUES, NAMES, Stand

pytestmark = pytest.mark.realtime


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    """A browser that all tests share."""
    with chromium() as found:
        yield found


@pytest.fixture
def stand(screen: Screen) -> Iterator[Stand]:
    """Who is shown on the screen."""
    with shown(screen) as found:
        yield found


@contextmanager
def shown(screen: Screen, stand: Stand | None = None, **how: Any) -> Iterator[Stand]:
    """A page, open."""
    stand = stand or Stand()
    with open_page(Page(), stand.stage()):
        screen.open(stand.address(), **how)
        screen.until(lambda: screen.text("#link") == "live", "the page is live")
        screen.until(lambda: screen.text("#now-chord"), "there is a chord")
        screen.complaints()
        yield stand


def sounding(screen: Screen) -> int:
    """The bar that is lit, from 0."""
    return int(screen.ask("return document.querySelector('.sounding').dataset.bar"))


def test_the_sounding_bar_is_lit_and_moves_with_the_music(screen: Screen, stand: Stand) -> None:
    """The bar on the screen is that of the music, at every moment that is not near a bar line."""
    seen: set[int] = set()
    while len(seen) < 3:
        before = (time.perf_counter() - stand.begun) * 2 * PPQ
        lit = sounding(screen)
        after = (time.perf_counter() - stand.begun) * 2 * PPQ
        edge = 0.15 * PPQ  # a picture of the screen, a frame
        moments = (before - edge, before, after)
        bars = {BLUES.bar_index(Ticks(round(tick))) for tick in moments}
        assert lit in bars
        seen.add(lit)
        time.sleep(0.05)
    assert screen.text("#bars") == "/12"
    assert screen.complaints() == []


def test_the_chord_and_the_next_one_are_shown(screen: Screen) -> None:
    # 9.5 bars in, or a bar later, by when the page is there.
    with shown(screen, Stand(begun=time.perf_counter() - 8.5 * 2.0)):
        chord, following = screen.ask(
            "return ['#now-chord', '#next-chord']"
            ".map((each) => document.querySelector(each).textContent)"
        )
    assert (chord, following) in {("Gm7", "C7"), ("C7", "Am7")}


def test_the_whole_form_is_on_the_sheet(screen: Screen) -> None:
    changes = read_chart("ballad")
    with shown(screen, Stand(changes)):
        bars = screen.ask("return document.querySelectorAll('.measure').length")
        parts = screen.ask(
            "return [...document.querySelectorAll('.part')].map((each) => each.textContent)"
        )
        written = screen.ask(
            "return [...document.querySelectorAll('.sheet .chord:not(.held)')]"
            ".map((each) => each.dataset.symbol)"
        )
        about = screen.text("#about")
    assert bars == 32
    assert parts == ["A", "A", "B", "A"]
    assert written == [span.chord.symbol for span in changes.chords]
    assert about == "Eb · ballad · AABA"


def test_notes_are_drawn_in_the_colours_of_their_kinds(screen: Screen, stand: Stand) -> None:
    def now() -> Ticks:
        return Ticks(round((time.perf_counter() - stand.begun) * 2 * PPQ))

    colours = {
        kind: screen.ask(
            "return getComputedStyle(document.documentElement)"
            ".getPropertyValue(arguments[0]).trim().slice(1)",
            f"--kind-{kind}",
        )
        for kind in "CLS"
    }
    assert not set(colours.values()) & screen.colours("#roll")
    chord = BLUES.chord_at(now())
    for who, kind in ((IMPROVISER, Kind.CHORD), (PLAYER, Kind.COLOUR)):
        pitch = next(each for each in range(60, 72) if settled_kind(each, chord) is kind)
        stand.log.append(Played(now(), NoteOn(pitch, 127), who))  # the louder, the brighter
    wanted = {colours["C"], colours["L"]}
    screen.until(lambda: wanted <= screen.colours("#roll"), "both are drawn")
    assert colours["S"] not in screen.colours("#roll")


@pytest.mark.parametrize("row", [CONTROLS["density"], CONTROLS["temperature"], CONTROLS["tempo"]])
def test_a_slider_turns_its_control(screen: Screen, stand: Stand, row: Any) -> None:
    screen.touch(f'[data-name="{row.name}"]', 0.9)
    turned = stand.wait_for()[-1]
    assert isinstance(turned, Turned)
    assert turned.name == row.name
    assert float(row.default) < float(turned.value) < row.high
    # What the music has is what is shown, not what was wished.
    stand.knobs = stand.knobs.with_(row.name, row.high)
    value = f'[data-name="{row.name}"] .value'
    screen.until(
        lambda: screen.text(value).lstrip("+").startswith(f"{row.high:g}"), "its value is shown"
    )
    assert len(stand.put) == 1


def test_buttons_do_what_is_written_on_them(screen: Screen, stand: Stand) -> None:
    screen.touch('[data-name="panic"]')
    screen.touch('[data-name="mute"]')
    screen.touch('[data-name="mode"] button:nth-of-type(2)')
    screen.touch('[data-name="trade"] button:nth-of-type(1)')
    screen.touch('[data-name="start_stop"]')
    assert stand.wait_for(5) == [
        Turned("panic", True),
        Turned("mute", True),
        Turned("mode", "trade"),
        Turned("trade", 1),
        Turned("start_stop", True),
    ]


def test_keys_are_those_of_the_terminal(screen: Screen, stand: Stand) -> None:
    screen.press("D3 q?\\")
    screen.press("b")
    assert stand.wait_for(4) == [Key("D"), Key("3"), Key(" "), Key("b")]


def test_the_controls_can_be_put_away(screen: Screen, stand: Stand) -> None:
    narrow = screen.ask("return document.getElementById('sheet').clientWidth")
    screen.press(".")
    assert screen.ask("return document.getElementById('panel').offsetParent") is None
    assert screen.ask("return document.getElementById('sheet').clientWidth") > narrow + 300
    screen.press(".")
    assert screen.ask("return document.getElementById('sheet').clientWidth") == narrow
    assert stand.put == []


def test_another_tune_is_chosen_by_its_name(screen: Screen, stand: Stand) -> None:
    screen.ask(
        "const chart = document.getElementById('chart');"
        "chart.selectedIndex = 1 + arguments[0]; chart.onchange()",
        NAMES.index("jazz_waltz"),
    )
    chosen = stand.wait_for()[0]
    assert isinstance(chosen, Charted)
    stand.changes = chosen.changes
    screen.until(lambda: "altz" in screen.text("#title"), "the other tune is shown")
    assert screen.text(".meter") == "3/4"
    assert screen.ask("return document.querySelectorAll('#pulse i').length") == 3


def test_a_control_is_learned_by_touching_it(screen: Screen, stand: Stand) -> None:
    screen.touch(".learn")
    assert stand.wait_for() == [Key("l")]
    stand.learning = Learning(Stage.CHOOSING)
    screen.until(lambda: screen.ask("return document.body.matches('.choosing')"), "it asks")
    stand.put.clear()
    screen.touch('[data-name="swing"]', 0.9)
    keys = stand.wait_for(3)
    assert keys == [Key("\x1b"), Key("l"), Key(CONTROLS["swing"].keys[0])]
    stand.learning = Learning(Stage.WAITING, "swing")
    screen.until(lambda: screen.text("#news") == "swing: move a knob or strike a pad", "it says so")


def test_a_hostile_title_is_text(screen: Screen, stand: Stand) -> None:
    title = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    stand.changes = type(BLUES)(BLUES.chords, BLUES.bars, BLUES.sections, title=title, style=title)
    screen.until(lambda: screen.text("#title") == title, "it is shown as it is")
    assert screen.ask("return document.querySelectorAll('img, script:not([src])').length") == 0
    assert screen.complaints() == []


def test_the_page_says_when_the_music_has_gone(screen: Screen) -> None:
    with shown(screen):
        pass
    screen.until(lambda: screen.text("#link") == "lost, trying again", "it says so")
    assert screen.ask("return document.body.dataset.link") == "lost"


def test_it_fits_a_phone(screen: Screen) -> None:
    with shown(screen, size=PHONE):
        wide, inner = screen.ask("return [document.documentElement.scrollWidth, innerWidth]")
        tall = screen.ask(
            "return [...document.querySelectorAll('button, select, .number')]"
            ".filter((each) => each.offsetHeight < 44).length"
        )
    assert wide <= inner
    assert tall == 0, "what is touched is 44 pixels high, as Apple's and Google's guides ask"


@pytest.mark.skipif(os.name != "posix", reason="127/8")
def test_a_phone_reads_its_address_off_the_screen(screen: Screen) -> None:
    stand = Stand()
    with open_page(Page("127.0.0.2"), stand.stage()):
        screen.open(stand.address())
        screen.until(lambda: screen.text("#link") == "live", "the page is live")
        screen.touch("#show-phone")
        there = stand.said[0].split()[3]
        assert screen.text("#phone-address") == there
        assert screen.colours("#code") == {"000000", "ffffff"}
        screen.press("b")
        assert not screen.ask("return document.getElementById('phone').open")
        screen.open(there, size=PHONE)
        screen.until(lambda: screen.text("#link") == "live", "the phone's page is live")
    assert stand.put == []


def test_a_page_of_somebody_else_gets_nothing(screen: Screen, stand: Stand) -> None:
    """A site that the same browser has open opens a WebSocket to us: a forged Origin."""
    with other_site() as site:
        address = stand.said[0].split()[1]
        host, token = address.removeprefix("http://").split("/#")
        screen.open(site)
        script = """
            const [host, token, done] = arguments;
            const socket = new WebSocket(`ws://${host}/live`);
            socket.onopen = () => {
              socket.send(JSON.stringify({ token }));
              socket.send(JSON.stringify({ do: "turn", name: "panic", value: true }));
            };
            socket.onmessage = () => done("let in");
            socket.onclose = (event) => done(`closed ${event.code}`);
        """
        assert screen.driver.execute_async_script(script, host, token) == "closed 1006"
        # Nor can it read a file of ours, or show us in a frame.
        script = """
            const [host, done] = arguments;
            fetch(`http://${host}/page.js`).then(() => done("read"), () => done("refused"));
        """
        assert screen.driver.execute_async_script(script, host) == "refused"
    assert stand.put == []


@contextmanager
def other_site() -> Iterator[str]:
    """A site that is not ours, in the same browser."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>another site</title>")

        def log_message(self, *_: object) -> None:
            return None

    with HTTPServer(("127.0.0.1", 0), Site) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
