"""The outside world: httpx in, frozen values out; knows nothing else of faldeck.

Read `gateway` for what a service can do, `values` for what comes back, `errors` for what can go wrong.
"""
