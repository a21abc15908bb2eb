"""What Sphinx reads. `python course.py book` calls it; the pages come from book_pages."""

project = "Unsinkable"
html_title = "Unsinkable"
language = "en"
smartquotes = False  # what stands there may be copied into a terminal: "--port" is no dash
extensions = ["myst_nb", "sphinx.ext.githubpages"]

nb_execution_mode = "off"  # the outputs are those that are stored with the lessons
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # else pages may ask another host for scripts
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block", "deflist"]

html_theme = "sphinx_book_theme"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_favicon = "static/favicon.svg"
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_theme_options = {
    "home_page_in_toc": True,
    "max_navbar_depth": 1,
    "show_navbar_depth": 1,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_content_items": [],
}
html_context = {"default_mode": "auto"}  # light or dark, as the system has it, until somebody chooses
