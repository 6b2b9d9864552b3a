import os
import signal
import threading
import time

import pytest

from equipoise.papers.machinery import interrupt
from equipoise.papers.machinery.interrupt import Interrupted, interruptible


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(interrupt, "_SECONDS", 0.05)


def _press():
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_the_block_past_handlers_of_keyboard_interrupt():
    before = signal.getsignal(signal.SIGINT)

    def block():
        with interruptible():
            try:
                _press()
                time.sleep(5)
            except KeyboardInterrupt:
                pytest.fail("the block went on")

    with pytest.raises(Interrupted):
        block()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_within_a_destructor_is_not_lost():
    class Last:
        def __del__(self):
            _press()
            time.sleep(0.01)

    begin = time.perf_counter()

    def block():
        with interruptible():
            held = Last()
            del held
            while time.perf_counter() - begin < 5:
                time.sleep(0.01)

    with pytest.raises(Interrupted):
        block()
    assert time.perf_counter() - begin < 5


def test_nothing_comes_after_the_block():
    def block():
        with interruptible():
            _press()
            time.sleep(5)

    with pytest.raises(Interrupted):
        block()
    time.sleep(0.2)
    assert not [thread for thread in threading.enumerate() if thread.name.endswith("(_remind)")]


def test_other_threads_are_left_alone():
    seen = []

    def inside():
        before = signal.getsignal(signal.SIGINT)
        with interruptible():
            seen.append(signal.getsignal(signal.SIGINT) is before)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert seen == [True]


def test_an_ignored_ctrl_c_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible():
            _press()
    finally:
        signal.signal(signal.SIGINT, before)
