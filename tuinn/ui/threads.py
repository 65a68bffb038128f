"""Threads for slow work that nobody waits for when the app is left."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import ParamSpec, TypeVar
from weakref import WeakSet

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreads(ThreadPoolExecutor):
    """A thread for each piece of work.

    The pool that asyncio makes by itself is joined twice, when the loop ends and when Python does: one read from a disk
    that doesn't answer, and the app would never end. Here it also never keeps other work waiting for a thread.
    """

    def __init__(self) -> None:
        super().__init__(
            max_workers=1
        )  # asyncio takes nothing but a ThreadPoolExecutor; its own threads never start
        self.working: WeakSet[Thread] = WeakSet()

    def submit(self, work: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> Future[T]:
        future: Future[T] = Future()

        def do() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    result = work(*args, **options)
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(result)

        thread = Thread(target=do, name="tuinn-work", daemon=True)
        self.working.add(thread)
        thread.start()
        return future

    @property
    def are_working(self) -> bool:
        """Whether a thread hasn't come back."""
        return any(thread.is_alive() for thread in self.working)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nothing."""
