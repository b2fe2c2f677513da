"""The one kind of error that people read, and the sentence that stands for all others."""

from __future__ import annotations


class UserError(Exception):
    """Something that the person at the screen can understand and mend.

    Its text is shown as it is: what happened and what to do, in plain words. Every other exception is a
    fault of ours and goes to the log.
    """


OUR_FAULT = "Something went wrong on our side and was logged. Nothing of yours is lost; please try again."
"""What people read in place of any other exception."""
