"""Every request of the API as a value: method, path, body and how to read the answer. Both clients run these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from groundswell.wire import accounts, events, hooks, jobs, work
from groundswell.wire import auto_labeling as loops
from groundswell.wire.job_spec import JobSpec

T = TypeVar("T")
API = "/api/v1"


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request and how to read its answer (None stands for an empty one)."""

    method: str
    path: str
    read: Callable[[Any], T]
    body: Any = None
    params: Mapping[str, Any] = field(default_factory=dict)


def _as(kind: type[T]) -> Callable[[Any], T]:
    return TypeAdapter(kind).validate_python


def _maybe(kind: type[T]) -> Callable[[Any], T | None]:
    read = _as(kind)
    return lambda answer: None if answer is None else read(answer)


def _nothing(_answer: Any) -> None:
    return None


def _json(model: BaseModel) -> Any:
    return model.model_dump(mode="json", exclude_unset=True)


def _given(**params: Any) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _job(name: str, rest: str = "") -> str:
    return f"{API}/jobs/{quote(name, safe='')}{rest}"


def sign_in(email: str, password: str) -> Call[accounts.Session]:
    return Call("POST", f"{API}/sessions", _as(accounts.Session), {"email": email, "password": password})


def me() -> Call[accounts.Me]:
    return Call("GET", f"{API}/me", _as(accounts.Me))


def register(body: accounts.Register) -> Call[accounts.Session]:
    return Call("POST", f"{API}/workers", _as(accounts.Session), _json(body))


def new_worker(body: accounts.NewWorker) -> Call[accounts.WorkerMade]:
    return Call("POST", f"{API}/workers/new", _as(accounts.WorkerMade), _json(body))


def list_workers(team: str | None, limit: int, after: str | None) -> Call[accounts.WorkerPage]:
    return Call("GET", f"{API}/workers", _as(accounts.WorkerPage), params=_given(team=team, limit=limit, after=after))


def patch_worker(worker_id: str, body: accounts.PatchWorker) -> Call[accounts.Worker]:
    return Call("PATCH", f"{API}/workers/{quote(worker_id, safe='')}", _as(accounts.Worker), _json(body))


def list_keys() -> Call[list[accounts.Key]]:
    return Call("GET", f"{API}/keys", _as(list[accounts.Key]))


def new_key(name: str, days: int | None) -> Call[accounts.KeyMade]:
    return Call("POST", f"{API}/keys", _as(accounts.KeyMade), {"name": name, "days": days})


def drop_key(key_id: str) -> Call[None]:
    return Call("DELETE", f"{API}/keys/{quote(key_id, safe='')}", _nothing)


def list_access_keys() -> Call[list[accounts.AccessKey]]:
    return Call("GET", f"{API}/access-keys", _as(list[accounts.AccessKey]))


def new_access_key(name: str, days: int | None, role: str | None) -> Call[accounts.AccessKeyMade]:
    body = {"name": name, "days": days, "role": role}
    return Call("POST", f"{API}/access-keys", _as(accounts.AccessKeyMade), body)


def drop_access_key(key_id: str) -> Call[None]:
    return Call("DELETE", f"{API}/access-keys/{quote(key_id, safe='')}", _nothing)


def list_workspaces() -> Call[list[accounts.Workspace]]:
    return Call("GET", f"{API}/workspaces", _as(list[accounts.Workspace]))


def new_workspace(body: accounts.NewWorkspace) -> Call[accounts.Workspace]:
    return Call("POST", f"{API}/workspaces", _as(accounts.Workspace), _json(body))


def workspace_members(name: str, limit: int, after: str | None) -> Call[accounts.WorkerPage]:
    path = f"{API}/workspaces/{quote(name, safe='')}/members"
    return Call("GET", path, _as(accounts.WorkerPage), params=_given(limit=limit, after=after))


def set_workspace_member(name: str, worker_id: str, body: accounts.SetMember) -> Call[accounts.Worker]:
    path = f"{API}/workspaces/{quote(name, safe='')}/members/{quote(worker_id, safe='')}"
    return Call("PUT", path, _as(accounts.Worker), _json(body))


def choose_workspace(name: str) -> Call[accounts.Workspace]:
    return Call("PUT", f"{API}/me/workspace", _as(accounts.Workspace), {"name": name})


def patch_workspace(name: str, body: accounts.PatchWorkspace) -> Call[accounts.Workspace]:
    return Call("PATCH", f"{API}/workspaces/{quote(name, safe='')}", _as(accounts.Workspace), _json(body))


def list_teams() -> Call[list[accounts.Team]]:
    return Call("GET", f"{API}/teams", _as(list[accounts.Team]))


def new_team(body: accounts.NewTeam) -> Call[accounts.Team]:
    return Call("POST", f"{API}/teams", _as(accounts.Team), _json(body))


def drop_team(name: str) -> Call[None]:
    return Call("DELETE", f"{API}/teams/{quote(name, safe='')}", _nothing)


def add_member(team: str, email: str) -> Call[Any]:
    return Call("POST", f"{API}/teams/{quote(team, safe='')}/members", _as(object), {"email": email})


def invite(team: str, days: int, max_uses: int) -> Call[accounts.Invitation]:
    path = f"{API}/teams/{quote(team, safe='')}/invitations"
    return Call("POST", path, _as(accounts.Invitation), {"days": days, "max_uses": max_uses})


def begin_upload() -> Call[str]:
    """The URI of a new folder for files."""
    return Call("POST", f"{API}/uploads", lambda answer: str(answer["uri"]), {})


def upload_path(folder: str, name: str) -> str:
    """Where a file is put into the folder of an upload."""
    return f"{API}/uploads/{folder.rstrip('/').rsplit('/', 1)[-1]}/{quote(name)}"


def output_path(job: str) -> str:
    """Where a job's output manifest streams from."""
    return _job(job, "/output")


def file_path(job: str, n: int) -> str:
    """Where the file of an object's label streams from, such as its mask."""
    return _job(job, f"/objects/{n}/file")


def event_filters(
    kind: str | None, actor: str | None, job: str | None, since: datetime | None, until: datetime | None
) -> dict[str, Any]:
    """Which events are asked for, as parameters."""
    times = {"since": since, "until": until}
    given = {name: at.isoformat() for name, at in times.items() if at is not None}
    return _given(kind=kind, actor=actor, job=job) | given


def list_events(filters: Mapping[str, Any], limit: int, after: str | None) -> Call[events.EventPage]:
    params = _given(**filters, limit=limit, after=after)
    return Call("GET", f"{API}/events", _as(events.EventPage), params=params)


def task_types() -> Call[list[jobs.TaskTypeOut]]:
    return Call("GET", f"{API}/task-types", _as(list[jobs.TaskTypeOut]))


def create_job(spec: JobSpec | Mapping[str, Any]) -> Call[jobs.Job]:
    body = _json(spec) if isinstance(spec, JobSpec) else dict(spec)
    return Call("POST", f"{API}/jobs", _as(jobs.Job), body)


def follow_job(name: str, body: jobs.FollowUp) -> Call[jobs.Job]:
    return Call("POST", _job(name, "/follow-ups"), _as(jobs.Job), _json(body))


def import_job(body: jobs.ImportJob) -> Call[jobs.Imported]:
    return Call("POST", f"{API}/jobs/import", _as(jobs.Imported), _json(body))


def readable(spec: JobSpec | Mapping[str, Any]) -> JobSpec | None:
    """A specification as its type; None for one that cannot be read: the server says everything against it at once."""
    try:
        return spec if isinstance(spec, JobSpec) else JobSpec.model_validate(dict(spec))
    except ValidationError:
        return None


def describe_job(name: str) -> Call[jobs.Job]:
    return Call("GET", _job(name), _as(jobs.Job))


def list_jobs(state: str | None, name: str | None, limit: int, after: str | None) -> Call[jobs.JobPage]:
    params = _given(state=state, name=name, limit=limit, after=after)
    return Call("GET", f"{API}/jobs", _as(jobs.JobPage), params=params)


def change_job(name: str, verb: str, body: BaseModel | None = None) -> Call[jobs.Job]:
    """verb: pause, resume, stop or extend."""
    return Call("POST", _job(name, f"/{verb}"), _as(jobs.Job), None if body is None else _json(body))


def delete_job(name: str, files: bool) -> Call[None]:
    return Call("DELETE", _job(name), _nothing, params=_given(files=files or None))


def delete_worker(worker_id: str, answers: str) -> Call[None]:
    return Call("DELETE", f"{API}/workers/{quote(worker_id, safe='')}", _nothing, params={"answers": answers})


def job_report(name: str) -> Call[dict[str, Any]]:
    return Call("GET", _job(name, "/report"), _as(dict[str, Any]))


def list_objects(name: str, filters: Mapping[str, Any], limit: int, after: str | None) -> Call[jobs.ObjectPage]:
    params = _given(**filters, limit=limit, after=after)
    return Call("GET", _job(name, "/objects"), _as(jobs.ObjectPage), params=params)


def describe_object(name: str, n: int) -> Call[jobs.ObjectDetail]:
    return Call("GET", _job(name, f"/objects/{n}"), _as(jobs.ObjectDetail))


def put_back(name: str, numbers: list[int] | None) -> Call[jobs.Count]:
    return Call("POST", _job(name, "/objects/put-back"), _as(jobs.Count), {"objects": numbers})


def withdraw_labels(name: str, numbers: list[int] | None, reason: str) -> Call[jobs.Count]:
    body = jobs.WithdrawLabels(objects=numbers, reason=reason)
    return Call("POST", _job(name, "/objects/withdraw-labels"), _as(jobs.Count), _json(body))


def auto_labeling(name: str) -> Call[loops.AutoLabeling]:
    return Call("GET", _job(name, "/auto-labeling"), _as(loops.AutoLabeling))


def undo_attempt(name: str, attempt: int) -> Call[jobs.Count]:
    body = loops.Undo(attempt=attempt)
    return Call("POST", _job(name, "/auto-labeling/undo"), _as(jobs.Count), _json(body))


def end_auto_labeling(name: str) -> Call[loops.AutoLabeling]:
    return Call("POST", _job(name, "/auto-labeling/end"), _as(loops.AutoLabeling))


def overrule(name: str, n: int, category: str, reason: str) -> Call[None]:
    body = loops.Overrule(category=category, reason=reason)
    return Call("POST", _job(name, f"/objects/{n}/overrule"), _nothing, _json(body))


def check_manifest(body: jobs.ManifestCheck) -> Call[jobs.ManifestReport]:
    return Call("POST", f"{API}/manifests/check", _as(jobs.ManifestReport), _json(body))


def preview_job(body: jobs.Preview) -> Call[jobs.PreviewOut]:
    return Call("POST", f"{API}/jobs/preview", _as(jobs.PreviewOut), _json(body))


def my_jobs() -> Call[work.MyJobs]:
    return Call("GET", f"{API}/me/jobs", _as(work.MyJobs))


def take_task(job: str, holding: list[str]) -> Call[work.TakenTask | None]:
    return Call("POST", _job(job, "/assignments"), _maybe(work.TakenTask), {"holding": holding})


def submit(assignment_id: str, body: work.SubmitRequest) -> Call[work.SubmitResponse]:
    path = f"{API}/assignments/{quote(assignment_id, safe='')}/annotation"
    return Call("PUT", path, _as(work.SubmitResponse), body.model_dump(mode="json"))


def give_up(assignment_id: str, verb: str, reason: str = "") -> Call[None]:
    """verb: return or decline; a reason is told to the requester."""
    path = f"{API}/assignments/{quote(assignment_id, safe='')}/{verb}"
    return Call("POST", path, _nothing, {"reason": reason} if reason else None)


def list_hooks() -> Call[list[hooks.RegisteredHook]]:
    return Call("GET", f"{API}/hooks", _as(list[hooks.RegisteredHook]))


def put_hook(name: str, body: hooks.NewHook) -> Call[hooks.RegisteredHook]:
    return Call("PUT", f"{API}/hooks/{quote(name, safe='')}", _as(hooks.RegisteredHook), _json(body))


def test_hook(name: str, event: Any) -> Call[hooks.HookAnswer]:
    return Call("POST", f"{API}/hooks/{quote(name, safe='')}/test", _as(hooks.HookAnswer), {"event": event})


def endpoint_secret(url: str) -> Call[hooks.EndpointSecret]:
    return Call("GET", f"{API}/hooks/secret", _as(hooks.EndpointSecret), params={"url": url})


def drop_hook(name: str) -> Call[None]:
    return Call("DELETE", f"{API}/hooks/{quote(name, safe='')}", _nothing)
