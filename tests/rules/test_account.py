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
