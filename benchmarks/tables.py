"""Markdown tables, and the list of targets that are missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["Report"]


class Report:
    """Prints tables as they come and remembers what was missed."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print one table; the first column is text, all others stand to the right."""
        print(f"\n### {title}\n")
        print("| " + " | ".join(columns) + " |")
        print("|---|" + "---:|" * (len(columns) - 1))
        for row in rows:
            print("| " + " | ".join(row) + " |", flush=True)

    def judge(self, what: str, value: float, target: float, *, most: bool = False) -> str:
        """``yes`` or ``no``; a miss goes on the list.

        Args:
            what: subject of the sentence on the list.
            value: what was measured.
            target: what it should be at least, or at most.
            most: whether the target is an upper bound.
        """
        if (value <= target) if most else (value >= target):
            return "yes"
        bound = "at most" if most else "at least"
        self.missed.append(f"{what}: {value:.3g}, wanted {bound} {target:.3g}")
        return "**no**"

    def close(self) -> None:
        """Say plainly what was missed."""
        print("\n### Missed\n")
        for line in self.missed or ["nothing: every target is reached"]:
            print(f"- {line}")
