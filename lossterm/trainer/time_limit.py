"""Ending a person's own code that takes too long, in three ways, each for what the one before cannot end."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

OWN_CODE_SECONDS = 10.0
"""How long a person's own code may take at a time: to be imported, or to be tried."""

_GRACE_SECONDS = 3.0
"""How much longer code may take that catches every exception, or sits in TensorFlow, before its process is replaced."""
_LAST_SECONDS = 8.0
"""How much longer it may take where it lets no other thread run, before its process ends without a word."""

_log = logging.getLogger(__name__)

when_stuck: list[Callable[[], None]] = []
"""What to call, in a thread of its own, when code goes on that an exception did not end. It must end the process."""


class TimeLimitError(BaseException):
    """Raised inside code that takes too long; no `except Exception` there catches it."""


@contextlib.contextmanager
def time_limit(seconds: float = OWN_CODE_SECONDS) -> Iterator[None]:
    """Let what is done within take so long at most.

    Python code in the main thread is ended by an exception. What that does not end is answered by `when_stuck`, and
    code that never lets another thread run by the end of the process.

    Args:
        seconds: of wall time, above 0.

    Raises:
        TimeLimitError: the time is over; its traceback says where the code was.
    """
    alarm = threading.current_thread() is threading.main_thread()
    left = threading.Event()
    within = True

    def end(_number: int, _frame: FrameType | None) -> None:
        if within:
            raise TimeLimitError

    before = signal.signal(signal.SIGALRM, end) if alarm else None
    watch = threading.Thread(target=_watch, args=(left, seconds + _GRACE_SECONDS), daemon=True)
    watch.start()
    _end_process_after(seconds + _LAST_SECONDS)
    try:
        if alarm:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        within = False
        left.set()
        faulthandler.cancel_dump_traceback_later()
        if alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _watch(left: threading.Event, seconds: float) -> None:
    if not left.wait(seconds) and when_stuck:
        _log.error("a person's own code went on after its time was over")
        when_stuck[-1]()


def _end_process_after(seconds: float) -> None:
    """End the process after so long, whatever it does; only where somebody stands ready to replace it."""
    if when_stuck:
        with contextlib.suppress(OSError, ValueError, RuntimeError, AttributeError):  # stderr may be no file
            faulthandler.dump_traceback_later(seconds, exit=True, file=sys.stderr)
