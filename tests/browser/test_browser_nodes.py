"""Two nodes on one PostgreSQL behind a balancer: what one does, the other shows; one may die.

The nodes are processes as an operator starts them, each with a home of its own.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.installation import installed, key_of
from tests.browser.balancer import Balancer, balanced
from tests.browser.office import listen
from tests.databases import server
from tests.scenarios.office import open_step, raise_need
from tests.web.signed_in import PASSWORD, with_passwords

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
KEYS = "k1:" + "5e" * 32
LIVE_MS = 1_000
"""Within which a decision on one node is seen on the other."""
LOST_SECONDS = 3.0
"""What the death of a node may cost a browser."""


@dataclass
class Node:
    """One ``manciple serve``."""

    name: str
    url: str
    home: Path
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if not self.port:
            with closing(socket.create_server(("127.0.0.1", 0))) as free:
                self.port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "manciple", "serve", "--port", str(self.port)]
        more = {
            "MANCIPLE_HOME": str(self.home),
            "MANCIPLE_DATABASE_URL": self.url,
            "MANCIPLE_EXECUTOR": self.name,
            "MANCIPLE_LINK_KEYS": KEYS,
        }
        self.process = subprocess.Popen(
            command, env={**os.environ, **more}, stdout=subprocess.DEVNULL
        )

    def wait(self) -> None:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, f"{self.name} ended"
            try:
                if httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError(f"{self.name} did not get ready")

    def stop(self) -> None:
        """Let it stand still: what is sent to it now it never reads."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Cluster:
    """The nodes, the balancer before them, and what waits to be decided."""

    browser: Browser
    nodes: tuple[Node, ...]
    balancer: Balancer
    url: str
    needs: dict[str, tuple[str, str, str]]
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def at_work(self, name: str, *, at: str = "") -> Iterator[Page]:
        """Sign somebody in; through the balancer where no node is named."""
        context = self.browser.new_context(base_url=at or self.balancer.address)
        context.set_default_timeout(8_000)
        page = context.new_page()
        listen(page, self.complaints)
        page.goto("/sign-in?to=/approvals")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile("/approvals$"))
        yield page
        context.close()

    def versions(self, number: str) -> int:
        """Count what has happened to an approval."""
        with psycopg.connect(self.url) as db:
            row = db.execute(
                "select version from document where ref = %s", (f"approval/{number}",)
            ).fetchone()
        assert row is not None
        return int(row[0])


def furnished(home: Path, url: str) -> dict[str, tuple[str, str, str]]:
    """Let needs wait for an approval; give each with its approval and who is asked."""
    home.mkdir()
    needs = {}
    with installed(home, url) as house:
        house.clock.advance(datetime.now(UTC).replace(microsecond=0))
        with_passwords(house, "anna", "alec", "paul")
        for name in ("seen", "unheard", "unsaid", "anew", "listed", "lost"):
            need = raise_need(house, (("VALVE", "100"),))
            step = open_step(house, need["approval"])
            assert step is not None
            needs[name] = (need["id"], need["approval"], step["approver"])
    return needs


@pytest.fixture(scope="module")
def cluster(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    url = server().fresh()
    folder = tmp_path_factory.mktemp("nodes")
    nodes = tuple(Node(name=f"node-{n}", url=url, home=folder / f"home{n}") for n in (1, 2))
    with ThreadPoolExecutor(1) as thread:  # the browser's loop runs on this one
        needs = thread.submit(furnished, folder / "furnishing", url).result()
    for node in nodes:
        node.start()
    try:
        for node in nodes:
            node.wait()
        with balanced(*(node.port for node in nodes)) as balancer:
            yield Cluster(browser, nodes, balancer, url, needs)
    finally:
        for node in nodes:
            node.kill()
        server().drop(url)


@pytest.fixture(autouse=True)
def all_alive(cluster: Cluster) -> Iterator[None]:
    """Start again what the test before has killed."""
    dead = [node for node in cluster.nodes if node.process is None]
    for node in dead:
        node.start()
    for node in dead:
        node.wait()
    cluster.balancer.silent.clear()
    cluster.balancer.only = 0
    yield
    assert cluster.complaints == []


def test_a_decision_on_one_node_is_seen_on_the_other_within_a_second(cluster: Cluster) -> None:
    need, approval, approver = cluster.needs["seen"]
    one, other = cluster.nodes
    with (
        cluster.at_work(approver, at=one.address) as deciding,
        cluster.at_work("paul", at=other.address) as looking,
    ):
        looking.goto(f"/trace/requisition/{need}")
        expect(looking.locator("#live[data-state=live]")).to_be_visible()
        expect(looking.get_by_text("approved as").first).to_be_hidden()
        before = looking.locator("[data-hints]").get_attribute("data-sequence")
        deciding.goto(f"/approvals/{approval}")
        with deciding.expect_request(re.compile(r"/approve$")) as sent:
            deciding.get_by_role("button", name=re.compile(r"^Approve \d")).click()
        answer = sent.value.response()
        assert answer is not None
        assert answer.status == 303
        expect(looking.get_by_text("approved as").first).to_be_visible(timeout=LIVE_MS)
        assert looking.locator("[data-hints]").get_attribute("data-sequence") != before
        expect(looking.locator("#live[data-state=live]")).to_be_visible()


def test_a_list_on_another_node_tells_of_it_within_a_second_and_keeps_what_is_typed(
    cluster: Cluster,
) -> None:
    _, approval, approver = cluster.needs["listed"]
    one, other = cluster.nodes
    with (
        cluster.at_work(approver, at=one.address) as deciding,
        cluster.at_work(approver, at=other.address) as looking,
    ):
        looking.goto("/approvals")
        expect(looking.locator("#live[data-state=live]")).to_be_visible()
        looking.get_by_text("Save this view").first.click()
        typed = looking.get_by_label("Name")
        typed.fill("half a na")
        deciding.goto(f"/approvals/{approval}")
        with deciding.expect_request(re.compile(r"/approve$")) as sent:
            deciding.get_by_role("button", name=re.compile(r"^Approve \d")).click()
        assert sent.value.response() is not None
        row = looking.locator(f"[data-subject='approval/{approval}']")
        expect(row.locator(".row-told")).to_contain_text("by you", timeout=LIVE_MS)
        expect(typed).to_be_focused()
        expect(typed).to_have_value("half a na")


def test_an_act_in_a_list_survives_its_node(cluster: Cluster) -> None:
    """It is shown at once, sent again to whoever lives, and done once."""
    _, approval, approver = cluster.needs["lost"]
    dying = cluster.nodes[0]
    cluster.balancer.only = dying.port
    with cluster.at_work(approver) as page:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto("/approvals")
        row = page.locator(f"[data-subject='approval/{approval}']")
        row.locator(".row-link").click()
        panel = page.locator("#panel")
        panel.get_by_label("Note").first.fill("typed beside the list")
        cluster.balancer.only = 0
        cluster.balancer.silent.add(dying.port)
        dying.stop()
        panel.get_by_role("button", name=re.compile(r"^Approve \d")).click()
        expect(row.locator(".row-told")).to_have_text("Approved", timeout=LIVE_MS)
        dying.kill()
        start = time.monotonic()
        expect(row.get_by_role("button", name="Undo")).to_be_visible()
        assert time.monotonic() - start <= LOST_SECONDS
        expect(page.locator("#live[data-state=live]")).to_be_visible(timeout=3_000)
    assert _approved_once(cluster, approval, b"typed beside the list")


def test_a_session_its_forms_and_its_versions_hold_on_every_node(cluster: Cluster) -> None:
    """A page of one node, its form sent to the other; the same version under the same tag."""
    one, other = cluster.nodes
    cluster.balancer.only = one.port
    with cluster.at_work("paul") as page:
        page.goto("/password")
        one_alone = dict(cluster.balancer.connections)
        cluster.balancer.only = other.port
        cluster.balancer.cut()
        page.get_by_role("button", name="Deutsch").click()
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page).to_have_url(re.compile("/password$"))
        assert cluster.balancer.connections[other.port] > one_alone.get(other.port, 0)
    key = {"Authorization": f"Bearer {key_of('paul')}"}
    tags = set()
    for node in cluster.nodes:
        answer = httpx.get(
            f"{node.address}/v1/approvals/{cluster.needs['unsaid'][1]}", headers=key
        )
        assert answer.status_code == 200
        tags.add(answer.headers["etag"])
    assert len(tags) == 1


@pytest.mark.parametrize("name", ["unheard", "unsaid", "anew"])
def test_the_death_of_a_node_costs_three_seconds_and_no_input(cluster: Cluster, name: str) -> None:
    """It dies before it hears the act, or after the deed and before it could say so.

    What went over a connection of its own, ``anew``, no browser sends again by itself.
    """
    need, approval, approver = cluster.needs[name]
    dying = cluster.nodes[0]
    cluster.balancer.only = dying.port
    with cluster.at_work(approver) as page, cluster.at_work("paul") as looking:
        looking.goto(f"/trace/requisition/{need}")
        expect(looking.locator("#live[data-state=live]")).to_be_visible()
        page.goto(f"/approvals/{approval}")
        page.get_by_label("Note").first.fill("typed before it died")
        versions = cluster.versions(approval)

        cluster.balancer.only = dying.port if name == "anew" else 0
        cluster.balancer.silent.add(dying.port)
        if name != "unsaid":
            dying.stop()
        if name == "anew":
            cluster.balancer.cut()
        before = cluster.balancer.connections[dying.port]
        page.get_by_role("button", name=re.compile(r"^Approve \d")).click(no_wait_after=True)
        if name == "unsaid":
            _until(lambda: cluster.versions(approval) > versions)
        if name == "anew":
            _until(lambda: cluster.balancer.connections[dying.port] > before)
            cluster.balancer.only = 0
        dying.kill()
        start = time.monotonic()
        expect(page.locator("main").get_by_role("status").first).to_contain_text("REQ-")
        assert time.monotonic() - start <= LOST_SECONDS
        expect(looking.get_by_text("approved as").first).to_be_visible(timeout=3_000)
        expect(looking.locator("#live[data-state=live]")).to_be_visible(timeout=3_000)

    assert _approved_once(cluster, approval, b"typed before it died")


def _approved_once(cluster: Cluster, approval: str, note: bytes) -> bool:
    """Say whether an approval was approved exactly once, with these words."""
    with psycopg.connect(cluster.url) as db:
        told = db.execute(
            "select d.body, (select count(*) from event e where e.stream = d.ref and "
            "e.type = 'StepApproved') from document d where d.ref = %s",
            (f"approval/{approval}",),
        ).fetchone()
    return told is not None and note in bytes(told[0]) and told[1] == 1


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.05)
    raise TimeoutError


def test_the_operators_key_is_made_once_and_holds_on_every_node(cluster: Cluster) -> None:
    """The operator's key is made once: a second home holds none, not one that opens nothing."""
    found = [
        (node, file.read_text("utf-8").strip())
        for node in cluster.nodes
        if (file := node.home / "operator.key").exists()
    ]
    assert len(found) == 1
    for node in cluster.nodes:
        headers = {"Authorization": f"Bearer {found[0][1]}"}
        assert httpx.get(f"{node.address}/v1/people", headers=headers).status_code == 200
        assert not (node.home / "link.keys").exists()
