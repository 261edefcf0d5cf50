"""The faults that can be switched on, where and how often.

A specification is a comma list of `fault[@operation][=amount]`. Without an operation it applies to all of them;
without an amount it always happens. An amount is a probability from 0 to 1 (`0.2`), a number of times
(`3x`: the first three), or for some faults a value (`slow=1.5` seconds):

>>> [str(rule) for rule in FaultRules.parse("drop-after@submit=1x, 429@status=0.2, slow=1.5")]
['drop-after@submit=1x', '429@status=0.2', 'slow=1.5']
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

OPERATIONS = (
    "submit",
    "status",
    "stream",
    "result",
    "cancel",
    "run",
    "images",
    "videos",
    "upload",
    "file",
    "catalogue",
)
"""The operations a fault can be bound to."""

FAULTS: dict[str, str] = {
    "drop-before": "the connection is closed before the request is looked at",
    "drop-after": "the request is carried out, then the connection is closed instead of an answer",
    "slow": "the answer comes this many seconds late",
    "429": "too many requests, with Retry-After: 1",
    "500": "an internal error",
    "502": "a broken runner",
    "503": "no runner",
    "504": "a runner that did not start",
    "nginx": "the load balancer's HTML page with 502",
    "html": "a web page with 200 where JSON was expected",
    "locked": "the account has no credit",
    "early-result": "a result that is ready is answered with 200 'still in progress'",
    "expired": "results and files are gone",
    "truncate": "the body stops half-way, whatever length was announced, and the connection closes",
    "retry": "the runner of a new request is lost this many times",
    "slow-queue": "a new request waits this many seconds longer",
    "relay-a": "a relay that wants Bearer: URLs name the official host, pending is 200, no stream, cancel or storage",
    "relay-b": "a relay that wants Key: as relay-a, without cancel URL, and a failed request says FAILURE",
    "relay-images": "a relay with an Images page and nothing else",
    "relay-videos": "a relay with a page for video tasks and nothing else",
    "result-only": "there is no status page; callers ask for the result until it is there",
}
"""Every fault and what it does."""

_VALUED = {"slow", "retry", "slow-queue"}


@dataclass
class FaultRule:
    """One fault, where it applies and how often."""

    fault: str
    operation: str | None = None
    value: float | None = None
    chance: float = 1.0
    times_left: int | None = None

    def __str__(self) -> str:
        amounts = [self.value, None if self.chance == 1 else self.chance]
        amount = next((f"={amount:g}" for amount in amounts if amount is not None), "")
        times = "" if self.times_left is None else f"={self.times_left}x"
        return self.fault + (f"@{self.operation}" if self.operation else "") + amount + times


@dataclass
class FaultRules:
    """A set of rules. Each question whether a fault happens counts as one time."""

    rules: list[FaultRule] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(0))

    @classmethod
    def parse(cls, specification: str) -> "FaultRules":
        """Rules from text, see the module; raises ValueError with the part that is not understood."""
        parts = (part.strip() for part in specification.split(","))
        return cls([_rule(part) for part in parts if part])

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(self.rules)

    def strike(self, fault: str, operation: str | None = None) -> FaultRule | None:
        """The rule by which `fault` happens to this operation, or None."""
        return next((rule for rule in self.rules if self._strikes(rule, fault, operation)), None)

    def has(self, fault: str) -> bool:
        """Whether there is a rule for a lasting fault, such as `relay-a`."""
        return any(rule.fault == fault for rule in self.rules)

    def value(self, fault: str, operation: str | None = None) -> float:
        """The value of a fault; 0 if it does not happen."""
        rule = self.strike(fault, operation)
        return 0 if rule is None else rule.value if rule.value is not None else 1

    def _strikes(self, rule: FaultRule, fault: str, operation: str | None) -> bool:
        if rule.fault != fault or rule.operation not in (None, operation):
            return False
        if rule.chance < 1 and self.dice.random() >= rule.chance:
            return False
        if rule.times_left is not None:
            if rule.times_left == 0:
                return False
            rule.times_left -= 1
        return True


def _rule(part: str) -> FaultRule:
    where, _, amount = part.partition("=")
    fault, _, operation = where.partition("@")
    if fault not in FAULTS:
        raise ValueError(f"unknown fault {fault!r}; known are {', '.join(FAULTS)}")
    if operation and operation not in OPERATIONS:
        raise ValueError(f"unknown operation {operation!r}; known are {', '.join(OPERATIONS)}")
    rule = FaultRule(fault, operation or None)
    try:
        if amount.endswith("x"):
            rule.times_left = int(amount[:-1])
        elif amount and fault in _VALUED:
            rule.value = float(amount)
        elif amount:
            rule.chance = float(amount)
    except ValueError:
        raise ValueError(f"{part!r}: the amount is neither a number nor a number of times") from None
    return rule
