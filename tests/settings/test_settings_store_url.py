import pytest

from proxy.settings.store_url import store_url


def test_hosts_ports_and_what_sentinels_ask_for():
    read = store_url("rediss+sentinel://me:p%40ss@one,two:7,[::1]/main/3?sentinel_password=s%26t&protocol=2")
    assert (read.kind, read.tls, read.master) == ("sentinel", True, "main")
    assert read.hosts == (("one", 26379), ("two", 7), ("::1", 26379))
    assert (read.sentinel_user, read.sentinel_password) == ("", "s&t")
    assert read.base == "rediss://me:p%40ss@one/3?protocol=2"


def test_a_cluster_needs_one_node_and_has_one_database():
    assert store_url("redis+cluster://one").hosts == (("one", 6379),)
    with pytest.raises(ValueError, match="a database"):
        store_url("redis+cluster://one/2")


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("redis", "neither"),
        ("unix:///run/redis", "neither"),
        ("redis+sentinel://one,two", "no master"),
        ("redis+sentinel://one/main/zero", "number of a database"),
        ("redis+cluster://one,,two", "host"),
        ("redis+cluster://one:99999", "port"),
    ],
)
def test_faults_are_told_without_the_secret(url, what):
    with pytest.raises(ValueError, match=what):
        store_url(url)
