"""The routes behind the page: what they answer, how long it may be kept, and what the page is allowed to reach."""

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gateway.graphiql import PageConfig, graphiql_routes

CONFIG: dict[str, str | None] = {"endpoint": "/graphql", "developmentKey": None}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build leaves it, with a file beside it that nobody may read."""
    (tmp_path / "graphiql" / "assets").mkdir(parents=True)
    (tmp_path / "graphiql" / "index.html").write_text("<!doctype html><title>GraphiQL</title>")
    (tmp_path / "graphiql" / "assets" / "index-1a2b.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "graphiql"


def ask(app: Starlette, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test:8000") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(answer())


def test_the_page_may_load_and_call_its_own_host_only(built: Path) -> None:
    answer = ask(Starlette(routes=graphiql_routes(CONFIG, built)), "/")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self' ws://gateway.test:8000 wss://gateway.test:8000",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]


@pytest.mark.parametrize("host", ["gateway.test; script-src *", "* evil.test", "[::1] *", ""])
def test_a_host_header_that_is_no_host_adds_nothing_to_the_policy(built: Path, host: str) -> None:
    answer = ask(Starlette(routes=graphiql_routes(CONFIG, built)), "/", {"Host": host})

    assert "connect-src 'self'; base-uri" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/graphiql/config.json", "/graphiql/assets/index-1a2b.js"])
def test_every_answer_forbids_sniffing_referring_and_sharing(built: Path, path: str) -> None:
    answer = ask(Starlette(routes=graphiql_routes(CONFIG, built)), path)

    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=()" in answer.headers["permissions-policy"]


def test_a_built_file_may_be_kept_for_good_and_reaches_nothing_as_a_worker(built: Path) -> None:
    answer = ask(Starlette(routes=graphiql_routes(CONFIG, built)), "/graphiql/assets/index-1a2b.js")

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-security-policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    "path", ["/graphiql/assets/%2e%2e/%2e%2e/secret.txt", "/graphiql/assets/", "/graphiql/assets/no.js"]
)
def test_nothing_but_the_built_files_is_served(built: Path, path: str) -> None:
    assert ask(Starlette(routes=graphiql_routes(CONFIG, built)), path).status_code == 404


def test_the_settings_are_asked_for_at_each_visit_and_never_kept(built: Path) -> None:
    customers = iter(["first", "second"])

    async def config() -> PageConfig:
        return {"demoCustomerId": next(customers)}

    app = Starlette(routes=graphiql_routes(config, built))
    answers = [ask(app, "/graphiql/config.json") for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"demoCustomerId": "first"}, {"demoCustomerId": "second"}]
    assert answers[0].headers["cache-control"] == "no-store"


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    app = Starlette(routes=graphiql_routes(CONFIG, tmp_path / "nowhere"))

    answer = ask(app, "/")

    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert answer.text == "GraphiQL is not built yet: `make web` builds it. The API at /graphql answers without it.\n"
    assert ask(app, "/graphiql/assets/index-1a2b.js").status_code == 404
