"""Contacts are judged by what they say alone: no DNS, no carrier, the customer's country before the account's."""

import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from profiles.contacts import (
    ContactWarning,
    EmailContact,
    PhoneContact,
    PhoneType,
    email_key,
    mask_email,
    mask_phone,
    phone_key,
    read_email,
    read_phone,
)

INVALID, MISSING = ContactWarning.INVALID, ContactWarning.MISSING
MOBILE, LANDLINE, UNKNOWN = PhoneType.MOBILE, PhoneType.LANDLINE, PhoneType.UNKNOWN


@pytest.mark.parametrize("raw", [None, "", "  ", "\t\n"])
def test_no_contact_is_an_object_that_says_missing(raw: str | None) -> None:
    assert read_email(raw, hard_bounced=False) == EmailContact(None, MISSING)
    assert read_email(raw, hard_bounced=True) == EmailContact(None, MISSING)
    assert read_phone(raw, "DE", "DE") == PhoneContact(None, None, UNKNOWN, MISSING)


@pytest.mark.parametrize(
    "raw",
    ["ann@example.com", "Ann.Lee+shop@Example.COM", "ann@bücher.de", "ann@xn--bcher-kva.de", "ünal@example.com"],
)
def test_a_valid_address_has_no_warning_and_is_shown_as_received(raw: str) -> None:
    assert read_email(raw, hard_bounced=False) == EmailContact(raw, None)


def test_blanks_around_a_valid_address_are_not_part_of_it() -> None:
    assert read_email(" ann@example.com\n", hard_bounced=False) == EmailContact("ann@example.com", None)


@pytest.mark.parametrize(
    "raw",
    ["ann", "ann@", "@example.com", "ann@example", "a..b@example.com", "ann@exa mple.com", "a@b@example.com"],
)
def test_an_address_of_wrong_syntax_is_invalid_and_shown_as_received(raw: str) -> None:
    assert read_email(raw, hard_bounced=False) == EmailContact(raw, INVALID)


def test_a_valid_address_is_invalid_after_a_hard_bounce() -> None:
    assert read_email("ann@example.com", hard_bounced=True) == EmailContact("ann@example.com", INVALID)


@pytest.mark.parametrize(
    ("raw", "country", "value", "formatted", "phone_type"),
    [
        pytest.param("(212) 555-0143", "US", "+12125550143", "+1 212-555-0143", UNKNOWN, id="US cannot be told apart"),
        pytest.param("(416) 555-0143", "CA", "+14165550143", "+1 416-555-0143", UNKNOWN, id="CA cannot be told apart"),
        pytest.param("1-800-356-9377", "US", "+18003569377", "+1 800-356-9377", UNKNOWN, id="US toll free is neither"),
        pytest.param("0151 23456789", "DE", "+4915123456789", "+49 1512 3456789", MOBILE, id="DE mobile"),
        pytest.param("030 123456", "DE", "+4930123456", "+49 30 123456", LANDLINE, id="DE landline"),
        pytest.param("07400 123456", "GB", "+447400123456", "+44 7400 123456", MOBILE, id="GB mobile"),
        pytest.param("020 7183 8750", "GB", "+442071838750", "+44 20 7183 8750", LANDLINE, id="GB landline"),
        pytest.param("06 12 34 56 78", "FR", "+33612345678", "+33 6 12 34 56 78", MOBILE, id="FR mobile"),
        pytest.param("01 42 68 53 00", "FR", "+33142685300", "+33 1 42 68 53 00", LANDLINE, id="FR landline"),
        pytest.param("8 (916) 123-45-67", "RU", "+79161234567", "+7 916 123-45-67", MOBILE, id="RU mobile, trunk 8"),
        pytest.param("8 (495) 123-45-67", "RU", "+74951234567", "+7 495 123-45-67", LANDLINE, id="RU landline"),
        pytest.param("090-1234-5678", "JP", "+819012345678", "+81 90-1234-5678", MOBILE, id="JP mobile"),
        pytest.param("02 1234 5678", "IT", "+390212345678", "+39 02 1234 5678", LANDLINE, id="IT keeps its zero"),
        pytest.param("11 96123-4567", "BR", "+5511961234567", "+55 11 96123-4567", MOBILE, id="BR mobile"),
        pytest.param("11 2345-6789", "BR", "+551123456789", "+55 11 2345-6789", LANDLINE, id="BR landline"),
        pytest.param("0800 123 4567", "BR", "+558001234567", "+55 800 123 4567", UNKNOWN, id="BR toll free"),
        pytest.param("347 123 4567", "IT", "+393471234567", "+39 347 123 4567", MOBILE, id="IT mobile, without a zero"),
        pytest.param("800 123456", "IT", "+39800123456", "+39 800 123 456", UNKNOWN, id="IT toll free"),
        pytest.param("03-1234-5678", "JP", "+81312345678", "+81 3-1234-5678", LANDLINE, id="JP landline"),
        pytest.param("0120-123-456", "JP", "+81120123456", "+81 120-123-456", UNKNOWN, id="JP toll free"),
        pytest.param("5001 2345", "KW", "+96550012345", "+965 500 12345", MOBILE, id="KW mobile"),
        pytest.param("2234 5678", "KW", "+96522345678", "+965 2234 5678", LANDLINE, id="KW landline"),
        pytest.param("1800 123", "KW", "+9651800123", "+965 1800 123", UNKNOWN, id="KW toll free, seven digits"),
        pytest.param("0800 1234567", "DE", "+498001234567", "+49 800 1234567", UNKNOWN, id="DE toll free"),
        pytest.param("070 1234 5678", "GB", "+447012345678", "+44 70 1234 5678", UNKNOWN, id="GB personal number"),
        pytest.param("056 0012 3456", "GB", "+445600123456", "+44 56 0012 3456", UNKNOWN, id="GB over the internet"),
        pytest.param("09 70 12 34 56", "FR", "+33970123456", "+33 9 70 12 34 56", UNKNOWN, id="FR over the internet"),
        pytest.param("55 1234 5678", "MX", "+525512345678", "+52 55 1234 5678", UNKNOWN, id="MX cannot be told apart"),
    ],
)
def test_a_national_number_is_read_with_the_customers_country(
    raw: str, country: str, value: str, formatted: str, phone_type: PhoneType
) -> None:
    assert read_phone(raw, country, "ES") == PhoneContact(value, formatted, phone_type, None)
    assert phone_key(raw, country, "ES") == value


@pytest.mark.parametrize("country", [None, "", "  ", "ZZ", "UK", "Germany", "001", "49"])
def test_without_a_known_country_the_accounts_is_used(country: str | None) -> None:
    assert read_phone("0151 23456789", country, "DE").value == "+4915123456789"
    assert phone_key("0151 23456789", country, "DE") == "+4915123456789"


@pytest.mark.parametrize(
    ("raw", "account_country", "value", "phone_type"),
    [
        pytest.param("07400 123456", "GB", "+447400123456", MOBILE, id="an account in GB"),
        pytest.param("(212) 555-0143", "US", "+12125550143", UNKNOWN, id="an account in the US"),
        pytest.param("06 1234 5678", "IT", "+390612345678", LANDLINE, id="an account in IT"),
        pytest.param("06 12 34 56 78", "FR", "+33612345678", MOBILE, id="an account in FR"),
        pytest.param("090-1234-5678", "JP", "+819012345678", MOBILE, id="an account in JP"),
        pytest.param("2234 5678", "KW", "+96522345678", LANDLINE, id="an account in KW"),
        pytest.param("11 96123-4567", "BR", "+5511961234567", MOBILE, id="an account in BR"),
    ],
)
def test_a_number_of_nobodys_country_is_one_of_the_accounts(
    raw: str, account_country: str, value: str, phone_type: PhoneType
) -> None:
    contact = read_phone(raw, None, account_country)
    assert (contact.value, contact.type, contact.warning) == (value, phone_type, None)
    # A country that is known is not given up for another in which the number would be valid.
    assert read_phone(raw, "DE", account_country).value != value


def test_the_customers_country_wins_over_the_accounts() -> None:
    assert read_phone("06 12 34 56 78", "FR", "DE").value == "+33612345678"


@pytest.mark.parametrize("country", ["fr", " Fr "])
def test_a_country_may_be_written_in_lower_case(country: str) -> None:
    assert read_phone("06 12 34 56 78", country, "de").value == "+33612345678"


@pytest.mark.parametrize("country", [None, "US", "zz"])
def test_a_number_with_a_plus_needs_no_country(country: str | None) -> None:
    assert read_phone("+49 151 23456789", country, "zz").value == "+4915123456789"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("123", id="too short"),
        pytest.param("0151 234567890123456", id="too long"),
        pytest.param("+999 123456", id="no such country"),
        pytest.param("no phone", id="no digits"),
        pytest.param("+49 151 23456789 / +49 30 123456", id="two numbers"),
        pytest.param("1" * 300, id="longer than any number"),
    ],
)
def test_an_invalid_number_is_shown_as_received_and_has_no_known_type(raw: str) -> None:
    assert read_phone(raw, "DE", "DE") == PhoneContact(raw, None, UNKNOWN, INVALID)


def test_a_national_number_that_no_known_country_reads_is_invalid() -> None:
    assert read_phone("0151 23456789", None, "zz") == PhoneContact("0151 23456789", None, UNKNOWN, INVALID)


@pytest.mark.parametrize(
    "spelling",
    ["ann@bücher.de", "ANN@BÜCHER.DE", " Ann@Bücher.de ", "ann@xn--bcher-kva.de", "ann@bu\u0308cher.de"],
)
def test_an_address_in_any_spelling_has_one_key(spelling: str) -> None:
    assert email_key(spelling) == "ann@bücher.de"


def test_addresses_of_two_people_never_share_a_key() -> None:
    assert email_key("ann@straße.de") != email_key("ann@strasse.de")


def test_an_invalid_address_still_has_a_key() -> None:
    assert email_key(" Ann at Example ") == "ann at example"


@pytest.mark.parametrize(
    "spelling",
    [
        "0151 23456789",
        "0151/234 567-89",
        "+49 151 23456789",
        "+49 (0)151 23456789",
        "0049 151 23456789",
        "tel:+49-151-23456789",
        "+\uff14\uff19 151 23456789",
    ],
)
def test_a_number_in_any_spelling_has_one_key(spelling: str) -> None:
    assert phone_key(spelling, None, "DE") == "+4915123456789"


@pytest.mark.parametrize(
    ("spelling", "country", "key"),
    [
        pytest.param("0044 20 7183 8750", "US", "+442071838750", id="00 where 011 is dialled for abroad"),
        pytest.param("011 44 20 7183 8750", "US", "+442071838750", id="011 where it is"),
        pytest.param("001 (212) 555-0143", "US", "+12125550143", id="00 and the country's own code"),
        pytest.param("00 12", "US", "0012", id="nothing possible behind 00"),
        pytest.param("0044 20 7183 8750", "zz", "+442071838750", id="no country known"),
        pytest.param("+0044 20 7183 8750", "US", "+442071838750", id="both a plus and 00"),
    ],
)
def test_00_is_dialled_for_abroad_from_everywhere(spelling: str, country: str, key: str) -> None:
    assert phone_key(spelling, None, country) == key


def test_a_possible_number_that_nobody_has_still_has_one_key() -> None:
    assert read_phone("(555) 123-4567", "US", "US").warning is INVALID
    assert phone_key("(555) 123-4567", "US", "US") == phone_key("+1 555 123 4567", None, "DE") == "+15551234567"


def test_an_impossible_number_is_looked_up_by_its_digits() -> None:
    assert phone_key("+999 12-34 56", "DE", "DE") == "999123456"


@pytest.mark.parametrize("raw", [None, "", "  ", "no phone"])
def test_what_has_no_digits_has_no_phone_key(raw: str | None) -> None:
    assert phone_key(raw, "DE", "DE") is None


@pytest.mark.parametrize("raw", [None, "", "  "])
def test_no_address_has_no_key(raw: str | None) -> None:
    assert email_key(raw) is None


@given(raw=st.text(max_size=40) | st.from_regex(r"[+0-9 ()/-]{1,20}", fullmatch=True))
def test_whatever_arrives_as_a_phone_is_read_without_an_error(raw: str) -> None:
    contact = read_phone(raw, "DE", "US")
    key = phone_key(raw, "DE", "US")
    assert contact.warning is not None or key == contact.value


@given(
    raw=st.from_regex(r"(0[1-9]|\+49 ?[1-9])[0-9]{5,10}", fullmatch=True), country=st.sampled_from(["FR", "US", "RU"])
)
def test_a_valid_number_as_it_is_shown_opens_the_same_profile_anywhere(raw: str, country: str) -> None:
    contact = read_phone(raw, "DE", "DE")
    assume(contact.warning is None)
    assert phone_key(raw, "DE", "DE") == phone_key(contact.value, country, country)
    assert phone_key(raw, "DE", "DE") == phone_key(contact.formatted, country, country)


@given(raw=st.text(max_size=40) | st.emails())
def test_whatever_arrives_as_an_email_is_read_without_an_error(raw: str) -> None:
    contact = read_email(raw, hard_bounced=False)
    assert (contact.value is None) == (contact.warning is MISSING) == (email_key(raw) is None)


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("ann@example.com", "a***@example.com"),
        (" ann@example.com ", "a***@example.com"),
        ("a@example.com", "a***@example.com"),
        ("annexample.com", "a***"),
        ("@example.com", "***"),
        ("ann@", "a***"),
        ("ann@lee@example.com", "a***"),
        ("ann lee@example.com, +49 151", "a***"),
        ("", "***"),
    ],
)
def test_a_masked_address_keeps_its_first_letter_and_its_domain(address: str, masked: str) -> None:
    assert mask_email(address) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+4915123456789", "***89"),
        ("0151 234567-89", "***89"),
        ("1234567", "***67"),
        ("123456", "***"),
        ("call Ann", "***"),
        ("", "***"),
    ],
)
def test_a_masked_number_keeps_its_last_two_digits(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


def test_reading_contacts_loads_neither_names_of_places_nor_a_resolver() -> None:
    seen = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from profiles.contacts import read_email, read_phone;"
            "read_email('ann@example.com', False); read_phone('0151 23456789', 'DE', 'DE');"
            "print(sorted({'phonenumbers.geocoder', 'phonenumbers.carrier', 'phonenumbers.timezone',"
            " 'dns.resolver'} & set(sys.modules)))",
        ],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert seen.stdout.strip() == "[]"
