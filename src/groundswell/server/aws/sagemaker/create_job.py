"""CreateLabelingJob: the request made into a job's specification, by which everything else goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from groundswell.domain.arns import resource_of
from groundswell.domain.errors import GroundswellError, InvalidInput, InvalidTemplate, NotFound
from groundswell.domain.people import PUBLIC, TeamKind
from groundswell.server.aws.doors import Call
from groundswell.server.aws.errors import AwsError
from groundswell.server.aws.sagemaker.audits import audited_attribute
from groundswell.server.aws.sagemaker.common import Given, arns_of, invalid, naming, storage_uri, tags_in
from groundswell.server.aws.sagemaker.label_categories import LabelCategories, read_label_categories
from groundswell.server.aws.sagemaker.prices import price_usd
from groundswell.server.aws.sagemaker.tasks import AskedTask, asked_task, check_algorithm, check_own_ui, is_sagemakers
from groundswell.server.aws.sagemaker.teams import team_name
from groundswell.service import labeling_jobs, work_teams, worker_uis
from groundswell.service.access import Action, require_here

_LONGEST_TASK_S = 28_800
_LONGEST_AVAILABLE_S: Mapping[TeamKind, int] = {
    TeamKind.PRIVATE: 2_592_000,
    TeamKind.VENDOR: 2_592_000,
    TeamKind.PUBLIC: 43_200,
}
_AVAILABLE_S: Mapping[TeamKind, int] = {
    TeamKind.PRIVATE: 2_592_000,
    TeamKind.VENDOR: 2_592_000,
    TeamKind.PUBLIC: 21_600,
}
_MOST_TEMPLATE = 1_000_000
_MOST_CATEGORIES = 4 << 20


def create_labeling_job(call: Call, given: Given) -> Given:
    """CreateLabelingJob."""
    require_here(call.caller.principal, Action.CREATE_JOB)
    spec = specification(call, given)
    request = {name: value for name, value in given.items() if name != "Tags"}
    with naming(conflict=("ResourceInUse", f"The labeling job {given['LabelingJobName']} already exists")):
        try:
            job = labeling_jobs.create(call.here, call.caller.principal, spec, request=request)
        except InvalidTemplate as error:
            ui: Given = given["HumanTaskConfig"]["UiConfig"]
            where = ui.get("UiTemplateS3Uri") or ui.get("HumanTaskUiArn")
            raise invalid(f"The template {where} at 'humanTaskConfig.uiConfig': {error.message}") from error
    return {"LabelingJobArn": arns_of(call).job(job.name)}


def specification(call: Call, given: Given) -> dict[str, Any]:
    """The request as a job's specification; raises AwsError, GroundswellError for what cannot be."""
    config: Given = given["HumanTaskConfig"]
    task = asked_task(config)
    manifest = _manifest(given)
    categories = _categories(call, given, task)
    template = _template(call, config, task)
    algorithms = given.get("LabelingJobAlgorithmsConfig")
    if algorithms is not None:
        check_algorithm(algorithms["LabelingJobAlgorithmSpecificationArn"], task)
    return {
        "name": given["LabelingJobName"],
        "task_type": task.kind.name,
        "input": manifest,
        "input_format": "manifest",
        "output": storage_uri(given["OutputConfig"]["S3OutputPath"], "outputConfig.s3OutputPath"),
        "label_attribute": given["LabelAttributeName"],
        "labels": list(categories.labels),
        "label_details": categories.details,
        "title": config["TaskTitle"],
        "description": config["TaskDescription"],
        "keywords": config.get("TaskKeywords", []),
        "instructions": {
            "header": config["TaskTitle"],
            "short": categories.short_instructions,
            "full": categories.full_instructions,
        },
        "template": template,
        "workers": _workers(call, given, config, task),
        "auto_labeling": {
            "enabled": algorithms is not None,
            "initial_model": (algorithms or {}).get("InitialActiveLearningModelArn"),
        },
        "stop_when": _stop_when(given),
        "hooks": {"pre_annotation": task.pre_annotation, "post_annotation": task.post_annotation},
        "audit_attribute": _audited(call, given, task, manifest, categories, template),
        "tags": tags_in(given),
    }


def _manifest(given: Given) -> str:
    source: Given = given["InputConfig"]["DataSource"]
    if "SnsDataSource" in source:
        raise invalid("SnsDataSource: streaming labeling jobs are not supported on this server yet; use S3DataSource")
    if "S3DataSource" not in source:
        raise invalid("InputConfig.DataSource: expected S3DataSource or SnsDataSource, got neither")
    return storage_uri(source["S3DataSource"]["ManifestS3Uri"], "inputConfig.dataSource.s3DataSource.manifestS3Uri")


def _categories(call: Call, given: Given, task: AskedTask) -> LabelCategories:
    uri = given.get("LabelCategoryConfigS3Uri")
    if not uri:
        if task.kind.min_labels:
            raise invalid(f"LabelCategoryConfigS3Uri is required for {task.name} tasks")
        return LabelCategories()
    return read_label_categories(_read(call, uri, "labelCategoryConfigS3Uri", _MOST_CATEGORIES), uri)


def _template(call: Call, config: Given, task: AskedTask) -> str | None:
    """The worker task template; None where the task type's own is asked for."""
    ui: Given = config["UiConfig"]
    uri, arn = str(ui.get("UiTemplateS3Uri", "")), str(ui.get("HumanTaskUiArn", ""))
    if bool(uri) == bool(arn):
        raise invalid("UiConfig: expected exactly one of UiTemplateS3Uri and HumanTaskUiArn")
    if uri:
        raw = _read(call, uri, "humanTaskConfig.uiConfig.uiTemplateS3Uri", _MOST_TEMPLATE)
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise invalid(f"The template {uri} is not text in UTF-8: {error}") from error
    if is_sagemakers(arn):
        check_own_ui(arn, task)
        return None
    resource = resource_of(arn)
    assert resource is not None  # the model's pattern says so
    with naming(not_found=("ValidationException", f"The worker UI {arn} does not exist")):
        return worker_uis.describe(call.here, call.caller.principal, resource.name).template


def _workers(call: Call, given: Given, config: Given, task: AskedTask) -> dict[str, Any]:
    arn: str = config["WorkteamArn"]
    with naming(not_found=("ValidationException", f"The work team {arn} does not exist")):
        team = work_teams.describe(call.here, call.caller.principal, team_name(arn)).team
    said = given["InputConfig"].get("DataAttributes", {}).get("ContentClassifiers", ())
    price = price_usd(config.get("PublicWorkforceTaskPrice"), task.name)
    if team.kind is TeamKind.PUBLIC and price is None:
        raise invalid("PublicWorkforceTaskPrice is required for the public workforce")
    return {
        "team": PUBLIC if team.kind is TeamKind.PUBLIC else team.name,
        "per_object": config["NumberOfHumanWorkersPerDataObject"],
        "task_time_limit": _at_most(config["TaskTimeLimitInSeconds"], _LONGEST_TASK_S, "taskTimeLimitInSeconds"),
        "availability": _at_most(
            config.get("TaskAvailabilityLifetimeInSeconds", _AVAILABLE_S[team.kind]),
            _LONGEST_AVAILABLE_S[team.kind],
            "taskAvailabilityLifetimeInSeconds",
        ),
        "max_concurrent_objects": config.get("MaxConcurrentTaskCount", 1_000),
        "price_usd": str(price or 0),
        "no_adult_content": "FreeOfAdultContent" in said,
        "no_personal_data": "FreeOfPersonallyIdentifiableInformation" in said,
    }


def _stop_when(given: Given) -> dict[str, Any]:
    conditions = given.get("StoppingConditions", {})
    return {
        "human_labeled": conditions.get("MaxHumanLabeledObjectCount"),
        "labeled_percent": conditions.get("MaxPercentageOfInputDatasetLabeled"),
    }


def _audited(
    call: Call, given: Given, task: AskedTask, manifest: str, categories: LabelCategories, template: str | None
) -> str | None:
    """The earlier label that a verification or adjustment looks at."""
    if task.kind.audit_of is None:
        return None
    if categories.audited:
        return categories.audited
    storage = call.here.storage_of(call.caller.principal)
    with _reading(manifest, "inputConfig.dataSource.s3DataSource.manifestS3Uri"):
        found = audited_attribute(
            storage, manifest, task_name=task.name, template=template or "", but=given["LabelAttributeName"]
        )
    if found is None:
        raise invalid(
            f"The manifest {manifest} has no label of an earlier job on its first line, which {task.name} tasks look "
            f"at (LabelAttributeName is for the new labels: {given['LabelAttributeName']!r} is not it)"
        )
    return found


def _at_most(seconds: int, most: int, member: str) -> int:
    if seconds > most:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{seconds}' at 'humanTaskConfig.{member}' failed to satisfy "
            f"constraint: Member must have value less than or equal to {most}",
        )
    return seconds


def _read(call: Call, uri: str, member: str, most: int) -> bytes:
    """An object that the request names, of a size that can be."""
    storage = call.here.storage_of(call.caller.principal)
    address = storage_uri(uri, member)
    with _reading(uri, member):
        if storage.size(address) > most:
            raise invalid(f"The object {uri} at '{member}' is too large: expected at most {most:,} bytes")
        return storage.read(address)


@contextmanager
def _reading(uri: str, member: str) -> Iterator[None]:
    """What a storage says of an object that the request names, as a refusal of the request."""
    try:
        yield
    except (NotFound, InvalidInput) as error:
        raise invalid(f"The object {uri} at '{member}' cannot be read: {error.message}") from error
    except GroundswellError as error:
        if error.code != "forbidden":
            raise
        raise AwsError("AccessDeniedException", f"The object {uri} at '{member}': {error.message}") from error
