"""`tuinn evaluate`: a run's network on its whole test set."""

import click
import msgspec

from tuinn.cli.inference_client import ask
from tuinn.cli.options import JSON, RUN
from tuinn.runs.commands import Evaluate, new_request
from tuinn.runs.events import Evaluated
from tuinn.runs.folder import RunFolder
from tuinn.text import format_metrics, plural


@click.command()
@RUN
@JSON
def evaluate(folder: RunFolder, as_json: bool) -> None:
    """Measure a run's network on the test set."""
    folder.spec()
    request = new_request()
    answer = ask(folder, [Evaluate(request=request)])[request]
    assert isinstance(answer, Evaluated)
    if as_json:
        told = {"run": folder.name, "metrics": answer.metrics, "samples": answer.samples}
        click.echo(msgspec.json.encode(told))
    else:
        click.echo(f"test  {format_metrics(answer.metrics)}  {plural(answer.samples, 'sample')}")
