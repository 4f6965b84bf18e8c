"""Ground Truth's consolidation request and response (developer guide, "Annotation consolidation function creation")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from groundswell.domain.errors import InvalidInput
from groundswell.hooks.pre_annotation import VERSION


def request(
    job_arn: str,
    *,
    labels: Sequence[str],
    label_attribute: str,
    role_arn: str,
    output_uri: str,
    payload_uri: str,
    kms_key_id: str | None = None,
) -> dict[str, Any]:
    """The event; the objects and their annotations are in the file at `payload_uri`."""
    return {
        "version": VERSION,
        "labelingJobArn": job_arn,
        "labelCategories": list(labels) or None,
        "labelAttributeName": label_attribute,
        "roleArn": role_arn,
        "outputConfig": output_uri,
        **({"kmsKeyId": kms_key_id} if kms_key_id else {}),
        "payload": {"s3Uri": payload_uri},
    }


def read_response(answer: Any, label_attribute: str) -> dict[int, tuple[Any, Mapping[str, Any]]]:
    """Each object's label and metadata, by number; objects left out are not in it. Raises InvalidInput.

    The metadata may be missing; a content without the label attribute is the label itself.
    """
    if not isinstance(answer, Sequence) or isinstance(answer, str):
        raise InvalidInput(
            f'the post-annotation hook: expected a list of {{"datasetObjectId": ..., "consolidatedAnnotation": ...}}, '
            f"got {answer!r:.200}",
            field="hooks.post_annotation",
        )
    found = {}
    for index, entry in enumerate(answer):
        try:
            n = int(entry["datasetObjectId"])
            content = entry["consolidatedAnnotation"]["content"]
            metadata = content.get(f"{label_attribute}-metadata") or {}
            value = content.get(label_attribute, {} if metadata else content)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(
                f"the post-annotation hook, entry {index}: expected datasetObjectId and consolidatedAnnotation.content "
                f"(an object), got {entry!r:.200}",
                field="hooks.post_annotation",
            ) from error
        found[n] = (value, metadata)
    return found
