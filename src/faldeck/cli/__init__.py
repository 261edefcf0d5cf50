"""The scriptable commands: data on stdout, everything else on stderr, an honest exit status.

`table` lists them, `program` runs one, and each is a module of its own that is imported when it is asked for.
"""
