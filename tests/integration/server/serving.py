"""A server over SQLite in a folder of its own, people who are signed in, and a job with answers."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import orjson
from fastapi import FastAPI
from PIL import Image, ImageDraw
from starlette.testclient import TestClient

from groundswell.bootstrap import new_id, open_storage, open_store, utc_now
from groundswell.domain.labels import Label
from groundswell.domain.people import MAIN, Account, Principal, Role
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ObjectState
from groundswell.server.app import create_app
from groundswell.server.links import Links, SignedLinks
from groundswell.service import accounts, assignments, labeling_jobs, sign_in
from groundswell.service.annotations import submit
from groundswell.service.context import Context
from groundswell.service.passwords import hash_password
from groundswell.service.ports import ObjectStorage, Store, Transaction
from groundswell.settings import Settings
from groundswell.testing.acting import acting, member

PASSWORD = "correct horse"
_HASH = hash_password(PASSWORD)
BUCKET = "s3://pictures"


class TurningClock:
    """A clock that stands where it is put, or goes, and can be turned."""

    def __init__(self, *, standing: bool = True) -> None:
        self._stands_at = utc_now() if standing else None
        self._turned = timedelta()

    def __call__(self) -> datetime:
        return (self._stands_at or utc_now()) + self._turned

    def turn(self, **by: float) -> None:
        """Let time pass."""
        self._turned += timedelta(**by)


@dataclass
class Served:
    """The app with its ports."""

    app: FastAPI
    store: Store
    storage: ObjectStorage
    clock: TurningClock
    settings: Settings
    people: dict[str, Account] = field(default_factory=dict)

    @property
    def acts(self) -> Context:
        """What acts need of this server."""
        found: Context = self.app.state.context
        return found

    def links(self, name: str = "rita") -> Links:
        """Signed links of a person."""
        found: SignedLinks = self.app.state.context.links
        return found.of(self.person(name, Role.REQUESTER, Role.WORKER).id, MAIN)

    def client(self, token: str | None = None) -> TestClient:
        """A client; with a token, of that person."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return TestClient(self.app, headers=headers, follow_redirects=False, raise_server_exceptions=True)

    def person(self, name: str, *roles: Role) -> Account:
        """An account; the password is PASSWORD."""
        if name not in self.people:
            account = member(new_id(), name.capitalize(), *roles, at=self.clock())
            self.store.write(lambda tx: accounts.add(tx, account, password_hash=_HASH)).result()
            self.people[name] = account
        return self.people[name]

    def refresh(self, name: str) -> Account:
        """A person's account as it is now."""
        known = self.people[name].id
        self.people[name] = self.store.read(lambda tx: tx.workers.get(known))
        return self.people[name]

    def token(self, name: str, *roles: Role) -> str:
        """A session of a person."""
        return sign_in.open_session(self.acts, self.person(name, *roles))

    def signed_in(self, name: str, *roles: Role) -> TestClient:
        """A client of a person."""
        return self.client(self.token(name, *roles))

    def operator(self) -> TestClient:
        """Who asks from the machine itself."""
        return TestClient(self.app, client=("127.0.0.1", 50_000))

    def requester(self) -> TestClient:
        return self.signed_in("rita", Role.REQUESTER, Role.WORKER)

    def administrator(self) -> TestClient:
        return self.signed_in("ada", Role.ADMINISTRATOR)

    def job(
        self, spec: dict[str, object], lines: Iterable[dict[str, object]], *, by: Principal | None = None
    ) -> LabelingJob:
        """A job in progress over these manifest lines, as a runner would leave it; nothing is released yet."""
        owner, now = by or acting(self.person("rita", Role.REQUESTER, Role.WORKER)), self.clock()
        rows = [(n, orjson.dumps(line).decode(), ObjectState.PENDING, None) for n, line in enumerate(lines)]

        made = labeling_jobs.create(self.acts, owner, spec)

        def work(tx: Transaction) -> LabelingJob:
            tx.objects.add_lines(made.id, rows)
            tx.jobs.set_state(made.id, "start", at=now)
            return tx.jobs.get(made.id)

        return self.store.write(work).result()

    def answer_all(
        self,
        job: LabelingJob,
        truth: Sequence[str],
        crew: dict[str, float],
        *,
        objects: int | None = None,
        seed: int = 1,
        element: str = "crowd-image-classifier",
    ) -> None:
        """Let a crew (name -> accuracy) answer, a few seconds a task, and label what has its answers."""
        draw = random.Random(seed)
        done = 0
        moved = True
        while moved and (objects is None or done < objects * 3):
            moved = False
            for name, accuracy in crew.items():
                worker, now = self.person(name), self.clock()
                taken = self.store.write(
                    partial(assignments.take_next, worker=worker, name=job.name, at=now, assignment_id=new_id())
                ).result()
                if taken is None:
                    continue
                moved, done = True, done + 1
                right = truth[taken.assignment.n]
                said = right if draw.random() < accuracy else draw.choice([one for one in truth if one != right])
                self.clock.turn(seconds=draw.uniform(0.4, 1.4))
                answer = {element: {"label": said}}
                self.store.write(
                    partial(
                        submit,
                        worker=worker,
                        assignment_id=taken.assignment.id,
                        content=answer,
                        time_spent_s=draw.uniform(1, 9),
                        at=self.clock(),
                    )
                ).result()
            if done % 30 < len(crew):
                self.consolidate(job)
        self.consolidate(job)

    def consolidate(self, job: LabelingJob) -> None:
        """A plain majority vote over what waits for it."""
        now = self.clock()

        def work(tx: Transaction) -> None:
            for found in tx.objects.answered(job.id, 1_000):
                said = [
                    next(iter(one.content.values()))["label"] for one in tx.annotations.of_objects(job.id, [found.n])
                ]
                best = max(sorted(set(said)), key=said.count)
                share = said.count(best) / len(said)
                label = Label(
                    job_id=job.id,
                    n=found.n,
                    value=job.spec["labels"].index(best),
                    metadata={"class-name": best, "confidence": share},
                    confidence=round(0.5 + share * 0.49, 3) if share < 1 else 0.97,
                    category=best,
                    human=True,
                    labeled_at=now,
                    annotation_count=len(said),
                    disputed=share < 0.67,
                )
                tx.labels.put([label])

        self.store.write(work).result()


def serve(folder: Path, *, standing: bool = True, **settings: object) -> Served:
    """A server whose data is in the folder; its clock stands still, or goes."""
    chosen = Settings.model_validate({"data_dir": folder, **settings})
    store, storage, clock = open_store(chosen), open_storage(chosen), TurningClock(standing=standing)
    return Served(create_app(chosen, store=store, storage=storage, clock=clock), store, storage, clock, chosen)


SHAPES = ("circle", "square", "triangle")


def picture(shape: str, seed: int) -> bytes:
    """A PNG of a shape on a plain ground."""
    draw = random.Random(seed)
    ground = tuple(draw.randint(150, 235) for _ in range(3))
    image = Image.new("RGB", (240, 180), ground)
    pen, colour = ImageDraw.Draw(image), tuple(draw.randint(20, 130) for _ in range(3))
    x, y, r = draw.randint(80, 160), draw.randint(70, 110), draw.randint(30, 55)
    if shape == "circle":
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    elif shape == "square":
        pen.rectangle((x - r, y - r, x + r, y + r), fill=colour)
    else:
        pen.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def store_pictures(storage: ObjectStorage, count: int) -> list[str]:
    """Pictures in a bucket; the shape of each."""
    shapes = [SHAPES[n % 3] for n in range(count)]
    for n, shape in enumerate(shapes):
        storage.write(f"{BUCKET}/shapes/{n:03}.png", picture(shape, n))
    return shapes


def picture_lines(count: int) -> list[dict[str, object]]:
    """Manifest lines of the pictures."""
    return [{"source-ref": f"{BUCKET}/shapes/{n:03}.png"} for n in range(count)]


def shapes_spec(name: str = "shapes", **more: object) -> dict[str, object]:
    """A specification for the pictures."""
    spec = {
        "name": name,
        "task_type": "image-classification",
        "input": f"{BUCKET}/shapes/",
        "labels": list(SHAPES),
        "instructions": {"header": "Which shape is it?", "short": "Look at the corners."},
        "workers": {"team": "everyone", "per_object": 3, "price_usd": "0.012", "estimated_seconds": 6},
    }
    return {**spec, **more}
