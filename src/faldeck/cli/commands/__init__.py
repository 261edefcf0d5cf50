"""One module for each command, found by the table in `faldeck.cli.command_table`.

A module has two functions: `configure(parser)` adds the arguments, `run(...)` does the work and returns the exit
status. `run` also has `parse`, because the fields of a model are flags too. Modules import what is heavy inside their
functions, so that `faldeck COMMAND --help` starts fast.

To add a command, write its module here and add it to the table. Tests: tests/cli/
"""
