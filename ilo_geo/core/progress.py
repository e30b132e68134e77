"""How long work tells where it is and learns that it should stop."""

from typing import Protocol


class Progress(Protocol):
    """Told of each step: a code of messages.yaml ("progress.…") and the share done, 0 to 1.

    A search also tells ``figures`` (best found, bound …); such a step may be answered with
    `EnoughError`. Any step may be answered with `CancelledError`.
    """

    def __call__(self, code: str, done_ratio: float, /, **figures: float) -> None:
        """Tell the step."""


class EnoughError(Exception):
    """The user is content with the best found so far: the search returns it with its bound.

    Raised only at steps that tell figures, so every search that tells them catches it.
    """


def silent(_code: str, _done_ratio: float, /, **_figures: float) -> None:
    """Ignore progress."""
