"""One of the fuzz tests with inputs that atheris finds: `python tests/fuzz/with_atheris.py TARGET [-runs=N …]`.

What stands behind the target's name are libFuzzer's own options.
"""

import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

with atheris.instrument_imports(include=["faldeck", "tomllib", "json"]):
    import long_run

    targets = long_run.targets()


if __name__ == "__main__":
    target = targets[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
