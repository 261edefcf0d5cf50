"""What runners print while they work."""

from fal_emulator.plan import RunnerLine


def steps(
    count: int, *, seconds: float, every: int = 1, start: float = 0.1, end: float = 0.9
) -> tuple[RunnerLine, ...]:
    """A progress bar of `count` steps, a line for every `every`-th; `seconds` is the length of the whole run."""
    rate = count / (seconds * (end - start))
    done = (*range(0, count, every), count)
    return tuple(RunnerLine(start + (end - start) * step / count, _bar(step, count, rate)) for step in done)


def said(*lines: tuple[float, str]) -> tuple[RunnerLine, ...]:
    """Plain lines, each at a fraction of the run."""
    return tuple(RunnerLine(at, message) for at, message in lines)


def _bar(step: int, count: int, rate: float) -> str:
    filled = round(10 * step / count)
    bar = "█" * filled + " " * (10 - filled)
    left = (count - step) / rate
    return f"{step / count:4.0%}|{bar}| {step}/{count} [{_clock(step / rate)}<{_clock(left)}, {rate:5.2f}it/s]"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
