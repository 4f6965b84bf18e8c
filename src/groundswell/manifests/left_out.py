"""What an input has that is not used: counted by reason, the first of each named. Nothing is left out silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from groundswell.domain.addresses import shown_name
from groundswell.domain.job_notes import LeftOutFiles

NAMED = 5  # names kept for each reason
_REASONS = 20  # told apart; further ones are counted together
_OTHERS = "other files"


@dataclass
class LeftOut:
    """Counts files that are left out, by why."""

    counts: dict[str, int] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, why: str) -> None:
        """Count one file."""
        if why not in self.counts and len(self.counts) >= _REASONS:
            why = _OTHERS
        self.counts[why] = self.counts.get(why, 0) + 1
        named = self.names.setdefault(why, [])
        if len(named) < NAMED:
            named.append(shown_name(name))

    def as_json(self) -> list[LeftOutFiles]:
        """`[{"why", "count", "names"}]`, in the order in which the reasons were met."""
        return [{"why": why, "count": count, "names": self.names[why]} for why, count in self.counts.items()]


def sentences(groups: Sequence[LeftOutFiles]) -> list[str]:
    """What `LeftOut.as_json` says, for people: `3 files left out (pictures browsers do not show: .tif): a.tif, ...`."""
    return [
        f"{one['count']:,} {'file' if one['count'] == 1 else 'files'} left out ({one['why']}): "
        + ", ".join(one["names"])
        + (", ..." if one["count"] > len(one["names"]) else "")
        for one in groups
    ]
