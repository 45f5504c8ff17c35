"""GraphiQL as a person meets it: in a real browser, on a real gateway, with real households."""

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from .gateway_process import DEVELOPMENT_KEY, Gateway
from .visit import Visit

# One worker runs them all, because they share one gateway and one browser.

TABS = ["ProfilePage", "CustomerSearch", "Timeline", "LiveSubscription", "AddNote"]
LIVE_CURSOR = "query LiveCursor($key: CustomerKey!) { customer(by: $key) { timeline(first: 0) { liveCursor } } }"


def test_a_first_visit_opens_the_five_ready_queries_with_the_demo_customer_filled_in(visit: Visit) -> None:
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


@pytest.mark.parametrize("tab", ["CustomerSearch", "Timeline"])
def test_every_other_query_answers_without_an_error(visit: Visit, tab: str) -> None:
    visit.open()
    visit.choose_tab(tab)

    answer = visit.run_query()

    assert "errors" not in answer
    assert visit.problems == []


def test_a_note_added_in_one_window_arrives_in_the_live_subscription_of_another(visit: Visit) -> None:
    config = visit.gateway.config
    key = {"externalId": config["demoExternalId"]}
    # Subscribing from a cursor read before makes the order of the two windows certain: no event can fall between.
    cursor = visit.gateway.post(LIVE_CURSOR, {"key": key})["data"]["customer"]["timeline"]["liveCursor"]
    visit.open()
    visit.choose_tab("LiveSubscription")
    visit.edit("variables.json", json.dumps({"customerId": config["demoCustomerId"], "after": cursor}))
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
    assert deliveries[0]["customerActivity"]["customer"]["id"] == config["demoCustomerId"]
    assert visit.problems == second.problems == []


def test_no_request_leaves_the_host_and_the_policy_stops_none(visit: Visit) -> None:
    visit.open()
    visit.run_query()
    visit.choose_tab("LiveSubscription")
    with visit.page.expect_websocket():
        visit.run()
    visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    visit.page.get_by_role("button", name="Prettify query").click()
    visit.wait_for_text("operation.graphql", "details {\n")

    host = urlsplit(visit.gateway.url).netloc
    assert {urlsplit(address).netloc for address in visit.requested if not address.startswith("data:")} == {host}
    assert visit.problems == []


def test_an_edited_key_is_the_one_that_http_and_websocket_carry(visit: Visit) -> None:
    visit.open()
    visit.edit("request-headers.json", '{"Authorization": "Bearer another"}')
    with visit.page.expect_request(f"{visit.gateway.url}/graphql") as request:
        visit.run()
    assert request.value.headers["authorization"] == "Bearer another"

    visit.choose_tab("LiveSubscription")
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
    visit.page.get_by_role("button", name="Show Ready queries").click()

    visit.page.get_by_role("region", name="Ready queries").get_by_role("button", name="Profile page").click()

    expect(visit.page.get_by_role("tab")).to_have_text(["Mine", *TABS[1:], "ProfilePage"], use_inner_text=True)
    visit.wait_for_text("operation.graphql", "# Everything staff see first")
    assert "errors" not in visit.run_query()
    assert visit.problems == []


def test_without_a_development_key_the_page_says_where_to_put_one(
    browser: Browser, gateway_without_key: Gateway
) -> None:
    assert gateway_without_key.config["developmentKey"] is None
    context = browser.new_context()
    visit = Visit(context.new_page(), gateway_without_key)

    visit.open()

    expect(visit.page.get_by_role("banner")).to_contain_text('put {"Authorization": "Bearer YOUR-KEY"} into Headers')
    assert visit.editor("request-headers.json") == ""
    context.close()
