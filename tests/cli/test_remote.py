"""`tuinn attach HOST:RUN`, `tuinn runs --on HOST`, `tuinn start HOST SPEC`: the other machine is a home of its own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import Write
from tests.factories import whole_run
from tests.runs.remote.test_mirror import box  # noqa: F401 - a fixture
from tests.stand_ins import StandIns
from tuinn.cli.main import tuinn
from tuinn.runs.folder import all_runs
from tuinn.spec.presets.catalog import iris_lab


def do(*words: str) -> Result:
    done = CliRunner().invoke(tuinn, list(words))
    assert "Traceback" not in done.output
    return done


@pytest.fixture
def finished(box: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_run: Write) -> str:  # noqa: F811
    """The name of a run there that has ended."""
    with monkeypatch.context() as other:
        other.setenv("TUINN_HOME", str(tmp_path / "box"))
        return write_run(whole_run()).name


def test_the_runs_of_another_machine_are_listed(finished: str) -> None:
    assert finished in do("runs", "--on", "box").stdout
    assert [run["name"] for run in json.loads(do("runs", "--on", "box", "--json").stdout)] == [finished]
    assert do("runs", "--on", "box", "--filter", "no such 'run\"").stdout.startswith("None of the 1 run has")
    assert all_runs() == []


def test_a_run_there_is_followed_to_its_end(finished: str) -> None:
    done = do("attach", f"box:{finished}")
    assert done.exit_code == 0
    assert "test  loss 0.5200" in done.stdout
    assert do("attach", "box:nothing").exit_code == 1


def test_a_spec_that_is_wrong_is_refused_here_or_there(finished: str, tmp_path: Path) -> None:
    wrong, missing = tmp_path / "wrong.toml", tmp_path / "a 'b\".toml"
    wrong.write_text("[fit]\nepochs = 0\n")
    missing.write_text(iris_lab().toml().replace('name = "iris"', 'path = "/no/such/data.csv"'))
    assert do("start", "box", str(wrong)).exit_code == 2
    refused = do("start", "box", str(missing))
    assert refused.exit_code == 2
    assert "trains on" not in refused.output


def test_without_a_line_a_sentence_says_so(box: StandIns, tmp_path: Path) -> None:  # noqa: F811
    spec = tmp_path / "iris.toml"
    spec.write_text(iris_lab().toml())
    box.put("ssh", "exit 255")
    for words in (("runs", "--on", "box"), ("start", "box", str(spec)), ("attach", "box:")):
        done = do(*words)
        assert (done.exit_code, done.stderr) == (1, "tuinn: There is no line to box. Try: ssh box\n")
    assert "is no machine" in do("runs", "--on", "-oProxyCommand=true").stderr
