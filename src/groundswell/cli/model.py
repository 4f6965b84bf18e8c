"""`groundswell model`: train, evaluate and ask models of labeled manifests, and serve them as SageMaker does."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from groundswell.autolabel.registry import names
from groundswell.cli.output import AsJson, console, print_json, print_table
from groundswell.domain.errors import InvalidInput, InvalidManifest
from groundswell.offline.labeled_manifest import read_labeled_manifest
from groundswell.offline.models import Evaluation, read_model, train_model

app = typer.Typer(
    help="Models: train on a labeled manifest, evaluate, predict, serve.", no_args_is_help=True, add_completion=False
)

ModelFile = Annotated[
    Path, typer.Argument(help="A model's file: model.safetensors, or a job's model.tar.gz.", show_default=False)
]
Manifest = Annotated[Path, typer.Argument(help="A manifest.", show_default=False)]
Attribute = Annotated[
    str | None,
    typer.Option("--label-attribute", help="The attribute that holds the labels; default: the only one there is."),
]


@app.command()
def train(
    manifest: Manifest,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the model goes.")] = Path("model.safetensors"),
    label_attribute: Attribute = None,
    learner: Annotated[str | None, typer.Option(help=f"One of {', '.join(names())}; default: by what is read.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Fit a model to every labeled object, and say how it does on each of them left out.

    [dim]Example:[/]  groundswell model train labeled.manifest -o birds.safetensors
    """
    model, left_out = train_model(read_labeled_manifest(manifest, label_attribute), learner=learner, seed=seed)
    output.write_bytes(model.pack())
    if as_json:
        print_json({"model": str(output), "learner": model.learner.name, **asdict(left_out)})
        return
    console.print(f"{output}: {model.learner.name} of {left_out.objects:,} labels", highlight=False)
    _say(left_out, "left out")


@app.command()
def evaluate(model: ModelFile, manifest: Manifest, label_attribute: Attribute = None, as_json: AsJson = False) -> None:
    """Hold a model against a labeled manifest.

    [dim]Example:[/]  groundswell model evaluate birds.safetensors held-out.manifest
    """
    found = read_model(model).evaluate(read_labeled_manifest(manifest, label_attribute))
    if as_json:
        print_json(asdict(found))
    else:
        _say(found, "right")


@app.command()
def predict(model: ModelFile, manifest: Manifest) -> None:
    """What a model says of each line of a manifest, as JSON Lines on standard output.

    [dim]Example:[/]  groundswell model predict birds.safetensors new.manifest > said.jsonl
    """
    opened = read_model(model)
    found = opened.predict(_objects(manifest, opened.learner.modality))
    for n, one in enumerate(found):
        line = {"id": n, "label": one.label, "margin": round(one.margin, 6)}
        sys.stdout.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode())


@app.command()
def serve(
    model: ModelFile,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8081,
) -> None:
    """Answer at /ping and /invocations, as SageMaker's containers do.

    [dim]Example:[/]  groundswell model serve birds.safetensors --port 8081
    """
    import uvicorn

    from groundswell.cli.model_serving import serving

    app_ = serving(read_model(model))
    console.print(f"serving {model} at http://{host}:{port}/invocations", highlight=False)
    uvicorn.run(app_, host=host, port=port, log_level="warning")


def _objects(manifest: Path, modality: str) -> list[Any]:
    found: list[Any] = []
    for number, raw in enumerate(manifest.read_bytes().splitlines(), 1):
        try:
            line = orjson.loads(raw)
            found.append(line["source"] if modality == "text" else _bytes(manifest.parent / line["source-ref"]))
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            key = "source" if modality == "text" else "source-ref"
            raise InvalidManifest(f"{manifest}, line {number}: expected a JSON object with {key} ({error})") from error
    if not found:
        raise InvalidInput(f"{manifest} has no lines", field="manifest")
    return found


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _say(found: Evaluation, how: str) -> None:
    console.print(f"accuracy {found.accuracy:.2%} ({how}, {found.objects:,} objects)", highlight=False)
    rows = [
        (name, f"{sum(row.values()):,}", f"{row.get(name, 0) / sum(row.values()):.1%}", _most_mistaken(name, row))
        for name, row in sorted(found.confusion.items())
    ]
    print_table(["label", ">objects", ">found", "most often taken for"], rows, empty="no objects")


def _most_mistaken(name: str, row: dict[str, int]) -> str:
    others = {said: count for said, count in row.items() if said != name}
    return max(others, key=lambda said: others[said]) if others else ""
