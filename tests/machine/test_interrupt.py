import os
import signal
import threading

import pytest

from equipoise.machine.interrupt import Interrupted, interruptible


def _press():
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_the_block_past_handlers_of_keyboard_interrupt():
    before = signal.getsignal(signal.SIGINT)

    def block():
        with interruptible():
            try:
                _press()
                threading.Event().wait(5)  # the signal ends it
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
            sum(range(100))  # the handler runs between two instructions, here

    def block():
        with interruptible(again=0.05):
            held = Last()
            del held
            threading.Event().wait(5)
            pytest.fail("the block went on")

    with pytest.raises(Interrupted):
        block()


def test_nothing_comes_after_the_block():
    def block():
        with interruptible(again=0.05):
            _press()
            threading.Event().wait(5)

    with pytest.raises(Interrupted):
        block()
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
