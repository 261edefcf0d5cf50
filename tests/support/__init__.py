"""Helpers that tests share; every one is imported as `support.NAME`.

Services
    emulator, emulator_caller   the emulator in a thread, and a plain HTTP client for it
    far_end, scripted_service   answers without a network: for the client of `faldeck.fal`, and for the engine
    raw_service                 answers of any bytes, on a real socket
    hostile_service             a service whose every text tries to control the terminal
    foreign_host                a host that no profile names
History
    indexed_jobs                jobs for searches, and what the word index has of them
Engines and commands
    engine_process              an engine with a history, on an emulator
    killed_engines              engines in processes that are killed
    upload_jobs                 jobs that have files of this machine
    virtual_time                a clock that jumps to the next timer
    shell                       commands in processes
Deck and terminal
    person, deck_rest           a person at the deck, who types and sees, and when the deck is at rest
    pty_terminal, multiplexer   the deck in a terminal, and in tmux
    deck_jobs, deck_profiles    jobs and profiles as a person at the deck makes and sees them
    deck_ui                     a stand-in for the deck's screen, for tests of actions
    screen                      what a terminal shows
    pictures, pictured_jobs, gallery   the screenshots, and the jobs that they show
prepared                        an empty history, and pictures that are painted coarsely
fuzzing                         settings of the property tests
"""
