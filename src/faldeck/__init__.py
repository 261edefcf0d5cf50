"""faldeck is a deck for fal.ai in the terminal: find a model, fill in its form, submit, keep every result.

This page is the architecture. `fal/PROTOCOL.md` says what we know about the service.

Three ideas
    One noun: a `Job` (`job.py`) is an immutable snapshot of one request's life. Everything shows, stores or advances
    Jobs.
    One verb: `Runner.run(job)` (`engine/runner.py`) yields the job's next snapshots until nothing is left to do.
    Disk before screen: a snapshot is saved before anybody sees it.

Layers, lowest first. A package may import those above it in this list, less where `tests/test_layers.py` says so;
that test proves it in a clean interpreter.
    safety      makes text from outside safe; redacts secrets; writes private files; decides which hosts are ours
    system      the machine: paths, log file, signals, the desktop's opener and clipboard
    money       amounts and billed quantities: decimal numbers, never floats
    keys        the keys of the deck: every action with its id, keys and words; pure data
    schema      OpenAPI document -> fields -> arguments; result -> outputs; pure
    job         the noun: states, modes, outputs, costs, failures
    job_ids     the ids of jobs, which sort by time
    config      settings, profiles, credentials; edits them and keeps their comments
    query       which jobs a list shows: a value, and the language of filters; pure
    fal         the service: calls it with httpx, gives frozen values; knows no job
    history     the request history: one SQLite file
    engine      the life of jobs: one (`runner`), many (`supervisor`), what changed (`events`)
    app         every use case once, for both faces: session, requests, job actions, catalogue, pricing, wording
    cli, tui    the two faces; they show and ask, and never import each other
    __main__    the only place that knows both faces: no words open the deck, words are a command
`fal_emulator`, the package beside this one, is an emulator of the service. It imports nothing of faldeck; here only
the command `faldeck emulator` imports it, and `--demo` starts that command in a process of its own.

Rules of a job's life. Code and tests cite them as `rule 2`.
    1. The row (arguments, options, profile, id) is committed before the POST leaves.
    2. A submit is sent again automatically only if the service certainly did not accept it: no connection was made, or
       it answered 429, 503, or a content network said that the origin was not reached (protocol §2.2). A submit whose
       answer was lost is `unconfirmed`. It is looked for in the account's request list (protocol §7); N equal
       unconfirmed jobs adopt N equal unknown requests. Otherwise the person decides.
    3. Reads (status, result, files) are retried for as long as it takes, with growing, jittered delays; `Retry-After`
       is honoured. A network fault never fails a job. A refused key pauses a profile's jobs with one message.
    4. COMPLETED is not success: the result's own status code and body decide (protocol §2.5).
    5. The whole result, its headers of interest and the logs are stored at once. Where the service has forgotten a
       request, the account's list is asked before the job is `expired`.
    6. Outputs are written to a `.part` file, resumed, checked against the declared length, and renamed in one step;
       they never overwrite a file that is not ours. A failed file can be fetched again.
    7. A cancel asks the service and believes only what the service then says.
    8. Two processes on one history are normal. One of them follows a job at a time (a lease in its row); the others
       see its changes within a second.
    9. Any request id can be adopted: endpoint id and request id make a job like our own.
    10. Quitting never waits for the network and never cancels a job. The next start resumes every unfinished job with
        GET requests only.

An immutable record is a `NamedTuple`: every command defines dozens before its first answer, and a frozen dataclass
takes five times as long to define. A dataclass is what changes, inherits, or has a default made for each object.

Read in this order: `job.py`, `engine/runner.py` and its five stages (`submit`, `follow`, `fetch`, ...),
`engine/supervisor.py`, `history/store.py`, `fal/gateway.py`, `app/session.py`, then one face: `cli/commands/run.py`, or
`tui/deck.py`.

Where does a new ... go?
    command           a module in `cli/commands/` with `configure` and `run`, and a line in `cli/command_table.py`; what
                      its `--json` prints in `cli/json_schemas.py`
    field kind        a class in `schema/fields/`, a line in `KINDS` there, how it is edited in `tui/form/rows.py`, how
                      its value is shown in `tui/form/row_values.py`, its help in `cli/field_help.py`
    submit option     a line in the table of `fal/submit_options.py`; header, flag and form field follow from it
    gateway quirk     its words in `fal/statuses.py` or `fal/refusals.py`, its addresses in `config/profile.py`
    pane or dialog    a file in `tui/panes/` or `tui/dialogs/`; what it does in `tui/actions/` or `app/`
    job list column   `tui/panes/job_row.py`; if it needs new data, a field in `job.py`, its column in `history/rows.py`
                      and a migration in `history/migrations.py`
    filter key        a line in `Key` and its check in `query/values.py`, its SQL in `history/search_terms.py`, its
                      examples in `query/completion.py`
    built-in section  a line in `app/job_sections.py`
    setting           a field of `Config` in `config/settings.py`; of one service, a field of `Profile` in
                      `config/profile.py`
    key of the deck   a line in `keys/deck_actions.py` or `keys/screen_actions.py`; binding, help, palette, key bar and
                      the README's list follow from it
    theme             a name in `THEMES` in `config/settings.py`; with colours of our own, its palettes in
                      `tui/palettes.py`, and a line in `own_themes` in `tui/theme.py`
    emulated model    an `EmulatedModel` in a file of `src/fal_emulator/models/`
    emulated fault    a line in `FAULTS` in `src/fal_emulator/faults.py`; on every host it is done by
                      `src/fal_emulator/middleware.py`, on one host by a file of `src/fal_emulator/roles/`
"""

__version__ = "0.2.0"
