"""Human task UIs: worker task templates kept by name, and RenderUiTemplate."""

from __future__ import annotations

from groundswell.domain.arns import resource_of
from groundswell.domain.errors import InvalidInput, NotFound
from groundswell.server.aws.doors import Call
from groundswell.server.aws.sagemaker.common import NOT_FOUND, Given, arns_of, invalid, naming, paged, tags_in
from groundswell.service import worker_uis
from groundswell.wire.worker_uis import NewWorkerUi


def create_human_task_ui(call: Call, given: Given) -> Given:
    """CreateHumanTaskUi."""
    name = given["HumanTaskUiName"]
    asked = NewWorkerUi(name=name, template=given["UiTemplate"]["Content"], tags=tags_in(given))
    with naming(conflict=("ResourceInUse", f"The worker UI {name} already exists")):
        worker_uis.create(call.here, call.caller.principal, asked)
    return {"HumanTaskUiArn": arns_of(call).worker_ui(name)}


def describe_human_task_ui(call: Call, given: Given) -> Given:
    """DescribeHumanTaskUi."""
    with naming(not_found=("ResourceNotFound", NOT_FOUND)):
        found = worker_uis.describe(call.here, call.caller.principal, given["HumanTaskUiName"])
    principal = call.caller.principal
    link = call.here.links.of(principal.id, principal.workspace_id).worker_ui(found.name)
    return {
        "HumanTaskUiArn": arns_of(call).worker_ui(found.name),
        "HumanTaskUiName": found.name,
        "HumanTaskUiStatus": "Active",
        "CreationTime": found.created_at,
        "UiTemplate": {
            "Url": call.base_url + link,
            "ContentSha256": found.sha256,
        },
    }


def list_human_task_uis(call: Call, given: Given) -> Given:
    """ListHumanTaskUis."""
    after, before = given.get("CreationTimeAfter"), given.get("CreationTimeBefore")
    found = [
        ui
        for ui in worker_uis.every(call.here, call.caller.principal)
        if (after is None or ui.created_at > after) and (before is None or ui.created_at < before)
    ]
    if given.get("SortOrder") == "Descending":
        found.reverse()
    page, more = paged("ListHumanTaskUis", found, given, "name")
    arns = arns_of(call)
    shown = [
        {
            "HumanTaskUiName": ui.name,
            "HumanTaskUiArn": arns.worker_ui(ui.name),
            "CreationTime": ui.created_at,
        }
        for ui in page
    ]
    return {"HumanTaskUiSummaries": shown, **more}


def delete_human_task_ui(call: Call, given: Given) -> None:
    """DeleteHumanTaskUi."""
    with naming(not_found=("ResourceNotFound", NOT_FOUND)):
        worker_uis.remove(call.here, call.caller.principal, given["HumanTaskUiName"])


def render_ui_template(call: Call, given: Given) -> Given:
    """RenderUiTemplate: what cannot be rendered is said in Errors, with status 200."""
    principal, base = call.caller.principal, call.base_url
    links = call.here.links.of(principal.id, principal.workspace_id)

    def link(uri: str) -> str:
        found = links.media(uri)
        return base + found if found.startswith("/") else found

    template = _template(call, given)
    try:
        page = worker_uis.rendered(
            principal, template, given["Task"]["Input"], link=link, assets=f"{base}/static/elements"
        )
    except InvalidInput as error:
        code = "InvalidTaskInput" if error.field == "task_input" else "InvalidTemplate"
        return {"RenderedContent": "", "Errors": [{"Code": code, "Message": error.message}]}
    return {"RenderedContent": page, "Errors": []}


def _template(call: Call, given: Given) -> str:
    content, arn = given.get("UiTemplate", {}).get("Content"), given.get("HumanTaskUiArn")
    if (content is None) == (arn is None):
        raise invalid("expected exactly one of UiTemplate and HumanTaskUiArn")
    if content is not None:
        return str(content)
    resource = resource_of(arn or "")
    with naming(not_found=("ResourceNotFound", NOT_FOUND)):
        if resource is None:
            raise NotFound(f"there is no worker UI {arn}")
        return worker_uis.describe(call.here, call.caller.principal, resource.name).template
