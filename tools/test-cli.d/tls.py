"""A hub that serves https, and stations that know it or do not."""
import os
import shutil
import subprocess

from front import BUSY, HEAD_MAX, Slow, drive, drip
from harness import HUB, Stopped, found_tree
from link import Plays, wait_until
from network import Hub, Station, get, running


def tls(t):
    if not shutil.which("openssl"):
        t.skip("a hub with a certificate", "there is no openssl")
        return
    found_tree(t)
    for name in ("hub", "other"):
        certificate(t, name, "IP:127.0.0.1")
    certificate(t, "elsewhere", "IP:192.0.2.7")
    files(t)
    plays = Plays(t)
    with running(Hub(t, options=serving(t, "hub"))) as hub:
        t.equal("a hub with a certificate says so", hub.said,
                f"listening on https://127.0.0.1:{hub.port}")
        silent = [Slow(hub.port, []), Slow(hub.port, drip(b"\x16\x03\x01\x02\x00\x01" + bytes(99), 3, 1))]
        plays.add(per_day=3)
        known(t, hub, plays)
        strangers(t, hub)
        drive(silent, HEAD_MAX + BUSY)
        t.check(f"who begins no TLS within {HEAD_MAX} seconds is cut",
                all(slow.took is not None and slow.took > HEAD_MAX - 1 for slow in silent),
                [slow.took for slow in silent])
        t.equal("SIGTERM ends it", hub.end(), 0)
    with running(Hub(t)) as hub:
        refused(t, "a hub without a certificate", f"https://127.0.0.1:{hub.port}", "hub", ("tls_failed",))
        hub.end()
    with running(Hub(t, options=serving(t, "elsewhere"))) as hub:
        refused(t, "the certificate of another address", hub.url, "elsewhere", ("tls_failed",))
        hub.end()
    notes(t)


def certificate(t, name, address):
    """Makes one that nobody vouches for, and its key."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "3", "-subj", f"/CN={name}", "-addext", f"subjectAltName={address}",
         "-keyout", t.path(f"{name}.key"), "-out", t.path(f"{name}.pem")],
        capture_output=True, check=False)
    if made.returncode:
        raise Stopped(f"openssl: {made.stderr[-300:]}")
    os.chmod(t.path(f"{name}.key"), 0o600)


def serving(t, name):
    return "--tls-certificate", t.path(f"{name}.pem"), "--tls-key", t.path(f"{name}.key")


def trusting(t, name):
    return "--tls-ca", t.path(f"{name}.pem")


def known(t, hub, plays):
    told = t.run("sync", "--data", "s207", "--url", hub.url, *trusting(t, "hub"))
    t.equal("a station that trusts it exchanges", (told.code, told.err), (0, ""))
    t.equal("and all arrives", len(t.playbacks("hub")), plays.count)
    plays.add(per_day=2)
    with running(Station(t, "s207", "--url", hub.url, "--interval", 1, *trusting(t, "hub"))) as agent:
        wait_until(lambda: len(t.playbacks("hub")) == plays.count)
        t.equal("an agent that trusts it too", agent.end(), 0)
    t.equal("an invitation has its address", hub.url in str(invited(t)), True)


def invited(t):
    """Where a station would look that is invited now."""
    line = t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.301", "--name", "新村").out
    t.good("station", "join", "--data", "new", "--invitation", line.strip())
    return t.run("sync", "--data", "new").err


def strangers(t, hub):
    refused(t, "a station that does not know it", hub.url, None, ("tls_failed",))
    refused(t, "a station that knows another", hub.url, "other", ("tls_failed",))
    refused(t, "a station that speaks plainly", f"http://127.0.0.1:{hub.port}", None,
            ("link_failed", "bad_reply"))
    t.equal("a plain request is not answered", get(hub.port, "/healthz")[0], 0)
    before = t.dump("s207")
    t.equal("no CA in the file", t.run("sync", "--data", "s207", "--url", hub.url, "--tls-ca", t.path(
        "hub.key")).error_code, "ca_unreadable")
    t.equal("and nothing changes", t.dump("s207"), before)


def refused(t, what, url, ca, codes):
    told = t.run("sync", "--data", "s208", "--url", url, *(trusting(t, ca) if ca else ()))
    t.check(f"{what} exchanges nothing", (told.code, told.error_code in codes) == (1, True), told)


def files(t):
    """Certificates and keys that a hub cannot serve with."""
    t.write("noise.pem", "noise")
    t.write("open.key", t.read("hub.key"))
    os.chmod(t.path("open.key"), 0o644)
    for what, pem, key, code in [
        ("no certificate", "none.pem", "hub.key", "certificate_unreadable"),
        ("noise for a certificate", "noise.pem", "hub.key", "certificate_unreadable"),
        ("a key for a certificate", "hub.key", "hub.key", "certificate_unreadable"),
        ("no key", "hub.pem", "none.key", "key_unreadable"),
        ("a certificate for a key", "hub.pem", "hub.pem", None),
        ("a key that all can read", "hub.pem", "open.key", "key_exposed"),
        ("another's key", "hub.pem", "other.key", "key_mismatched"),
    ]:
        told = t.run("hub", "run", "--data", "hub", "--listen", "127.0.0.1:0",
                     "--tls-certificate", t.path(pem), "--tls-key", t.path(key))
        t.equal(f"{what}: refused", (told.code, told.error_code in (
            [code] if code else ["key_unreadable", "key_exposed"])), (1, True))
    told = t.run("hub", "run", "--data", "hub", "--tls-key", t.path("hub.key"))
    t.equal("a key alone is no use", told.code, 64)


def notes(t):
    """An address of a network for examples, so nobody listens."""
    for listen, options, noted in [("192.0.2.1:0", (), True), ("127.0.0.1:99999", (), False),
                                   ("192.0.2.1:0", serving(t, "hub"), False)]:
        told = t.run("hub", "run", "--data", "hub", "--listen", listen, *options)
        t.equal(f"{listen} {'with' if options else 'without'} a certificate: noted, or not",
                ("not_secret" in told.err, told.code != 0), (noted, True))
