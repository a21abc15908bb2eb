"""uvicorn, called as `python -m uvicorn`, for --reload: on Windows it must be ready for what comes from the keyboard.

There uvicorn tells the old process to end by Ctrl-C, to which our watcher's group of processes is deaf at first; and
the watcher tells uvicorn to end by Ctrl-Break, at which Python would end at once, before the app has.
"""

import signal
import sys

import uvicorn


def listen() -> None:
    """Let Ctrl-C come, here and in the processes that we start, and take Ctrl-Break for a request to end.

    Source: https://learn.microsoft.com/windows/console/setconsolectrlhandler
    """
    if sys.platform == "win32":
        import ctypes

        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(None, False)
        signal.signal(signal.SIGBREAK, lambda *_: signal.raise_signal(signal.SIGTERM))


if __name__ == "__main__":
    listen()
    uvicorn.main()
