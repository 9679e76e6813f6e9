"""A real browser without a screen: Chromium, driven through chromedriver."""

from __future__ import annotations

import base64
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.view.stands import PATIENCE

LAPTOP, PHONE = (1280, 800), (390, 844)


class Screen:
    """A page in a browser.

    Attributes:
        driver: selenium's.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, address: str, size: tuple[int, int] = LAPTOP) -> None:
        """Open an address, on a screen of that size in pixels; older complaints are forgotten."""
        width, height = size
        device = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 800}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
        self.driver.get("about:blank")
        self.complaints()
        self.driver.get(address)

    def text(self, selector: str) -> str:
        """What is written in the first element like that."""
        return str(self.ask("return document.querySelector(arguments[0]).textContent", selector))

    def ask(self, script: str, *given: Any) -> Any:
        """Run a script in the page."""
        return self.driver.execute_script(script, *given)

    def until(self, happened: Callable[[], Any], what: str) -> Any:
        """Ask until something is true; what it is."""
        end = time.monotonic() + PATIENCE
        while not (found := happened()):
            assert time.monotonic() < end, f"{what}: not in {PATIENCE:g} s"
            time.sleep(0.01)
        return found

    def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(keys).perform()

    def touch(self, selector: str, share: float = 0.5) -> None:
        """Click on an element, at that share of its width."""
        from selenium.webdriver.common.action_chains import ActionChains

        element = self.driver.find_element("css selector", selector)
        self.ask("arguments[0].scrollIntoView({block: 'center'})", element)
        across = round((share - 0.5) * element.size["width"])
        ActionChains(self.driver).move_to_element_with_offset(element, across, 0).click().perform()

    def colours(self, canvas: str) -> set[str]:
        """The colours of the points of a canvas, in hexadecimal."""
        script = """
            const canvas = document.querySelector(arguments[0]);
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            const found = new Set();
            for (let i = 0; i < data.length; i += 4) {
              if (data[i + 3] === 255) {
                found.add([data[i], data[i + 1], data[i + 2]]
                  .map((each) => each.toString(16).padStart(2, "0")).join(""));
              }
            }
            return [...found];
        """
        return set(self.ask(script, canvas))

    def complaints(self) -> list[str]:
        """What the browser has complained about since it was asked last."""
        return [str(each["message"]) for each in self.driver.get_log("browser")]

    def picture(self, path: Path) -> None:
        """Keep what is to be seen."""
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def chromium() -> Iterator[Screen]:
    """A browser; skips where it, its driver or selenium is missing."""
    webdriver = pytest.importorskip("selenium.webdriver")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no Chromium (Debian: apt install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    switches = ["headless=new", "disable-gpu", "hide-scrollbars", "disable-dev-shm-usage"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        switches.append("no-sandbox")  # it has none for the superuser
    for switch in switches:
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(driver)
    browser = webdriver.Chrome(options=options, service=service)
    try:
        yield Screen(browser)
    finally:
        browser.quit()
