"""A model's OpenAPI document as fields, a form's values as arguments, a result as outputs; pure, no I/O.

`document.read` gives a `ModelSchema`; `arguments` turns what was typed into the request, and errors back into
fields; `flags` does the same for a command line; `results` finds what an answer holds. Nothing is imported
here, so that each part can be had alone.
"""
