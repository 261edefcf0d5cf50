"""How long the fuzz tests look: a little in every run, and a million times where `FALDECK_FUZZ=1000000` asks for it."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("FALDECK_FUZZ", "0"))


def thorough(few: int) -> settings:
    """The settings of a fuzz test: `few` inputs unless more are asked for."""
    return settings(max_examples=EXAMPLES or few, suppress_health_check=list(HealthCheck))
