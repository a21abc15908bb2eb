"""The one exception that is meant for the reader and not for the programmer."""


class Problem(Exception):
    """What went wrong, in one sentence for the reader. A notebook shows it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
