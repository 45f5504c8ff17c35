"""The ways in which the whole suite can be run, by variables:

TEST_EXECUTOR   `compiled` (unless set) or `core`
TEST_READS      `combined` (unless set) or `alone`
TEST_DATABASES  the databases, `sqlite,postgresql` unless set
TEST_CACHED     those of them over which gateways have caches, `postgresql` unless set
"""

import os

DIALECTS = tuple(os.environ.get("TEST_DATABASES", "sqlite,postgresql").split(","))
CACHED = frozenset(os.environ.get("TEST_CACHED", "postgresql").split(","))


def ways() -> dict[str, str]:
    """The settings, as environment variables, of the way that is tested; every gateway that a test starts has them.

    Compiled means: at the first sight, since most tests ask a question once.
    """
    return {
        "PROFILE_GATEWAY_EXECUTOR": os.environ.get("TEST_EXECUTOR", "compiled"),
        "PROFILE_GATEWAY_COMPILE_AFTER": "0",
        "PROFILE_GATEWAY_CACHE": "yes" if CACHED.issuperset(DIALECTS) else "no",
        "PROFILE_GATEWAY_COMBINED_READS": "no" if os.environ.get("TEST_READS") == "alone" else "yes",
    }
