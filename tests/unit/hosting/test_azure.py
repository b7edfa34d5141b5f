"""A move from Azure Blob, from its emulator (`npm install azurite`; `azurite-blob` on the path).

An emulator is not Azure: what is shown here is the reader, not the service.
"""

import base64
import hashlib
import hmac
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import obstore
import pytest
from obstore.store import AzureStore as Writer

from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.hosting.replicas import copying
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.stores.azure import AzureStore
from ecluse.hosting.stores.folders import FolderStore
from tests.unit.hosting.replicas import planned, sealed, verified
from tests.unit.hosting.servers import free_ports, wait

ACCOUNT, KEY = "ecluse", base64.b64encode(b"a key for this test alone").decode()
FILES = {"claims/a": sealed(3 << 20, 1), "claims/b": sealed(50, 2), "empty/c": sealed(90, 3)}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureStore]:
    program = shutil.which("azurite-blob")
    if program is None:
        pytest.skip("The emulator of Azure is not on the path: npm install azurite")
    (port,) = free_ports(1)
    monkeypatch.setenv("AZURITE_ACCOUNTS", f"{ACCOUNT}:{KEY}")
    command = [program, "--blobHost", "127.0.0.1", "--blobPort", str(port), "--silent"]
    command += ["--location", str(tmp_path / "azurite"), "--disableTelemetry"]
    command += ["--skipApiVersionCheck"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    try:
        wait(lambda: fill(endpoint))
        yield AzureStore(endpoint=endpoint, container="old", account=ACCOUNT, key=KEY)
    finally:
        running.kill()
        running.wait()


def fill(endpoint: str) -> bool:
    """Make the container, by the emulator's own door, and put the files there."""
    writer = Writer(
        container_name="old",
        account_name=ACCOUNT,
        account_key=KEY,
        endpoint=endpoint,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    make_container(endpoint)
    [obstore.put(writer, path, data) for path, data in FILES.items()]
    return True


def make_container(endpoint: str) -> None:
    at = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    said = f"x-ms-date:{at}\nx-ms-version:2021-12-02\n"
    resource = f"/{ACCOUNT}/{ACCOUNT}/old\nrestype:container"
    signed = "PUT" + "\n" * 12 + said + resource
    mac = hmac.digest(base64.b64decode(KEY), signed.encode(), hashlib.sha256)
    headers = {
        "x-ms-date": at,
        "x-ms-version": "2021-12-02",
        "authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(mac).decode()}",
    }
    answer = httpx.put(f"{endpoint}/old?restype=container", headers=headers)
    assert answer.status_code in (201, 409), answer.text


def test_a_dataset_leaves_azure_for_another_host_and_is_proved_there(
    tmp_path: Path, azure: AzureStore
) -> None:
    manifest, target = planned(azure), FolderStore(tmp_path / "new")

    with Progress(tmp_path / "state") as progress:
        done = copying.copy(manifest, Way(azure, Layout.PATHS, target), progress)

    assert (done.is_sealed, done.objects, done.sent_bytes) == (True, 3, (3 << 20) + 140)
    assert verified(manifest, target).is_whole
    assert azure.read("claims/a", start=1 << 20, length=5) == FILES["claims/a"][1 << 20 :][:5]
    assert [one.key for one in azure.list("claims/")] == ["claims/a", "claims/b"]
    with pytest.raises(NotFound):
        azure.read("absent", length=1)
    with pytest.raises(NotAllowed):
        azure.delete("claims/a")
