"""Who annotators are to who looks: themselves in one's own teams, pseudonyms in vendors' and public ones."""

from __future__ import annotations

from dataclasses import dataclass

from groundswell.domain.people import Principal, Role, TeamKind
from groundswell.domain.pseudonyms import pseudonym
from groundswell.domain.records import LabelingJob
from groundswell.service.ports import Transaction


@dataclass(frozen=True)
class Shown:
    """The ids and names under which a job's annotators are shown to somebody."""

    secret: bytes
    workspace_id: str
    hidden: bool

    def id(self, annotator_id: str) -> str:
        """The annotator's own id, or a pseudonym."""
        return pseudonym(self.secret, self.workspace_id, annotator_id) if self.hidden else annotator_id

    def name(self, tx: Transaction, annotator_id: str) -> str:
        """The annotator's own name, or one made of the pseudonym."""
        return self.called(annotator_id, "") if self.hidden else tx.annotators.get(annotator_id).name

    def called(self, annotator_id: str, name: str) -> str:
        """A name that is known already, as it is shown."""
        return f"Worker {self.id(annotator_id)[2:8]}" if self.hidden else name

    def who(self, tx: Transaction, job: LabelingJob, shown_id: str) -> str:
        """The annotator whose id is shown so in a job; an id that nobody has is given back as it is."""
        if not self.hidden:
            return shown_id
        everybody = (annotator_id for annotator_id, *_ in tx.annotations.worker_totals(job.id))
        return next((found for found in everybody if self.id(found) == shown_id), shown_id)


def shown_to(tx: Transaction, principal: Principal, job: LabelingJob, secret: bytes) -> Shown:
    """How a job's annotators are shown: a vendor's to its manager, and anybody to administrators, as who they are."""
    team = tx.teams.get(job.team_id)
    known = team.kind is TeamKind.PRIVATE or team.manager_id == principal.id or Role.ADMINISTRATOR in principal.roles
    return Shown(secret, job.workspace_id, hidden=not known)
