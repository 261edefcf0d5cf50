"""Every use case once, for both faces: what the deck and the commands do, without a screen and without argparse.

May import everything below it (`engine` and down); never argparse, textual, `cli` or `tui`.

Read `session` first: both faces work with it. Then, by subject:
    models      `catalogue` (models, schemas and prices on disk), `model_list` (filtered, searched, sorted),
                `model_search` with `search_words` and `misspelt_models`, `model_card` (all about one model),
                `model_documents` (JSON and sentences), `pricing`, `aliases`
    requests    `requests` (from a model to a request), `options_form` (the submit options as a form), `file_arguments`,
                `output_as_input` (a job's file as input of the next), `origin` (the request that
                made a file), `png_settings` (what other programs write into it), `presets`, `batch`
    jobs        `job_actions` (what can be done with a job), `marking` (of many), `deletion`, `job_sections` (named
                filters), `job_documents` (values of a result, differing arguments), `sharing` (URLs, files, QR
                codes), `export_code`, `job_export` (lines and tables), `lineage` (the jobs that a job was made from
                and used in)
    why         `why` (why a job failed or waits) with its tables in `why_cases`
    from others `copied_url`, `paste/` (pasted requests), `run_words` (pasted commands), `importing`,
                `foreign_histories`
    sums        `stats`
    words       `wording` (states, times, sizes, money), `errors`, `exit_status`
    the program `maintenance` (of the history file), `doctor`, `demo`, `key_list` (the keys of the deck), `help_topics`
                (texts in `topics/`)

Tests: tests/app/
"""
