"""Hubs, bad links and false hubs for the sections that need a network, all on loopback."""
import contextlib
import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time

from harness import Result, Stopped

RELAY = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "relay")
WAIT_SECONDS = 20


class Process:
    """A process that runs beside the test until it is told to end."""

    def __init__(self, t, words, errors):
        self.words = words
        with open(t.path(errors), "ab") as file:
            self.popen = subprocess.Popen(
                words, cwd=t.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=file)
        self.errors = t.path(errors)
        self._read = b""

    def line(self, seconds=WAIT_SECONDS):
        """The next line of standard output."""
        end = time.monotonic() + seconds
        while b"\n" not in self._read:
            left = max(0, end - time.monotonic())
            ready, _, _ = select.select([self.popen.stdout], [], [], left)
            data = os.read(self.popen.stdout.fileno(), 4096) if ready else b""
            if not data:
                with open(self.errors, encoding="utf-8", errors="replace") as file:
                    raise Stopped(f"{self.words[:3]} said no more: {file.read()[-300:]!r}")
            self._read += data
        line, _, self._read = self._read.partition(b"\n")
        return line.decode()

    def end(self, number=signal.SIGTERM, seconds=WAIT_SECONDS):
        """Its exit code; None if it had to be killed."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            return None
        finally:
            self.popen.stdout.close()


class Hub(Process):
    def __init__(self, t, data="hub", port=0, options=()):
        words = [t.program, "hub", "run", "--data", data, "--listen", f"127.0.0.1:{port}"]
        super().__init__(t, words + [str(word) for word in options], f"{data}.log")
        self.said = self.line()
        self.url = self.said.removeprefix("listening on ")
        self.port = int(self.url.rpartition(":")[2])


class Station(Process):
    """`station run` with these options. Its log is beside its folder."""

    def __init__(self, t, data, *options):
        words = [t.program, "station", "run", "--data", data] + [str(word) for word in options]
        log = t.path(f"{data}.log")
        # Others of this name have written there before.
        self.begin = os.path.getsize(log) if os.path.exists(log) else 0
        super().__init__(t, words, f"{data}.log")
        self.said = self.line()

    def log(self):
        with open(self.errors, "rb") as file:
            file.seek(self.begin)
            return file.read().decode(errors="replace")


class Relay(Process):
    def __init__(self, t, port, *harm):
        self.stats_path = t.path("relay.json")
        super().__init__(
            t, [sys.executable, RELAY, "--to", f"127.0.0.1:{port}", "--stats", self.stats_path]
            + [str(word) for word in harm], "relay.log")
        self.port = int(self.line().removeprefix("listening on "))
        self.url = f"http://127.0.0.1:{self.port}"

    def stats(self):
        """Ends it, and tells what it has let through."""
        self.end()
        with open(self.stats_path, encoding="utf-8") as file:
            return json.load(file)


@contextlib.contextmanager
def running(process):
    """Whatever happens inside, the process has ended afterwards."""
    try:
        yield process
    finally:
        if process.popen.poll() is None:
            process.end(signal.SIGKILL)


def sync(t, data, url=None, seconds=WAIT_SECONDS, as_json=True):
    """One sync. Its code is -9 if it had to be ended."""
    words = ["sync", "--data", data] + (["--url", url] if url else [])
    words += ["--json"] if as_json else []
    process = t.start(*words)
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        out, err = process.communicate()
    finally:
        timer.cancel()
    return Result(words, process.returncode, out.decode(), err.decode(errors="replace"))


# ---------------------------------------------------------------- raw requests

def exchange_id(bundle):
    digest = hashlib.sha256(bundle).digest()
    return (digest[:8][::-1] + digest[8:16][::-1]).hex()


def request(name, body=b"", length=None, **fields):
    """The bytes of a request; `Upload_Length=3` is a header field."""
    lines = [f"POST /v1/exchange/{name} HTTP/1.1", "Host: hub", "Connection: close",
             f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def said(data):
    """Status, header fields and body of an answer; status 0 if it is none."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) < 2 or not words[1].isdigit():
        return 0, {}, data
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return int(words[1]), fields, body


def ask(port, data, ends=False, seconds=WAIT_SECONDS):
    """Sends these bytes and reads until the hub closes. `ends` closes this side first."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as link:
        try:
            link.sendall(data)
            if ends:
                link.shutdown(socket.SHUT_WR)
            while True:
                more = link.recv(1 << 16)
                if not more:
                    break
                heard += more
        except ConnectionError:
            pass  # What has come before counts.
        except TimeoutError:
            return -1, {}, heard
    return said(heard)


def get(port, path, **fields):
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in fields.items()]
    return ask(port, ("\r\n".join(lines) + "\r\n\r\n").encode())


def shows_token(t, data):
    """The header field that a request on a station's own machine needs."""
    with open(t.path(data, "local-token"), encoding="ascii") as file:
        return {"Authorization": "Bearer " + file.read().strip()}


# ---------------------------------------------------------------- a false hub

class FalseHub:
    """Answers each request with what `answer(link, request bytes)` sends, and closes."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = 0
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                link, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(link,), daemon=True).start()

    def _talk(self, link):
        link.settimeout(WAIT_SECONDS)
        with link, contextlib.suppress(OSError):
            data = b""
            while True:
                more = link.recv(1 << 16)
                if not more:
                    return
                data += more
                head, found, body = data.partition(b"\r\n\r\n")
                length = int(said(b"HTTP/1.1 200 OK\r\n" + head.partition(b"\r\n")[2] + b"\r\n\r\n")
                             [1].get("content-length", 0))
                if found and len(body) >= length:
                    break
            self.requests += 1
            self.answer(link, data)
            # What is still unread would turn the end into a reset.
            link.shutdown(socket.SHUT_WR)
            while link.recv(1 << 16):
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A thread that waits in accept is only woken by this.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()


def page(status, body=b"", **fields):
    """The bytes of an answer; a Content-Length of None leaves it out."""
    fields = {"Content_Length": len(body), "Connection": "close"} | fields
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{k.replace('_', '-')}: {v}" for k, v in fields.items() if v is not None]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


# ---------------------------------------------------------------- metrics

def metrics(text):
    """OpenMetrics text as {sample: value}. Raises ValueError if it is not of that form."""
    lines = text.split("\n")
    if lines[-2:] != ["# EOF", ""]:
        raise ValueError("it does not end with # EOF and a line end")
    families, samples, kind = {}, {}, ""
    for line in lines[:-2]:
        if line.startswith("# "):
            words = line.split(" ", 3)
            if len(words) != 4 or words[1] not in ("TYPE", "HELP", "UNIT"):
                raise ValueError(f"no such comment: {line}")
            if words[1] == "TYPE":
                if words[2] in families or words[3] not in ("counter", "gauge"):
                    raise ValueError(f"a family twice, or of an unknown type: {line}")
                kind = words[2]
                families[kind] = words[3]
            elif words[2] != kind:
                raise ValueError(f"not of the family before it: {line}")
            continue
        sample, _, value = line.rpartition(" ")
        name, brace, labels = sample.partition("{")
        if brace and not (labels.endswith("\"}") and labels.count("\"") == 2 and "=\"" in labels):
            raise ValueError(f"bad labels: {line}")
        if name != kind + ("_total" if families.get(kind) == "counter" else ""):
            raise ValueError(f"not a sample of {kind}: {line}")
        if sample in samples or float(value) < 0:
            raise ValueError(f"twice, or negative: {line}")
        samples[sample] = float(value)
    return samples
