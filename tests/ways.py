"""The ways in which the whole suite can be run: TEST_EXECUTOR is `compiled` (unless set) or `core`,
TEST_READS is `combined` (unless set) or `alone`."""

import os


def ways() -> dict[str, str]:
    """The settings, as environment variables, of the way that is tested; every gateway that a test starts has them.

    Compiled means: at the first sight, since most tests ask a question once.
    """
    return {
        "PROFILE_GATEWAY_EXECUTOR": os.environ.get("TEST_EXECUTOR", "compiled"),
        "PROFILE_GATEWAY_COMPILE_AFTER": "0",
        "PROFILE_GATEWAY_COMBINED_READS": "no" if os.environ.get("TEST_READS") == "alone" else "yes",
    }
