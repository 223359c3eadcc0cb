import pytest
from django.template import Engine
from django.template.loaders.cached import Loader
from django.test import Client

from throughline.running.warming import templates, warm_up


@pytest.fixture
def cold() -> Loader:
    """The loader of templates as a worker has it at its start."""
    (loader,) = Engine.get_default().template_loaders
    assert isinstance(loader, Loader)
    loader.reset()
    return loader


def _compiled(loader: Loader) -> set[str]:
    return set(vars(loader)["get_template_cache"])


@pytest.mark.django_db
def test_a_worker_that_is_warm_compiles_no_template_for_its_readers(cold: Loader) -> None:
    warm_up()
    kept = _compiled(cold)
    assert len(kept) >= len(templates()) > 100
    assert Client().get("/sign-in").status_code == 200
    assert _compiled(cold) == kept


@pytest.mark.django_db
def test_without_it_the_first_reader_waits_for_the_compiler(cold: Loader) -> None:
    assert Client().get("/sign-in").status_code == 200
    assert _compiled(cold)
