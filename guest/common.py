# SPDX-License-Identifier: BSD-2-Clause
"""What the guest scripts share: error reporting and outputs that are whole or not there.

Imported by fetch.py, image.py, disk.py and net.py; a program by itself it is not.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile


class Failure(Exception):
    """Ends a script with one message; the text is for the person who typed the command."""


def run_main(name, main):
    """Call main(); turn every foreseeable way to fail into one line and a non-zero status."""
    # A terminated script unwinds like an interrupted one, so that temporary files go.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        status = main() or 0
        sys.stdout.flush()
    except Failure as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        status = 1
    except BrokenPipeError:
        # The reader of our output went away; nothing is left to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except OSError as error:
        print(f"{name}: {describe_os_error(error)}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)


def describe_os_error(error):
    """An OSError as a phrase: the file it is about, then what went wrong."""
    reason = (error.strerror or str(error)).lower()
    return f"{error.filename}: {reason}" if error.filename else reason


def tool_path(program, package):
    """Path of a host program; the superuser's directories count, whoever asks."""
    for folder in os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/sbin"]:
        path = os.path.join(folder, program)
        if os.access(path, os.X_OK):
            return path
    raise Failure(f"{program} is missing; install the package {package}")


def run_tool(command, **options):
    """Run a command; its standard input is empty unless `input` is given. No status is an error."""
    # Messages of these tools are compared and shown: ask for the untranslated ones.
    options.setdefault("env", dict(os.environ, LC_ALL="C"))
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    return subprocess.run(command, text=True, errors="surrogateescape", check=False, **options)


@contextlib.contextmanager
def replacing(path):
    """Yield a temporary path beside `path`; rename it over `path` if the block succeeds."""
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
    os.close(handle)
    try:
        yield temporary
        # mkstemp's 0600 is for secrets; these files are ordinary ones.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        with open(temporary, "rb") as file:
            # A rename may reach the disk before the data does; a crash must not leave that.
            os.fsync(file.fileno())
        os.rename(temporary, path)
    except OSError as error:
        # A full disk shows in write(), which knows no name.
        error.filename = path if error.filename in (None, temporary) else error.filename
        raise
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def write_file(path, data):
    """Write `data` (bytes) to `path`, whole or not at all."""
    with replacing(path) as temporary:
        with open(temporary, "wb") as file:
            file.write(data)
