"""Property tests try the same cases on every run, and may take their time: a busy machine must not fail a rule."""

from hypothesis import settings

settings.register_profile("rules", settings(), deadline=None, derandomize=True)
settings.load_profile("rules")
