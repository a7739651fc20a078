"""How Sphinx builds these pages: `sphinx-build -W docs docs/_build/html`, after the tests."""

from __future__ import annotations

import sys
from pathlib import Path

import twin

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "twin"
author = "The twin developers"
copyright = "2026, The twin developers"
version = release = twin.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "command_options",
    "electrode_study",
    "li_o2_image_study",
    "mathml",
    "microstructure_study",
    "page_output",
    "study_tables",
    "verification_tables",
]
exclude_patterns = ["_build", "_generated/*.md"]
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say type, shape and unit
numpydoc_show_class_members = False
html_math_renderer = "mathml"

html_theme = "furo"
html_title = f"twin {release}"
html_static_path = ["_static"]
html_css_files = ["twin.css"]
html_copy_source = False
