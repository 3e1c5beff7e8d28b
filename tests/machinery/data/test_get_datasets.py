"""get_datasets.sh against a server on 127.0.0.1 that misbehaves in every known way.

Each test runs a copy of the script in its own folder, with the sizes and hashes of a small
archive: the script itself has no option that weakens its checks.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assignment.support.data import cifar10
from tests.machinery.intake import archives

SCRIPT = Path(__file__).parents[3] / "get_datasets.sh"
NUM_IMAGES = 8
BATCHES = archives.draw_batches(NUM_IMAGES)
FILES = archives.encode_binary(BATCHES)
FOLDER = "cifar-10-batches-bin"
NAME = "cifar-10-binary.tar.gz"
ARCHIVE = archives.pack(FOLDER, FILES)
TIMEOUT_S = 30

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "tar"))), reason="needs bash, curl and tar"
)


@dataclass
class Mirror:
    """A server's content and behaviour, and the Range header of each request to it."""

    archive: bytes = ARCHIVE
    status: int = 200
    location: str = ""
    has_ranges: bool = True
    cuts: list[int] = field(default_factory=list)  # bytes after which each next answer ends
    is_stalling: bool = False  # whether the connection stays open after a cut
    released: threading.Event = field(default_factory=threading.Event)
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's Mirror prescribes."""

    timeout = 10

    def do_GET(self):  # noqa: D102
        mirror = self.server.mirror
        wanted = self.headers["Range"]
        mirror.ranges.append(wanted)
        status, body = mirror.status, mirror.archive if mirror.status == 200 else b"no"
        if wanted and mirror.has_ranges and status == 200:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            status, body = 206, body[start:]
        self.send_response(status)
        if status == 206:
            end = len(mirror.archive) - 1
            self.send_header("Content-Range", f"bytes {start}-{end}/{end + 1}")
        if mirror.location:
            self.send_header("Location", mirror.location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        is_cut = bool(mirror.cuts)
        self.wfile.write(body[: mirror.cuts.pop(0)] if is_cut else body)
        if is_cut and mirror.is_stalling:
            mirror.released.wait(TIMEOUT_S)

    def log_message(self, *_):  # noqa: D102
        pass


@pytest.fixture
def start_mirror():
    """Start servers, and shut them down after the test."""
    servers = []

    def start(**behaviour) -> Mirror:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads, server.block_on_close = True, False
        server.mirror = Mirror(**behaviour, url=f"http://127.0.0.1:{server.server_port}/pub")
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server.mirror

    yield start
    for server in servers:
        server.mirror.released.set()
        server.shutdown()
        server.server_close()


class Sandbox:
    """A folder with a copy of get_datasets.sh that expects `archive` with `files`."""

    def __init__(self, root: Path, archive=ARCHIVE, files=FILES, name=NAME):
        self.root, self.datasets = root, root / "datasets"
        self.datasets.mkdir()
        self.script, self.part = root / "get_datasets.sh", self.datasets / f"{name}.part"
        text = SCRIPT.read_text()
        figures = f"{len(archive)} sha256={hashlib.sha256(archive).hexdigest()}"
        facts = {rf"(archive={re.escape(name)}\s+bytes)=\d+\s+sha256=\w+": rf"\1={figures}"}
        for member, content in files.items():
            facts[rf"([ \"]{re.escape(member)}):\d+"] = rf"\g<1>:{len(content)}"
        for pattern, fact in facts.items():
            text, count = re.subn(pattern, fact, text)
            assert count == 1, pattern
        self.script.write_text(text)

    def start(self, *options, mirrors=(), **env) -> subprocess.Popen[str]:
        """Start the script in its own process group."""
        urls = [m.url if isinstance(m, Mirror) else m for m in mirrors]
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "no_proxy": "*",
            "CIFAR10_MIRRORS": " ".join(urls) or "http://127.0.0.1:1",
            **env,
        }
        return subprocess.Popen(
            ["bash", self.script, *options],
            env=env,
            text=True,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *options, code=0, **settings) -> str:
        """Run the script, check its exit code and that an error is one line, return the output."""
        process = self.start(*options, **settings)
        try:
            said, error = process.communicate(timeout=TIMEOUT_S)
        finally:
            process.kill()
        assert process.returncode == code, error
        if code != 1:  # with 1, tar may have printed errors as well
            assert error.count("\n") == min(code, 1), error
        return error or said

    def holds(self) -> list[str]:
        """List the files in datasets/."""
        return sorted(path.name for path in self.datasets.iterdir())

    def is_complete(self) -> bool:
        """Say whether datasets/ holds exactly the data, byte by byte."""
        folder = self.datasets / FOLDER
        found = {path.name: path.read_bytes() for path in folder.iterdir()}
        return found == FILES and self.holds() == [FOLDER]


@pytest.fixture
def sandbox(tmp_path):
    return Sandbox(tmp_path)


# Fetching


def test_fresh_download(sandbox, start_mirror):
    mirror = start_mirror()
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges == [None]
    assert sandbox.is_complete()


def test_python_archive_is_what_the_loader_reads(tmp_path, start_mirror, monkeypatch):
    files = archives.encode_python(BATCHES)
    packed = archives.pack("cifar-10-batches-py", files)
    sandbox = Sandbox(tmp_path, packed, files, "cifar-10-python.tar.gz")
    sandbox.run("--python", mirrors=[start_mirror(archive=packed)])
    monkeypatch.setattr(cifar10, "IMAGES_PER_FILE", NUM_IMAGES)
    x_test = cifar10.load_cifar10(sandbox.datasets)[2]
    assert (x_test.transpose(0, 3, 1, 2) == BATCHES["test_batch"][0]).all()


def test_second_run_sends_no_request(sandbox, start_mirror):
    mirror = start_mirror()
    sandbox.run(mirrors=[mirror])
    assert "already there" in sandbox.run(mirrors=[mirror])
    assert mirror.ranges == [None]
    assert sandbox.is_complete()


def test_resumes_a_kept_part(sandbox, start_mirror):
    mirror = start_mirror()
    sandbox.part.write_bytes(ARCHIVE[:1000])
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges == ["bytes=1000-"]
    assert sandbox.is_complete()


def test_complete_part_is_only_unpacked(sandbox, start_mirror):
    mirror = start_mirror()
    sandbox.part.write_bytes(ARCHIVE)
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges == []
    assert sandbox.is_complete()


def test_server_without_ranges_starts_over(sandbox, start_mirror):
    mirror = start_mirror(has_ranges=False)
    sandbox.part.write_bytes(ARCHIVE[:1000])
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges == ["bytes=1000-", None]
    assert sandbox.is_complete()


def test_interrupted_download_is_resumed_in_the_same_run(sandbox, start_mirror):
    mirror = start_mirror(cuts=[30_000, 20_000])
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges == [None, "bytes=30000-", "bytes=50000-"]
    assert sandbox.is_complete()


def test_truncated_download_is_kept_for_the_next_run(sandbox, start_mirror):
    mirror = start_mirror(cuts=[30_000, 0])
    error = sandbox.run(mirrors=[mirror], code=4)
    assert "30000 of" in error
    assert sandbox.holds() == [sandbox.part.name]
    assert sandbox.part.read_bytes() == ARCHIVE[:30_000]
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges[-1] == "bytes=30000-"
    assert sandbox.is_complete()


def test_stalled_download_ends(sandbox, start_mirror):
    """The copy of the script gives up after 1 s without data, not 60."""
    text = sandbox.script.read_text()
    assert text.count("--speed-time 60") == 1
    sandbox.script.write_text(text.replace("--speed-time 60", "--speed-time 1"))
    mirror = start_mirror(cuts=[30_000], is_stalling=True)
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges == [None, "bytes=30000-"]
    assert sandbox.is_complete()


def test_wrong_content_is_refused(sandbox, start_mirror):
    wrong = ARCHIVE[:-1] + bytes([ARCHIVE[-1] ^ 1])
    error = sandbox.run(mirrors=[start_mirror(archive=wrong)], code=5)
    assert "SHA-256" in error
    assert sandbox.holds() == []


@pytest.mark.parametrize("size", [1000, len(ARCHIVE), len(ARCHIVE) + 9])
def test_wrong_kept_part_is_fetched_again(sandbox, start_mirror, size):
    mirror = start_mirror()
    sandbox.part.write_bytes(bytes(size))
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges[-1] is None
    assert sandbox.is_complete()


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"status": 404}, {"archive": b"<html>"}], ids=str
)
def test_next_mirror_is_tried(sandbox, start_mirror, fault):
    first, second = start_mirror(**fault), start_mirror()
    sandbox.run(mirrors=[first, second])
    assert first.ranges == second.ranges == [None]
    assert sandbox.is_complete()


def test_busy_mirrors_are_named(sandbox, start_mirror):
    mirrors = [start_mirror(status=503), start_mirror(status=503)]
    error = sandbox.run(mirrors=mirrors, code=4)
    assert error.count("HTTP 503") == 2
    assert sandbox.holds() == []


def test_offline_is_one_clear_message(sandbox):
    with socket.socket() as closed:  # bound, but nobody listens
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        error = sandbox.run(mirrors=[url, url], code=3)
    assert all(word in error for word in ("offline", "fashion and earth", "--from-file"))
    assert sandbox.holds() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://mirror.invalid",
        "http://127.0.0.1.mirror.invalid/",
        "http://127.0.0.1:80@mirror.invalid/",
        "http://localhost",
        "ftp://127.0.0.1/",
        "file:///etc",
    ],
)
def test_only_https_is_accepted(sandbox, url):
    error = sandbox.run(mirrors=[url], code=2)
    assert f"'{url}' is refused" in error
    assert sandbox.holds() == []


def test_redirect_to_http_is_not_followed(sandbox, start_mirror):
    target = start_mirror()
    sandbox.run(mirrors=[start_mirror(status=302, location=f"{target.url}/{NAME}")], code=4)
    assert target.ranges == []


# Unpacking


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../evil"),
        tarfile.TarInfo(f"{FOLDER}/../../evil"),
        tarfile.TarInfo("/tmp/evil"),
        link(f"{FOLDER}/evil", tarfile.SYMTYPE, "/etc/passwd"),
        link(FOLDER, tarfile.SYMTYPE, ".."),
        link(f"{FOLDER}/evil", tarfile.LNKTYPE, f"{FOLDER}/test_batch.bin"),
        link(f"{FOLDER}/evil", tarfile.FIFOTYPE, ""),
    ],
    ids=["..", "inner ..", "absolute", "symlink", "folder as symlink", "hard link", "fifo"],
)
def test_unsafe_member_is_refused(tmp_path, start_mirror, member):
    packed = archives.pack(FOLDER, FILES, extra=[member])
    sandbox = Sandbox(tmp_path, packed)
    error = sandbox.run(mirrors=[start_mirror(archive=packed)], code=5)
    assert "nothing was unpacked" in error
    assert FOLDER not in sandbox.holds()
    assert not list(tmp_path.rglob("evil"))


def test_unknown_member_is_not_unpacked(tmp_path, start_mirror):
    packed = archives.pack(FOLDER, {**FILES, "setup.py": b"print('hello')"})
    sandbox = Sandbox(tmp_path, packed)
    sandbox.run(mirrors=[start_mirror(archive=packed)])
    assert sandbox.is_complete()


@pytest.mark.parametrize(("last", "code"), [({}, 1), ({"test_batch.bin": b"short"}, 5)], ids=str)
def test_archive_without_a_known_member_is_refused(tmp_path, start_mirror, last, code):
    others = {name: content for name, content in FILES.items() if name != "test_batch.bin"}
    packed = archives.pack(FOLDER, {**others, **last})
    sandbox = Sandbox(tmp_path, packed)
    error = sandbox.run(mirrors=[start_mirror(archive=packed)], code=code)
    assert "test_batch.bin" in error
    assert sandbox.holds() == [sandbox.part.name]


# With data, archives or locks already there


def test_archive_from_a_file(sandbox, tmp_path):
    archive = tmp_path / "my copy.tar.gz"
    archive.write_bytes(ARCHIVE)
    sandbox.run("--from-file", str(archive))
    assert sandbox.is_complete()
    assert archive.read_bytes() == ARCHIVE


def test_wrong_archive_from_a_file_is_left_alone(sandbox, tmp_path):
    archive = tmp_path / "other.tar.gz"
    archive.write_bytes(ARCHIVE[:-1])
    error = sandbox.run("--from-file", str(archive), code=5)
    assert f"{len(ARCHIVE) - 1} bytes" in error
    assert sandbox.holds() == []
    assert archive.exists()


@pytest.mark.parametrize("options", [["--from-file", "absent"], ["--from-file"], ["--pyhton"]])
def test_wrong_usage(sandbox, options):
    assert "--" in sandbox.run(*options, code=2)


def test_damaged_data_are_not_touched(sandbox):
    folder = sandbox.datasets / FOLDER
    folder.mkdir()
    (folder / "test_batch.bin").write_bytes(b"mine")
    error = sandbox.run(code=1)
    assert "batches.meta.txt has 0 bytes instead of 61" in error
    assert [path.name for path in folder.iterdir()] == ["test_batch.bin"]


@pytest.mark.parametrize(
    ("pid", "host"), [(os.getpid(), platform.node()), (1 << 22, "elsewhere")], ids=["here", "there"]
)
def test_second_run_at_the_same_time_names_the_first(sandbox, start_mirror, pid, host):
    mirror, lock = start_mirror(), sandbox.datasets / f"{NAME}.lock"
    lock.write_text(f"{pid} {host}\n")
    error = sandbox.run(mirrors=[mirror], code=7)
    assert f"process {pid} on {host}" in error
    assert sandbox.holds() == [lock.name]
    assert mirror.ranges == []


def test_lock_of_a_dead_process_is_removed(sandbox, start_mirror):
    ended = subprocess.Popen(["true"])
    ended.wait()
    (sandbox.datasets / f"{NAME}.lock").write_text(f"{ended.pid} {platform.node()}\n")
    sandbox.run(mirrors=[start_mirror()])
    assert sandbox.is_complete()


def test_too_little_space(sandbox, tmp_path, start_mirror):
    """There is room for the archive, but not also for the unpacked files."""
    mirror, tools, free = start_mirror(), tmp_path / "tools", len(ARCHIVE) // 1024 + 9
    tools.mkdir()
    (tools / "df").write_text(
        "#!/bin/sh\necho 'Filesystem 1024-blocks Used Available Capacity Mounted on'\n"
        f"echo '/dev/my disk 999999 999 {free} 99% /a b'\n"
    )
    (tools / "df").chmod(0o755)
    error = sandbox.run(mirrors=[mirror], PATH=f"{tools}:{os.environ['PATH']}", code=6)
    assert f"{free} KiB free" in error
    assert sandbox.holds() == []
    assert mirror.ranges == []


@pytest.mark.parametrize("tool", ["sha256sum", "shasum", "openssl"])
def test_any_sha256_tool_will_do(sandbox, tmp_path, start_mirror, tool):
    """PATH holds one such tool, and the other commands that the script uses."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    tools = tmp_path / "tools"
    tools.mkdir()
    needed = "bash cat curl df dirname grep gzip ln mkdir mv rm sed tar uname wc"
    for name in f"{needed} {tool}".split():
        (tools / name).symlink_to(shutil.which(name))
    sandbox.run(mirrors=[start_mirror()], PATH=str(tools))
    assert sandbox.is_complete()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_interrupted_run_keeps_only_the_part(sandbox, start_mirror, number):
    mirror = start_mirror(cuts=[40_000], is_stalling=True)
    process = sandbox.start(mirrors=[mirror])
    try:
        deadline = time.monotonic() + TIMEOUT_S
        while (
            not (sandbox.part.exists() and sandbox.part.stat().st_size) and process.poll() is None
        ):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(process.pid, number)
        _, error = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "interrupted" in error
    kept = sandbox.part.read_bytes()
    assert kept == ARCHIVE[: len(kept)]
    assert sandbox.holds() == [sandbox.part.name]
    sandbox.run(mirrors=[mirror])
    assert mirror.ranges == [None, f"bytes={len(kept)}-"]
    assert sandbox.is_complete()


def test_help_names_every_exit_code(sandbox):
    said = sandbox.run("--help")
    used = re.findall(r"\bfail (\d+)", SCRIPT.read_text())
    assert {"0", *used} == set(re.findall(r"^(?:exit code)? +(\d+)  ", said, re.MULTILINE))
    assert sandbox.holds() == []
