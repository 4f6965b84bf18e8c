"""Amazon SageMaker, as far as Ground Truth is in it: one file per noun, each a table of operations."""

from __future__ import annotations

from groundswell.server.aws.protocol import JsonService, Operation

OPERATIONS: dict[str, Operation] = {}

SAGEMAKER = JsonService("sagemaker", OPERATIONS, target="SageMaker", scopes=frozenset({"sagemaker"}))
