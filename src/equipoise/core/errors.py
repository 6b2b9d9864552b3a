"""The one error that a user's input can cause."""


class InputError(ValueError):
    """What the user handed over cannot be used; the message says what, where, and how to mend it, in one sentence."""
