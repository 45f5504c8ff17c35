"""Property tests may take their time: a busy machine must not fail a rule that holds."""

from hypothesis import settings

settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")
