"""Settings are read once, and what is wrong is named."""

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from omotenashi.settings import BadSetting, Settings, read, secret, variables

ROOT = Path(__file__).resolve().parents[3]


def test_without_variables_every_setting_has_its_default() -> None:
    assert read({"PATH": "/bin"}) == Settings()


def test_a_variable_sets_its_setting() -> None:
    found = read({"OMOTENASHI_PORT": "9000", "OMOTENASHI_DATA": "/srv/omo", "OMOTENASHI_PROXIES": "10.0.0.0/8, ::1"})
    assert (found.port, found.data, found.trusted_proxies) == (9000, Path("/srv/omo"), ("10.0.0.0/8", "::1"))


def test_hosts_that_may_be_asked_are_listed_with_their_port() -> None:
    assert read({"OMOTENASHI_PRIVATE_HOSTS": "CDN.example:8443, [::1]:80,"}).listed_hosts == {("cdn.example", 8443), ("::1", 80)}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OMOTENASHI_PORT", "many"),
        ("OMOTENASHI_PORT", "70000"),
        ("OMOTENASHI_PROXIES", "the-proxy"),
        ("OMOTENASHI_PRIVATE_HOSTS", "shop.example"),
        ("OMOTENASHI_PRIVATE_HOSTS", "shop.example:0"),
        ("OMOTENASHI_PRIVATE_HOSTS", ":8080"),
        ("OMOTENASHI_LOG_LEVEL", "loud"),
        ("OMOTENASHI_PROFILE_SECONDS", "0"),
        ("OMOTENASHI_PROT", "1"),
    ],
)
def test_a_bad_variable_is_named(variable: str, value: str) -> None:
    with pytest.raises(BadSetting, match=variable):
        read({variable: value})


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = secret(tmp_path / "below" / "token")
    assert len(made) >= 40
    assert secret(tmp_path / "below" / "token") == made
    assert stat.S_IMODE((tmp_path / "below" / "token").stat().st_mode) == 0o600


def test_a_secret_asked_for_by_many_at_once_is_one(tmp_path: Path) -> None:
    for number in range(50):
        file = tmp_path / str(number)
        with ThreadPoolExecutor(2) as both:
            one, other = both.map(secret, [file, file])
        assert one == other == secret(file)
        assert [each for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_process_that_was_killed_while_it_made_a_secret_leaves_no_short_one(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom omotenashi import settings\n"
        "settings.secrets.token_urlsafe = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "settings.secret(Path(sys.argv[1]))\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "token")], env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(secret(tmp_path / "token")) >= 40


def test_a_secret_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc")
    with pytest.raises(BadSetting, match="at least 16 characters"):
        secret(tmp_path / "token")


def test_every_setting_is_documented_as_it_is() -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    for name, (kind, default, sentence) in variables().items():
        assert f"| `{name}` | {kind} | {f'`{default}`' if default else ''} | {sentence} |" in text
    assert text.count("| `OMOTENASHI_") == len(variables())
