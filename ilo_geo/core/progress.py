"""How long work tells where it is and learns that it should stop."""

from collections.abc import Callable

# called with a code of messages.yaml ("progress.…") and the share done, 0 to 1;
# it raises CancelledError when the user stopped the job
Progress = Callable[[str, float], None]


def silent(code: str, done_ratio: float) -> None:
    """Ignore progress."""
