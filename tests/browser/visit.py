"""A visit to the page: one browser window, and everything it asked, sent, received and complained of."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, WebSocket, expect

from .gateway_process import Gateway

REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy ${event.violatedDirective} stopped ${event.blockedURI}`));
"""


# The text of an editor as a whole; the page itself holds only the lines on view.
FIND_MODEL = "(name) => globalThis.__MONACO?.editor.getModels().find((model) => model.uri.path.endsWith(name))"


@dataclass
class Visit:
    """One person's browser window on the page, with every address it asked and everything it complained of."""

    page: Page
    gateway: Gateway
    requested: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)

    def open(self) -> None:
        """Opens the page and returns once GraphiQL has read the schema and shows its editors."""
        with self.page.expect_response(lambda response: "IntrospectionQuery" in (response.request.post_data or "")):
            self.page.goto(self.gateway.url)
        self.editor("variables.json")

    def tabs(self) -> list[str]:
        return self.page.get_by_role("tab").all_inner_texts()

    def choose_tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def ready_queries(self) -> Locator:
        """The list of ready queries, which a window this wide shows on a first visit."""
        return self.page.get_by_role("region", name="Ready queries")

    def open_ready_query(self, name: str) -> None:
        """Opens a ready query in a tab of its own, and returns once it is there."""
        before = self.page.get_by_role("tab").count()
        self.ready_queries().get_by_role("button").filter(has=self.page.get_by_text(name, exact=True)).click()
        expect(self.page.get_by_role("tab")).to_have_count(before + 1)
        # The tab takes its name from the text when typing has paused.
        expect(self.page.get_by_role("tab").last).to_have_text(name, use_inner_text=True)

    def run(self) -> None:
        self.page.get_by_role("button", name="Execute query").click()

    def run_query(self) -> dict[str, Any]:
        """Presses run and returns the JSON that the gateway answered."""
        with self.page.expect_response(lambda response: urlsplit(response.url).path == "/graphql") as answer:
            self.run()
        answered: dict[str, Any] = answer.value.json()
        return answered

    def editor(self, name: str) -> str:
        """The text in one of GraphiQL's editors: operation.graphql, variables.json or request-headers.json."""
        self.page.wait_for_function(f"(name) => Boolean(({FIND_MODEL})(name))", arg=name)
        text: str = self.page.evaluate(f"(name) => ({FIND_MODEL})(name).getValue()", name)
        return text

    def edit(self, name: str, text: str) -> None:
        """Replaces the text in one of GraphiQL's editors."""
        self.editor(name)
        self.page.evaluate(f"([name, text]) => ({FIND_MODEL})(name).setValue(text)", [name, text])

    def wait_for_text(self, name: str, part: str) -> None:
        """Returns once the text in that editor holds `part`."""
        self.page.wait_for_function(
            f"([name, part]) => ({FIND_MODEL})(name)?.getValue().includes(part)", arg=[name, part]
        )

    def listen(self) -> None:
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("websocket", self._follow)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.add_init_script(REPORT_VIOLATIONS)

    def _follow(self, connection: WebSocket) -> None:
        self.requested.append(connection.url)
        connection.on("framesent", lambda frame: self.sent.append(json.loads(frame)))
        connection.on("framereceived", lambda frame: self.received.append(json.loads(frame)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(message.text)
