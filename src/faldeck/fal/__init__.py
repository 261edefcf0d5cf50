"""The outside world: httpx in, frozen values out; knows nothing else of faldeck.

Read `gateway` for what a service can do, `values` for what comes back, `errors` for what can go wrong.
"""

import sys

# httpx imports its own command-line program, and with it click and rich, wherever those are installed: this is two
# thirds of the time of its import. None makes that import fail, which httpx expects.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
