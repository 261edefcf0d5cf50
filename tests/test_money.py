"""Money is decimal from the service's text to the screen: nothing is rounded but what a person reads."""

from decimal import Decimal

import pytest

from faldeck import money


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("0.0375", "0.0375"),
        ("1.50", "1.5"),
        ("2.0", "2"),
        ("1e3", "1000"),
        ("0.000000001234567890123", "0.000000001234567890123"),
        (3, "3"),
        (0.1, "0.1"),
        (0.037500000000000006, "0.0375"),
        (1234567.125, "1234567.125"),
        (Decimal("1E+2"), "100"),
        ("-0", "0"),
    ],
)
def test_a_number_is_read_as_it_was_written(given: object, read: str) -> None:
    assert f"{money.decimal_of(given):f}" == read


@pytest.mark.parametrize(
    "given",
    [None, True, "", "many", "nan", "inf", "1e999", "1e-999", "1_000", "٣", "9" * 61, float("nan"), [1]],
)
def test_what_is_no_quantity_is_none(given: object) -> None:
    assert money.decimal_of(given) is None


def test_nano_dollars_are_whole_and_come_back() -> None:
    assert money.nanos(Decimal("0.0375")) == 37_500_000
    assert money.nanos(Decimal("1e-12")) == 0
    assert money.nanos(None) is None and money.nanos(Decimal("1e12")) is None
    assert str(money.from_nanos(1_234_567_890)) == "1.23456789"
    assert str(money.from_nanos(100 * 10**9)) == "100"


def test_a_price_is_shown_with_all_its_digits() -> None:
    told = [money.price_text(Decimal(price)) for price in ("0.0375", "1.125", "0.00003", "0.50", "12345.5")]
    assert told == ["0.0375", "1.125", "0.00003", "0.5", "12,345.5"]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"),
        ("0.00003", "0.00003"),
        ("0.0000000123456", "0.00000001235"),
        ("0.009", "0.009"),
        ("1.50", "1.5"),
        ("999.96", "1,000"),
        ("12345.678", "12,345.68"),
        ("2e9", "2,000,000,000.00"),
    ],
)
def test_amounts_are_written_without_exponents(amount: str, text: str) -> None:
    assert money.usd_text(Decimal(amount)) == text


def test_a_number_of_thousands_of_digits_is_no_quantity() -> None:
    assert money.decimal_of(10**5000) is None
