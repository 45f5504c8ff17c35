"""The account's file: what it may say, and how a mistake in it is told."""

from pathlib import Path

import pytest

from profiles.account import DEFAULT_FILE, load_account
from profiles.errors import SettingsError


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ('["COMPLETED", "CANCELLED"]', "cancelled orders never count"),
        ('["COMPLETED", "PENDING"]', "'PENDING' is none of order_statuses"),
    ],
)
def test_a_status_that_cannot_count_is_refused(tmp_path: Path, statuses: str, sentence: str) -> None:
    lines = DEFAULT_FILE.read_text(encoding="utf-8").splitlines()
    (place,) = (n for n, line in enumerate(lines) if line.startswith("counting_order_statuses"))
    lines[place] = f"counting_order_statuses = {statuses}"
    file = tmp_path / "account.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"wrong at counting_order_statuses: .*{sentence}"):
        load_account(file)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ('["brand", "color"]', "'color' is none of category, brand, department, package_size, store"),
        ('["brand", "store", "brand"]', "'brand' stands there twice"),
        ("[]", "at least 1 item"),
    ],
)
def test_an_attribute_that_has_no_affinities_is_refused(tmp_path: Path, names: str, sentence: str) -> None:
    lines = DEFAULT_FILE.read_text(encoding="utf-8").splitlines()
    (place,) = (n for n, line in enumerate(lines) if line.startswith("affinity_attributes"))
    lines[place] = f"affinity_attributes = {names}"
    file = tmp_path / "account.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"wrong at affinity_attributes: .*{sentence}"):
        load_account(file)


@pytest.mark.parametrize(
    ("added", "place", "sentence"),
    [
        ('[[attributes]]\nkey = "age"\nlabel = "Age"', "attributes", "'age' is an attribute of a CUSTOMER already"),
        ('[[attributes]]\nkey = "city"\nlabel = "City"', "attributes", "'city' is an attribute of a CUSTOMER already"),
        (
            '[[attributes]]\nkey = "color"\nlabel = "Color"\nentity = "ORDER_ITEM"',
            "attributes",
            "'color' is of a ORDER_ITEM, but only CUSTOMER, RECEIPT, ORDER can have their own",
        ),
    ],
    ids=["twice", "as a built-in one", "of a line"],
)
def test_an_attribute_that_cannot_be_defined_is_refused(tmp_path: Path, added: str, place: str, sentence: str) -> None:
    file = tmp_path / "account.toml"
    file.write_text(DEFAULT_FILE.read_text(encoding="utf-8") + f"\n{added}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"wrong at {place}: .*{sentence}"):
        load_account(file)


def test_a_view_of_an_attribute_that_is_none_is_refused(tmp_path: Path) -> None:
    said = DEFAULT_FILE.read_text(encoding="utf-8").replace('ORDER_LIST = ["number",', 'ORDER_LIST = ["numbre",')
    file = tmp_path / "account.toml"
    file.write_text(said, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"wrong at views: .*ORDER_LIST shows 'numbre', which is no attribute"):
        load_account(file)


@pytest.mark.parametrize(
    ("said", "instead", "place", "sentence"),
    [
        ('currency = "USD"', 'currency = "XYZ"', "currency", "'XYZ' is not a currency code of ISO 4217 such as USD."),
        ('country = "US"', 'country = "ZZ"', "country", "'ZZ' is not a country code of ISO 3166 such as US."),
        ('key = "metrics"', 'key = "metrix"', "panels", "there is no panel 'metrix'; the default file has every one."),
        ('key = "loyalty"', 'key = "metrics"', "panels", "two panels have the key 'metrics'."),
        ('["PHONE"]', '["FAX"]', "consents.1.channels.0", "Input should be 'EMAIL', 'SMS', 'PUSH' or 'PHONE'."),
        ('name = "calls"', 'name = "news"', "consents", "two consents have the name 'news'."),
        ('key = "newsletter"', 'key = "offers"', "mailing_categories", "two mailing_categories have the key 'offers'."),
        (
            'key = "order_returned"',
            'key = "order_placed"',
            "event_types",
            "two event types of ORDER have the key 'order_placed'.",
        ),
        (
            'choices = ["red", "orange", "yellow", "green", "blue", "purple", "black", "white"]',
            "choices = []",
            "attributes",
            "'favorite_color' is a CHOICE without choices.",
        ),
        ('RECEIPT_LIST = ["number"', 'RECEIPT_LIST = ["total", "total"', "views", "RECEIPT_LIST shows 'total' twice."),
    ],
)
def test_what_no_answer_could_show_is_refused(
    tmp_path: Path, said: str, instead: str, place: str, sentence: str
) -> None:
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    assert said in text
    file = tmp_path / "account.toml"
    file.write_text(text.replace(said, instead, 1), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_account(file)
    assert str(refused.value) == f"The account file {file} is wrong at {place}: {sentence}"


def test_one_key_in_two_categories_is_two_event_types(tmp_path: Path) -> None:
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    file = tmp_path / "account.toml"
    file.write_text(
        f'{text}\n[[event_types]]\nkey = "call"\nlabel = "Called about an order"\ncategory = "ORDER"\n',
        encoding="utf-8",
    )
    assert [each.category for each in load_account(file).event_types if each.key == "call"] == ["CALL_CENTER", "ORDER"]
