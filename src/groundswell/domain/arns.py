"""Amazon resource names: what a workspace's jobs, teams, workforces, worker UIs and functions are called in ARNs."""

from __future__ import annotations

import re
from dataclasses import dataclass

AWS_ACCOUNT = "394669845002"
"""SageMaker's own, of the public crowd and the worker UIs that come with it."""

_SAGEMAKER = re.compile(r"arn:(aws[a-z-]*):sagemaker:([a-z0-9-]*):(\d{12}):([a-z-]+)/(.+)")
_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]*:\d{12}:function:([A-Za-z0-9_-]{1,64})(?::[^:]+)?")


@dataclass(frozen=True)
class Arns:
    """The names of an account and region."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        """aws, or that of the regions of China and of the government of the United States."""
        return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(re.split(r"-(?=[a-z]+-\d)", self.region)[0], "aws")

    def job(self, name: str) -> str:
        """A labeling job's; its name is without case."""
        return self._sagemaker(f"labeling-job/{name.lower()}")

    def private_team(self, name: str) -> str:
        return self._sagemaker(f"workteam/private-crowd/{name}")

    def vendor_team(self, name: str) -> str:
        return self._sagemaker(f"workteam/vendor-crowd/{name}")

    def public_team(self) -> str:
        """The open crowd's, which is the same for every account."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{AWS_ACCOUNT}:workteam/public-crowd/default"

    def workforce(self, name: str) -> str:
        return self._sagemaker(f"workforce/{name}")

    def worker_ui(self, name: str) -> str:
        return self._sagemaker(f"human-task-ui/{name}")

    def model(self, name: str) -> str:
        """A kept model's; its name is without case."""
        return self._sagemaker(f"model/{name.lower()}")

    def function(self, name: str) -> str:
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{name}"

    def role(self, name: str = "groundswell") -> str:
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"

    def _sagemaker(self, resource: str) -> str:
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True)
class Resource:
    """What an ARN of SageMaker names."""

    region: str
    account: str
    kind: str  # labeling-job, workteam, workforce, human-task-ui
    name: str  # of a work team `private-crowd/<name>` and so on


def resource_of(arn: str) -> Resource | None:
    """What an ARN of SageMaker names; None for what is none."""
    match = _SAGEMAKER.fullmatch(arn)
    return Resource(match[2], match[3], match[4], match[5]) if match else None


def function_name(arn: str) -> str | None:
    """The name of the function that a Lambda ARN names; None for what is none."""
    match = _FUNCTION.fullmatch(arn)
    return match[1] if match else None
