"""The keys of the deck as data: every action with its id, its keys and what is said of it. Imports nothing of ours.

Reading order: `action` (one action, one scope), `deck_actions` and `screen_actions` (all actions there are), `table`
(finds an action by its id), `names` (how a key is written and shown), `keymap` (the keys after a person's own ones).
Bindings, key bar, help, palette, `faldeck keys` and the README's list of keys are made from here.

Tests: tests/keys/
"""
