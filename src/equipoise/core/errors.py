"""The one error that a user's input can cause."""


class InputError(ValueError):
    """An input cannot be used; the message says in one sentence what is wrong, where, and how to mend it."""
