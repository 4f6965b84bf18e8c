"""What a worker sees of one data object: the `task.input` of its template, and which template.

The portal's frame, the console's preview and the worker API show the same thing because all of them ask here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import nh3

from groundswell.domain.addresses import resolve
from groundswell.wire.job_spec import JobSpec

ALLOWED_TAGS = nh3.ALLOWED_TAGS | {"img", "figure", "figcaption", "video", "audio", "source", "section"}

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def instructions_html(text: str) -> str:
    """Instructions as safe HTML: tags are kept when they are harmless, plain text keeps its line breaks."""
    if not text:
        return ""
    if not _TAG.search(text):
        paragraphs = (escape(part.strip()).replace("\n", "<br>") for part in text.strip().split("\n\n"))
        return "".join(f"<p>{part}</p>" for part in paragraphs)
    return nh3.clean(text, tags=ALLOWED_TAGS, url_schemes={"http", "https", "mailto", "data", "s3"})


def task_input(
    spec: JobSpec,
    manifest_line: Mapping[str, Any],
    *,
    manifest_uri: str,
    hook_input: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The template's `task.input`.

    A pre-annotation hook's answer is used as it is. Otherwise it is what Ground Truth's own functions give
    (`taskObject`, `labels`, `manifestLine`), the job's instructions, and every key of the manifest line, so that a
    template of one's own may say `task.input.source-ref` as well as `task.input.taskObject`.
    """
    if hook_input is not None:
        return dict(hook_input)
    reference = manifest_line.get("source-ref")
    uri = resolve(reference, manifest_uri) if isinstance(reference, str) else None
    view = spec.instructions
    given = {**manifest_line, "source-ref": uri} if uri else dict(manifest_line)
    of_job = {
        "taskObject": uri or manifest_line.get("source", ""),
        "labels": labels_of(spec),
        "manifestLine": dict(manifest_line),
        "auditLabelAttributeName": spec.audit_attribute,
        "header": view.header or spec.title or spec.name,
        "shortInstructions": instructions_html(view.short),
        "fullInstructions": instructions_html(view.full),
        "goodExample": view.good_example,
        "goodExampleText": view.good_example_text,
        "badExample": view.bad_example,
        "badExampleText": view.bad_example_text,
    }
    # Without a function the line is a template's whole input: what it says wins over what the job says.
    return {**of_job, **given} if spec.template else {**given, **of_job}


def labels_of(spec: JobSpec) -> list[str | dict[str, Any]]:
    """The job's labels as templates see them: names, or objects where the job gives more than the name."""
    return [{"label": one, **spec.label_details[one]} if one in spec.label_details else one for one in spec.labels]


def public_input(manifest_line: Mapping[str, Any], *, manifest_uri: str, link: Callable[[str], str]) -> dict[str, Any]:
    """The manifest line for programs that work over the API, with `source-ref` as a link they can fetch."""
    reference = manifest_line.get("source-ref")
    if not isinstance(reference, str):
        return dict(manifest_line)
    return {**manifest_line, "source-ref": link(resolve(reference, manifest_uri))}
