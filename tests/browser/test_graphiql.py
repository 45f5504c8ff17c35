"""GraphiQL as a person meets it: in a real browser, on a real gateway, with real households."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from graphql import OperationType
from playwright.sync_api import Browser, expect

from tests.ready_queries import PLACEHOLDERS, ReadyQuery, ready_queries

from .gateway_process import DEVELOPMENT_KEY, Gateway
from .visit import Visit

# One worker runs them all, because they share one gateway and one browser.

TABS = ["ProfilePage", "CustomerGrid", "ActivityTab", "ActivityLive", "AddNote"]
READY = [query for query in ready_queries().values() if query.variables is not None]
SCREENS = sorted({query.file for query in READY})
NARROW = {"width": 900, "height": 800}
LIVE_CURSOR = "query LiveCursor($key: CustomerKey!) { customer(by: $key) { timeline(first: 0) { liveCursor } } }"


def test_a_first_visit_opens_five_ready_queries_with_the_demo_customer_filled_in(visit: Visit) -> None:
    visit.open()

    assert visit.tabs() == TABS
    assert json.loads(visit.editor("variables.json")) == {"key": {"externalId": visit.gateway.config["demoExternalId"]}}
    assert json.loads(visit.editor("request-headers.json")) == {"Authorization": f"Bearer {DEVELOPMENT_KEY}"}
    assert visit.problems == []


def test_the_profile_query_answers_with_a_real_household(visit: Visit) -> None:
    visit.open()

    answer = visit.run_query()

    assert "errors" not in answer
    customer = answer["data"]["customer"]
    assert customer["externalId"] == visit.gateway.config["demoExternalId"]
    assert customer["receipts"]["nodes"][0]["items"] != []
    expect(visit.page.locator(".result-window")).to_contain_text(customer["externalId"])
    assert visit.problems == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.stem)
def test_every_ready_query_opens_and_answers_without_an_error(visit: Visit, screen: Path) -> None:
    visit.open()
    for query in [query for query in READY if query.file == screen and query.kind is not OperationType.SUBSCRIPTION]:
        visit.open_ready_query(query.name)
        filled_in = visit.editor("variables.json")
        assert [each["hint"] for each in PLACEHOLDERS.values() if each["hint"] in filled_in] == [], query.name

        answer = visit.run_query()

        assert "errors" not in answer, query.name
        assert [payload.get("userErrors") or [] for payload in answer["data"].values()] == [[]] * len(answer["data"])
    assert visit.problems == []


def test_a_note_added_in_one_window_arrives_in_the_live_subscription_of_another(visit: Visit) -> None:
    config = visit.gateway.config
    key = {"externalId": config["demoExternalId"]}
    # Subscribing from a cursor read before makes the order of the two windows certain: no event can fall between.
    cursor = visit.gateway.post(LIVE_CURSOR, {"key": key})["data"]["customer"]["timeline"]["liveCursor"]
    visit.open()
    visit.choose_tab("ActivityLive")
    visit.edit("variables.json", json.dumps({"id": config["demoCustomerId"], "after": cursor}))
    visit.run()

    second = Visit(visit.page.context.new_page(), visit.gateway)
    second.listen()
    second.open()
    second.choose_tab("AddNote")
    answer = second.run_query()

    assert answer["data"]["addNote"]["userErrors"] == []
    expect(visit.page.locator(".result-window")).to_contain_text('"NOTE"')
    opening = visit.sent[0]
    assert (opening["type"], opening["payload"]) == ("connection_init", {"Authorization": f"Bearer {DEVELOPMENT_KEY}"})
    deliveries = [message["payload"]["data"] for message in visit.received if message["type"] == "next"]
    assert [delivery["customerActivity"]["event"]["category"] for delivery in deliveries] == ["NOTE"]
    assert deliveries[0]["customerActivity"]["event"]["name"] == "Note added"
    assert visit.problems == second.problems == []


def test_no_request_leaves_the_host_and_the_policy_stops_none(visit: Visit) -> None:
    visit.open()
    visit.run_query()
    visit.choose_tab("ActivityLive")
    with visit.page.expect_websocket():
        visit.run()
    visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    visit.page.get_by_role("button", name="Prettify query").click()
    visit.wait_for_text("operation.graphql", "businessUnit {\n")

    host = urlsplit(visit.gateway.url).netloc
    assert {urlsplit(address).netloc for address in visit.requested if not address.startswith("data:")} == {host}
    assert visit.problems == []


def test_an_edited_key_is_the_one_that_http_and_websocket_carry(visit: Visit) -> None:
    visit.open()
    visit.edit("request-headers.json", '{"Authorization": "Bearer another"}')
    with visit.page.expect_request(f"{visit.gateway.url}/graphql") as request:
        visit.run()
    assert request.value.headers["authorization"] == "Bearer another"

    visit.choose_tab("ActivityLive")
    visit.edit("request-headers.json", '{"Authorization": "Bearer another"}')
    visit.run()
    expect(visit.page.locator(".result-window")).to_contain_text("Socket closed with event 44")
    assert visit.sent[0]["payload"] == {"Authorization": "Bearer another"}


def test_a_returning_visitor_finds_what_they_edited(visit: Visit) -> None:
    visit.open()
    visit.edit("operation.graphql", "query Mine { viewer { id } }")
    visit.page.wait_for_function("() => localStorage.getItem('graphiql:tabState')?.includes('query Mine')")

    visit.open()

    assert visit.tabs() == ["Mine", *TABS[1:]]
    assert visit.editor("operation.graphql") == "query Mine { viewer { id } }"
    assert visit.problems == []


def test_a_ready_query_opens_again_in_a_tab_of_its_own(visit: Visit) -> None:
    visit.open()
    visit.edit("operation.graphql", "query Mine { viewer { id } }")

    visit.open_ready_query("ProfilePage")

    assert visit.tabs() == ["Mine", *TABS[1:], "ProfilePage"]
    visit.wait_for_text("operation.graphql", "# Everything staff see first")
    assert "errors" not in visit.run_query()
    assert visit.problems == []


def test_the_list_shows_all_of_them_by_screen_and_says_which_write(visit: Visit) -> None:
    visit.open()

    listed = visit.ready_queries().get_by_role("button").all_inner_texts()

    badges = {OperationType.MUTATION: ["writes"], OperationType.SUBSCRIPTION: ["live"], OperationType.QUERY: []}
    said = [text.split("\n") for text in listed]
    assert [[line for line in lines if line] for lines in said] == [
        [query.name, *badges[query.kind], query.about] for query in in_order(READY)
    ]
    assert visit.ready_queries().get_by_role("heading", level=3).count() == len(SCREENS)


def in_order(queries: list[ReadyQuery]) -> list[ReadyQuery]:
    """The page's order: the profile page, then the screens, each in the order of its variables' file."""
    offers = {file: list(json.loads(file.with_suffix(".json").read_text())["operations"]) for file in SCREENS}
    return sorted(queries, key=lambda query: (query.file, offers[query.file].index(query.name)))


def test_the_list_is_used_by_keyboard_alone(visit: Visit) -> None:
    visit.open()
    visit.page.get_by_role("button", name="Hide Ready queries").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.ready_queries()).to_have_count(0)
    visit.page.keyboard.press("Enter")
    visit.ready_queries().get_by_role("button").first.focus()
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")

    expect(visit.page.get_by_role("tab")).to_have_text([*TABS, "LeftPanel"], use_inner_text=True)
    assert "errors" not in visit.run_query()
    assert visit.problems == []


@pytest.mark.parametrize("width", [NARROW["width"], 1440])
def test_a_tab_that_opens_beyond_the_edge_comes_into_view(visit: Visit, width: int) -> None:
    visit.open()
    visit.page.set_viewport_size({"width": width, "height": 800})
    for name in ("MailingsPromoPolls", "SegmentExplorer", "ActivityFilterChoices"):
        visit.open_ready_query(name)

    edge = visit.page.get_by_role("tablist").bounding_box()
    assert edge is not None
    visit.page.wait_for_function(
        "(edge) => document.querySelector('.graphiql-tab-active').getBoundingClientRect().right <= edge",
        arg=edge["x"] + edge["width"] + 1,
    )


def test_a_narrow_window_leaves_the_room_to_the_editors(visit: Visit) -> None:
    visit.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    visit.open()

    expect(visit.ready_queries()).to_have_count(0)
    visit.page.get_by_role("button", name="Show Ready queries").click()
    expect(visit.ready_queries().get_by_role("button").first).to_be_visible()


def test_without_a_development_key_the_page_says_where_to_put_one(
    browser: Browser, gateway_without_key: Gateway
) -> None:
    assert gateway_without_key.config["developmentKey"] is None
    context = browser.new_context()
    visit = Visit(context.new_page(), gateway_without_key)

    visit.open()

    expect(visit.page.get_by_role("banner")).to_contain_text('put {"Authorization": "Bearer YOUR-KEY"} into Headers')
    assert visit.editor("request-headers.json") == ""
    assert visit.editor("variables.json") == json.dumps(
        {"key": {"externalId": "the external id of a customer"}}, indent=2
    )
    context.close()
