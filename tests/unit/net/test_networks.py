"""Which addresses a stranger's URL may lead to."""

from __future__ import annotations

import pytest

from groundswell.net.networks import Networks, check_networks


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1",  # a provider's own
        "169.254.169.254",  # metadata on most clouds
        "168.63.129.16",  # on Azure
        "100.100.100.200",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00:ec2::254",  # metadata over IPv6
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "::127.0.0.1",  # compatible, of old
        "64:ff9b::10.0.0.1",  # NAT64
        "2002:7f00:1::1",  # 6to4 of 127.0.0.1
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
        "not an address",
        "",
    ],
)
def test_refused(address: str) -> None:
    assert Networks().refusal(address) is not None


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "172.32.0.1", "100.63.255.255", "2606:2800:220:1::1", "::ffff:8.8.8.8"]
)
def test_public(address: str) -> None:
    assert Networks().refusal(address) is None


def test_a_setting_allows() -> None:
    networks = Networks(["10.1.0.0/16", "::1", "127.0.0.1"])
    assert networks.refusal("10.1.200.3") is None
    assert networks.refusal("::1") is None
    assert networks.refusal("::ffff:127.0.0.1") is None  # leads to an allowed address
    assert networks.refusal("10.2.0.1") == "private"
    assert networks.refusal("127.0.0.2") is not None


def test_what_is_no_network_is_named() -> None:
    check_networks(["10.0.0.0/8", "::1"])
    with pytest.raises(ValueError, match="'intranet'"):
        check_networks(["intranet"])
