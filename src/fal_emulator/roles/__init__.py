"""The roles of the service, one module each: queue, direct calls, storage, platform API, web site, relay pages."""
