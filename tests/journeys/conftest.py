"""A real browser before the whole product: the world of `tests/world.py`, really committed, and a
server in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Thread
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test import override_settings
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Browser, BrowserContext, Page

from tests import browser
from tests.permissions.endpoints import session_of
from tests.world import World, build_world
from throughline.bodies.models import Person

PASSWORD = "of the cast, twelve and more"
CHINESE, ENGLISH = "zh-CN", "en-GB"


@dataclass(frozen=True, repr=False)
class Site:
    """The world and the address at which it is served."""

    world: World
    url: str


@dataclass
class Visit:
    """A person's browser, and everything that it complained of or asked of other hosts."""

    context: BrowserContext
    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> int:
        """Open an address of the site; its status."""
        answer = self.page.goto(f"{self.site.url}{address}")
        assert answer is not None
        return answer.status

    def reopened(self) -> Page:
        """Close the page and open an empty one in the same browser."""
        self.page.close()
        self.page = self.context.new_page()
        self.listen()
        return self.page

    def listen(self) -> None:
        """Note what the console says, what breaks, and what is asked of another host."""
        self.page.on("console", lambda said: self._heard(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self._asked(asked.url))

    def _heard(self, kind: str, text: str) -> None:
        # That an answer is a refusal is told of by the browser itself; its page is looked at.
        refusal = "the server responded with a status of 4" in text
        if kind in ("error", "warning") and not refusal:
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        own = f"{self.site.url}/"
        if not url.startswith(own) and urlsplit(url).scheme not in ("data", "blob"):
            self.complaints.append(f"asked of another host: {url}")


def _serve() -> tuple[ThreadedWSGIServer, Thread]:
    """The product on a free port of this machine."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(StaticFilesHandler(WSGIHandler()))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return server, thread


def _plain_settings() -> override_settings:
    """Static files as they lie in the tree, and passwords that cost nothing."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(
        STORAGES=settings.STORAGES | {"staticfiles": plain},
        WHITENOISE_AUTOREFRESH=True,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site(chromium: Browser, committed: None) -> Iterator[Site]:
    """The world, served. It is the module's: tests keep out of each other's figures. The browser
    comes before it and goes after it, for while it runs connections are others."""
    with _plain_settings():
        world = build_world()
        Person.objects.update(password=make_password(PASSWORD))
        for name, member in world.cast:
            if not member.actor.is_nobody:
                member.person.refresh_from_db()
                session_of(world, name)
        server, thread = _serve()
        yield Site(world, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        server.server_close()
        thread.join()
        connections.close_all()


Visiting = Callable[..., Visit]


@pytest.fixture
def visiting(chromium: Browser, site: Site) -> Iterator[Visiting]:
    """Opens a browser for a member of the cast, signed in, or for nobody. What it complains of
    fails the test."""
    visits: list[Visit] = []

    def visit(member: str = "nobody", language: str = ENGLISH, width: int = 1440) -> Visit:
        context = chromium.new_context(
            locale=language, viewport={"width": width, "height": 900}, base_url=site.url
        )
        context.set_default_timeout(20_000)
        if member != "nobody":
            session = session_of(site.world, member)
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site.url}]
            )
        visits.append(Visit(context, context.new_page(), site))
        visits[-1].listen()
        return visits[-1]

    yield visit
    for each in visits:
        each.context.close()
    assert [said for each in visits for said in each.complaints] == []
