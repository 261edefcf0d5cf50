"""A fal service of one's own: an ASGI app and the models it can run, for demo, tests and client development."""
