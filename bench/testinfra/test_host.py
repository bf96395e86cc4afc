# The same looks at a host as `verify` takes, as a testinfra user writes them: one test a look, over one shared connection.
# Values come from bench/verify.ts by environment. Each test asserts what its claim would, as far as one line can.
import json
import os

import pytest
import testinfra

look = json.loads(os.environ["LOOK"])


@pytest.fixture(scope="session")
def host():
    ssh = look["ssh"]
    options = f"ssh_config={ssh['config']}&ssh_identity_file={ssh['key']}&controlpersist=60"
    return testinfra.get_host(f"ssh://{ssh['user']}@{ssh['host']}:{ssh['port']}?{options}")


@pytest.mark.parametrize("path", look["files"])
def test_file(host, path):
    assert host.file(path).content_string


@pytest.mark.parametrize("command", look["commands"])
def test_hypervisor(host, command):
    assert host.run(command).rc == 0


@pytest.mark.parametrize("command", look["gateway"])
def test_gateway(host, command):
    assert host.run("pct exec %s -- sh -c %s", look["ctid"], command).rc == 0


@pytest.mark.parametrize("command", look["docker_host"])
def test_docker_host(host, command):
    asked = host.run("qm guest exec %s --timeout 60 -- /bin/sh -c %s", look["vmid"], command)
    assert json.loads(asked.stdout)["exitcode"] == 0


@pytest.mark.parametrize("url", look["urls"])
def test_client(url):
    local = testinfra.get_host("local://")
    seen = local.run("curl -sk -m 5 --connect-to %s -o /dev/null -w '%%{http_code}' %s", url["to"], url["url"])
    assert seen.stdout in url["status"]
