"""An address counts once it is confirmed: by a letter's link, by an administrator, or by an invitation."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from integration.server.serving import Served, serve

BODY = {"email": "stranger@example.com", "password": "long enough"}
FAIR: dict[str, object] = {
    "name": "fair",
    "task_type": "text-classification",
    "input": "s3://texts/",
    "labels": ["a", "b"],
    "workers": {"team": "public", "no_adult_content": True, "no_personal_data": True},
}


class Post:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(BytesParser().parsebytes(envelope.content))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, Controller]]:
    kept = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, controller
    controller.stop()


@pytest.fixture
def served(tmp_path: Path, post: tuple[Post, Controller]) -> Iterator[Served]:
    """A server where anybody may register, which sends letters."""
    made = serve(
        tmp_path,
        registration="open",
        smtp_url=f"smtp://127.0.0.1:{post[1].port}",
        base_url="https://labels.example",
        mail_from="labels@example.com",
    )
    made.job(FAIR, [{"source": "a bird"}])
    yield made
    made.acts.aside.shutdown(wait=True)
    made.store.close()


def register(served: Served) -> Any:
    made = served.client().post("/api/v1/workers", json=BODY)
    assert made.status_code == 201 and made.json()["worker"]["verified"] is False
    return served.client(made.json()["token"])


def letter_in(served: Served, post: Post) -> Message:
    served.acts.aside.submit(lambda: None).result(20)  # one of its threads is free again ...
    served.acts.aside.shutdown(wait=True)  # ... and all are done
    return post.letters[-1]


def test_the_link_of_the_letter_confirms_the_address(served: Served, post: tuple[Post, Controller]) -> None:
    stranger = register(served)
    assert stranger.get("/api/v1/me/jobs").status_code == 403  # nothing is theirs to do yet
    letter = letter_in(served, post[0])
    assert (letter["To"], letter["From"]) == ("stranger@example.com", "labels@example.com")
    link = re.search(r"https://labels\.example(/verify/\S+)", str(letter.get_payload()))
    assert link
    path, visitor = link[1], served.client()
    assert visitor.get(path).status_code == 200
    assert stranger.get("/api/v1/me/jobs").status_code == 403  # opening it is not confirming it
    assert visitor.post(path).status_code == 303
    assert [job["name"] for job in stranger.get("/api/v1/me/jobs").json()["jobs"]] == ["fair"]
    assert visitor.post(path).status_code == 404  # once


def test_a_letters_link_lets_nobody_in(served: Served, post: tuple[Post, Controller]) -> None:
    register(served)
    link = re.search(r"/verify/(\S+)", str(letter_in(served, post[0]).get_payload()))
    assert link and served.client(link[1]).get("/api/v1/me").status_code == 401


def test_letters_are_not_sent_one_after_the_other(served: Served) -> None:
    stranger = register(served)
    assert stranger.post("/api/v1/me/verification").status_code == 409
    served.clock.turn(minutes=3)
    assert stranger.post("/api/v1/me/verification").status_code == 202


def test_an_administrator_confirms_an_address(served: Served) -> None:
    stranger = register(served)
    mine = stranger.get("/api/v1/me").json()["id"]
    page = served.administrator().post(f"/console/people/{mine}", data={"what": "verify"})
    assert page.status_code == 303
    assert stranger.get("/api/v1/me").json()["verified"] is True
    assert stranger.post("/api/v1/jobs/fair/assignments").status_code == 201


def test_an_invitation_confirms_an_address(served: Served) -> None:
    requester = served.requester()
    requester.post("/api/v1/teams", json={"name": "rangers"})
    token = requester.post("/api/v1/teams/rangers/invitations").json()["token"]
    stranger = register(served)
    assert stranger.post(f"/invite/{token}").status_code == 303
    assert stranger.get("/api/v1/me").json()["verified"] is True
    invited = {**BODY, "email": "guest@example.com", "invitation": token}
    assert served.client().post("/api/v1/workers", json=invited).json()["worker"]["verified"] is True


def test_a_mail_server_that_is_gone_does_not_stop_registering(tmp_path: Path) -> None:
    served = serve(tmp_path, registration="open", smtp_url="smtp://127.0.0.1:9", base_url="https://labels.example")
    register(served)
    served.acts.aside.shutdown(wait=True)
    served.store.close()
