"""What the browser tests need: Chromium, a gateway with real households, and a first visit to its page."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from .gateway_process import DEVELOPMENT_KEY, Gateway, load_households, serving
from .visit import Visit

ROOT = Path(__file__).resolve().parents[2]
BUILT_PAGE = ROOT / "gateway" / "static" / "graphiql" / "index.html"

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Not for the whole session: Playwright keeps an event loop running, in which no other test could run its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; installed by apt where it is absent and that is possible, else the tests are skipped by name."""
    executable = find_chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database holds twenty real households."""
    assert BUILT_PAGE.is_file(), "GraphiQL is not built: run `make web` first"
    folder = tmp_path_factory.mktemp("gateway")
    load_households(folder, 20)
    return folder


@pytest.fixture(scope="session")
def gateway(data_folder: Path) -> Iterator[Gateway]:
    """A gateway with a development key."""
    with serving(data_folder, DEVELOPMENT_KEY) as running:
        yield running


@pytest.fixture
def gateway_without_key(data_folder: Path) -> Iterator[Gateway]:
    """The same data, served as in production: no development key."""
    with serving(data_folder, None) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, gateway: Gateway) -> Iterator[Visit]:
    """A first visit: nothing kept from before."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    visiting = Visit(context.new_page(), gateway)
    visiting.listen()
    yield visiting
    context.close()


def find_chromium() -> str:
    """The path of Chromium, after installing it where needed and possible."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found:
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return without_chromium("it is not installed, and only root on a machine with apt-get can install it here")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "chromium"]):
        done = subprocess.run(
            ["apt-get", *arguments], env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        if done.returncode != 0:
            return without_chromium(f"`apt-get {' '.join(arguments)}` failed: {done.stderr.strip()[-300:]}")
    return shutil.which("chromium") or without_chromium("apt-get installed it, yet it is not on the path")


def without_chromium(reason: str) -> str:
    """Skips the test on a contributor's machine; on CI, where a skip would go unseen, it fails."""
    message = f"Chromium is absent: {reason}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
