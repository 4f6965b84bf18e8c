"""The services that this server answers for, each behind a door of its own. A new one is one line here."""

from __future__ import annotations

from groundswell.server.aws.doors import Door
from groundswell.server.aws.elsewhere import ElsewhereInJson, ElsewhereInXml
from groundswell.server.aws.functions import LAMBDA
from groundswell.server.aws.sagemaker import SAGEMAKER
from groundswell.server.aws.sts import STS

DOORS: tuple[Door, ...] = (SAGEMAKER, STS, LAMBDA)
ELSEWHERE: Door = ElsewhereInJson()
ELSEWHERE_IN_XML: Door = ElsewhereInXml()
"""For services of AWS that are not here."""
