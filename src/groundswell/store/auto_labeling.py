"""Loops of automated labeling, their decisions, and models that are kept."""

from __future__ import annotations

from groundswell.domain.auto_labeling import AutoLabeling, Decision, DecisionKind, Model, Phase
from groundswell.domain.errors import NotFound
from groundswell.store.codec import from_json, micros, moment, to_json
from groundswell.store.session import Row, Session

_LOOP = "job_id, phase, seed, began_at, changed_at, round, attempt, reason, notes"
_MODEL = "name, task_type, labels, learner, uri, created_at, created_by, job, measures, workspace_id"


class SqlAutoLabeling:
    """`service.ports.AutoLabelingRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, job_id: int) -> AutoLabeling | None:
        row = self._session.row(f"SELECT {_LOOP} FROM auto_labelings WHERE job_id = :job_id", job_id=job_id)
        return None if row is None else _loop(row)

    def put(self, loop: AutoLabeling) -> None:
        self._session.run(
            f"""
            INSERT INTO auto_labelings ({_LOOP})
            VALUES (:job_id, :phase, :seed, :began_at, :changed_at, :round, :attempt, :reason, :notes)
            ON CONFLICT (job_id) DO UPDATE SET phase = excluded.phase, changed_at = excluded.changed_at,
                round = excluded.round, attempt = excluded.attempt, reason = excluded.reason, notes = excluded.notes
            """,
            job_id=loop.job_id,
            phase=loop.phase.value,
            seed=loop.seed,
            began_at=micros(loop.began_at),
            changed_at=micros(loop.changed_at),
            round=loop.round,
            attempt=loop.attempt,
            reason=loop.reason,
            notes=to_json(dict(loop.notes)),
        )

    def decide(self, decision: Decision) -> None:
        self._session.run(
            """
            INSERT INTO auto_decisions (job_id, kind, number, at, data) VALUES (:job_id, :kind, :number, :at, :data)
            ON CONFLICT (job_id, kind, number) DO UPDATE SET at = excluded.at, data = excluded.data
            """,
            job_id=decision.job_id,
            kind=decision.kind.value,
            number=decision.number,
            at=micros(decision.at),
            data=to_json(dict(decision.data)),
        )

    def decisions(self, job_id: int, kind: DecisionKind) -> list[Decision]:
        rows = self._session.rows(
            "SELECT number, at, data FROM auto_decisions WHERE job_id = :job_id AND kind = :kind ORDER BY number",
            job_id=job_id,
            kind=kind.value,
        )
        return [Decision(job_id, kind, number, moment(at), from_json(data)) for number, at, data in rows]


class SqlModels:
    """`service.ports.ModelRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, model: Model) -> None:
        self._session.run(
            f"""
            INSERT INTO models ({_MODEL})
            VALUES (:name, :task_type, :labels, :learner, :uri, :created_at, :created_by, :job, :measures, :workspace)
            ON CONFLICT (name) DO UPDATE SET task_type = excluded.task_type, labels = excluded.labels,
                learner = excluded.learner, uri = excluded.uri, created_at = excluded.created_at,
                created_by = excluded.created_by, job = excluded.job, measures = excluded.measures
            """,
            name=model.name,
            task_type=model.task_type,
            labels=to_json(list(model.labels)),
            learner=model.learner,
            uri=model.uri,
            created_at=micros(model.created_at),
            created_by=model.created_by,
            job=model.job,
            measures=to_json(dict(model.measures)),
            workspace=model.workspace_id,
        )

    def get(self, name: str) -> Model:
        row = self._session.row(f"SELECT {_MODEL} FROM models WHERE name = :name", name=name)
        if row is None:
            raise NotFound(f"there is no model named {name!r}", field="name")
        return _model(row)

    def select(self, workspace_id: str) -> list[Model]:
        rows = self._session.rows(
            f"SELECT {_MODEL} FROM models WHERE workspace_id = :workspace ORDER BY created_at DESC, name",
            workspace=workspace_id,
        )
        return [_model(row) for row in rows]


def _loop(row: Row) -> AutoLabeling:
    job_id, phase, seed, began_at, changed_at, number, attempt, reason, notes = row
    return AutoLabeling(
        job_id, Phase(phase), seed, moment(began_at), moment(changed_at), number, attempt, reason, from_json(notes)
    )


def _model(row: Row) -> Model:
    name, task_type, labels, learner, uri, created_at, created_by, job, measures, workspace_id = row
    return Model(
        name,
        task_type,
        tuple(from_json(labels)),
        learner,
        uri,
        moment(created_at),
        created_by,
        job,
        from_json(measures),
        workspace_id,
    )
