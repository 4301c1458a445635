"""Settings of the pages; `tools/pages.py` runs Sphinx with them."""

from tools.notebooks import settings
from tools.pages import TITLE

project = html_title = TITLE
language = "en"
extensions = ["myst_nb"]

nb_execution_mode = "off"  # the notebooks have run already
nb_merge_streams = True
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "tools.pages.jupyter_slug"

# MathJax 2.7 from our own pages; only what is marked as a formula is one.
mathjax_path = "mathjax/MathJax.js"
mathjax2_config = {
    "config": ["TeX-AMS-MML_HTMLorMML-full.js"],
    "tex2jax": {"ignoreClass": ".*", "processClass": "math|mathjax_process"},
    "HTML-CSS": {
        "availableFonts": [],
        "webFont": "STIX-Web",
        # Its empty font is about:blank, which browsers refuse and complain about.
        "styles": {"@font-face": {"src": "local('MathJax_Blank')"}},
    },
    "messageStyle": "none",
    "showMathMenu": False,
}
myst_update_mathjax = False

html_theme = "sphinx_book_theme"
html_static_path = html_css_files = ["pages.css"]
html_use_index = False
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_show_search_summary = False  # fetched, which a page opened as a file may not do
html_context = {"default_mode": "auto"}  # light or dark as the reader's system is
html_theme_options = {
    "footer_content_items": [],
    "navbar_persistent": [],  # the sidebar has the search field already
    "show_toc_level": 2,
    "use_download_button": False,
}
if settings()["repository"]:
    html_theme_options |= {
        "launch_buttons": {"colab_url": "https://colab.research.google.com"},
        "repository_branch": settings()["branch"],
        "repository_url": settings()["repository"],
        "use_repository_button": True,
    }
