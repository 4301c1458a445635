"""Fixtures and settings of several test files."""

import pytest
from hypothesis import settings

settings.register_profile("course", deadline=None)  # a first call may import much
settings.load_profile("course")


@pytest.fixture
def lesson(tmp_path):
    """Return the path of a notebook that keeps every convention, in its own folder."""
    import lesson

    from tools import notebooks

    (tmp_path / "notebooks").mkdir()
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "s01z_lesson.py").touch()
    path = tmp_path / "notebooks" / "01z_lesson.ipynb"
    notebooks.write(lesson.notebook(), path)
    return path
