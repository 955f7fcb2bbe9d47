"""The one error class of the course tools; its text is a sentence a reader can act on."""


class CourseError(Exception):
    """Something the user gave or lacks. The text says what was given, what was expected and what to do.

    The command line prints it as one line and ends with exit code 2.
    """
