"""Small parts of the server: links, the token cache, the throttle, metrics, durations for people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.domain.errors import NotFound, TooManyRequests, Unauthenticated
from groundswell.domain.people import Account, Principal, Role
from groundswell.domain.records import JobCounters, LabelingJob
from groundswell.domain.states import JobState
from groundswell.server.formatting import ago, duration, pretty_json, short_duration, usd
from groundswell.server.forwarded import TrustedProxies
from groundswell.server.links import SignedLinks
from groundswell.server.metrics import Metrics
from groundswell.server.pages import local_path
from groundswell.service.job_report import JobReport
from groundswell.service.report_cache import ReportCache
from groundswell.service.throttle import SignInThrottle, Throttle
from groundswell.service.token_cache import TokenCache
from groundswell.testing.acting import acting
from groundswell.wire.job_spec import parse_duration

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NORA = acting(Account("w1", "nora@example.com", "Nora", frozenset({Role.WORKER}), NOW))


@given(st.text(max_size=200))
def test_what_is_signed_is_what_is_opened(data: str) -> None:
    try:
        data.encode()
    except UnicodeEncodeError:
        return
    links = SignedLinks(b"key", lambda: NOW, seconds=60)
    assert links.open("media", links.sign("media", data)) == data


@given(st.binary(max_size=80))
def test_made_up_tokens_open_nothing(noise: bytes) -> None:
    links = SignedLinks(b"key", lambda: NOW, seconds=60)
    with pytest.raises(NotFound):
        links.open("media", noise.hex())


def test_another_servers_link_opens_nothing() -> None:
    token = SignedLinks(b"theirs", lambda: NOW, seconds=60).sign("media", "s3://a/b")
    with pytest.raises(NotFound):
        SignedLinks(b"ours", lambda: NOW, seconds=60).open("media", token)


def test_addresses_of_others_are_left_alone() -> None:
    links = SignedLinks(b"key", lambda: NOW, seconds=60)
    assert links.of("w1", "main").media("https://example.com/a.jpg") == "https://example.com/a.jpg"
    assert links.of("w1", "main").media("s3://b/a b.jpg").endswith("/a%20b.jpg")


def test_the_token_cache_forgets_by_time_by_worker_and_when_full() -> None:
    now = [0.0]
    cache: TokenCache[Principal] = TokenCache(size=4, seconds=10, timer=lambda: now[0])
    for n in range(4):
        cache.put(str(n), NORA)
    cache.put("4", NORA)
    assert cache.get("0") is None and cache.get("4") is NORA  # the older half went
    now[0] = 11
    assert cache.get("4") is None
    cache.put("5", NORA)
    cache.forget_account("w1")
    assert cache.get("5") is None


def test_the_throttle_refuses_after_failures_and_forgives_in_time() -> None:
    now = [0.0]
    throttle = Throttle(limit=2, seconds=60, timer=lambda: now[0])
    for _ in range(2):
        with pytest.raises(Unauthenticated), throttle.counting_failures("nora"):
            raise Unauthenticated("no")
    with pytest.raises(TooManyRequests, match="in 61 seconds"):
        throttle.check("nora")
    throttle.check("omar")
    now[0] = 61
    throttle.check("nora")


def test_metrics_escape_and_add_up() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.2, 99):
        metrics.observe("GET", '/a"b', 200, seconds)
    text = metrics.text({"jobs": ("How many.", [({}, 2.0)])})
    assert 'groundswell_http_requests_total{method="GET",route="/a\\"b",status="200"} 3.0' in text
    assert 'le="0.005",route="/a\\"b"} 1.0' in text and 'le="+Inf",route="/a\\"b"} 3.0' in text and "jobs 2.0" in text


@given(st.integers(1, 10**7))
def test_durations_are_written_as_they_are_read(seconds: int) -> None:
    assert parse_duration(short_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3_600, "1 h"), (93_784, "1 d 2 h")]
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_times_ago() -> None:
    assert ago(NOW, NOW) == "just now"
    assert ago(NOW - timedelta(hours=2, minutes=5), NOW) == "2 h ago"
    assert ago(None, NOW) == "—"


@pytest.mark.parametrize(
    ("micros", "text"),
    [(0, "$0.00"), (36_000, "$0.036"), (500, "$0.0005"), (1_234_500_000, "$1,234.50"), (28_333.3, "$0.028")],
)
def test_money_has_the_digits_it_needs(micros: float, text: str) -> None:
    assert usd(micros) == text


@pytest.mark.parametrize(
    ("target", "path"),
    [("/work", "/work"), ("//evil.example", "/"), ("/\\evil", "/"), ("https://evil.example", "/"), ("", "/")],
)
def test_signing_in_leads_nowhere_else(target: str, path: str) -> None:
    assert local_path(target) == path


def test_a_report_is_kept_for_ten_times_as_long_as_it_took() -> None:
    now, counted = [0.0], []
    cache = ReportCache(timer=lambda: now[0])
    job = LabelingJob(1, "a", {}, "x", "t", JobState.IN_PROGRESS, NOW, "w1", "i", "o")

    def count() -> JobReport:
        counted.append(now[0])
        now[0] += 2
        return JobReport(JobCounters(), 0, 0, 0, None, None, 3, None, None, None, 0, 0, {}, [], [], [], [])

    cache.get(job, count)
    now[0] = 21
    cache.get(replace(job, counters=JobCounters(total=5)), count)
    assert counted == [0]
    now[0] = 22
    cache.get(job, count)
    cache.get(replace(job, state=JobState.COMPLETED), count)  # another state is another report
    assert counted == [0, 22, 24]


def test_pages_show_the_beginning_of_what_is_long() -> None:
    answer = {"mask": "A" * 5_000_000, "boxes": [{"left": n} for n in range(100_000)], "text": "x" * 20_000, "é": None}
    shown = pretty_json(answer)
    assert len(shown) < 60_000
    assert "(5,000,000 characters)" in shown and "(99,500 more)" in shown
    assert "x" * 20_000 in shown and '"é": null' in shown
    assert pretty_json({"a": [1, "b"]}) == '{\n  "a": [\n    1,\n    "b"\n  ]\n}'


def fail(throttle: SignInThrottle, email: str, network: str, times: int) -> None:
    for _ in range(times):
        throttle.check(email, network)
        with pytest.raises(Unauthenticated), throttle.counting_failures(email, network):
            raise Unauthenticated("no")


def test_guessing_one_account_from_many_networks_is_slowed_down() -> None:
    throttle = SignInThrottle(timer=lambda: 0.0)
    for network in range(5):
        fail(throttle, "nora@example.com", f"192.0.2.{network}", 10)
    with pytest.raises(TooManyRequests):
        throttle.check("nora@example.com", "198.51.100.7")
    throttle.check("omar@example.com", "198.51.100.7")


def test_trying_many_accounts_from_one_network_is_slowed_down() -> None:
    throttle = SignInThrottle(timer=lambda: 0.0)
    for account in range(100):
        fail(throttle, f"a{account}@example.com", f"2001:db8::{account:x}", 1)  # all of one customer's /64
    with pytest.raises(TooManyRequests):
        throttle.check("fresh@example.com", "2001:db8::ffff")
    throttle.check("fresh@example.com", "2001:db8:0:1::1")


def test_a_guesser_elsewhere_does_not_lock_the_owner_out() -> None:
    throttle = SignInThrottle(timer=lambda: 0.0)
    fail(throttle, "nora@example.com", "192.0.2.1", 10)
    with pytest.raises(TooManyRequests):
        throttle.check("nora@example.com", "192.0.2.1")
    throttle.check("nora@example.com", "198.51.100.7")


@pytest.mark.parametrize(
    ("peer", "said", "seen"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # what the sender wrote before is not believed
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),  # two proxies of ours
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # no proxy of ours
    ],
)
def test_forwarded_addresses_are_believed_from_named_proxies_only(peer: str, said: str | None, seen: str) -> None:
    headers = [] if said is None else [(b"x-forwarded-for", said.encode()), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    found = TrustedProxies(["10.0.0.0/24"]).seen_through(scope)
    assert found["client"][0] == seen
    assert found["scheme"] == ("https" if peer == "10.0.0.1" and said else "http")
    assert TrustedProxies().seen_through(scope) is scope
