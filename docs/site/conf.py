"""How Sphinx makes the site; scripts/docs puts together what it reads."""

import os

project = "Orrery"
author = "the Orrery authors"
copyright = "the Orrery authors, Apache-2.0"
release = version = os.environ["ORRERY_VERSION"]

extensions = [
    "breathe",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["docs/site"]
nitpicky = False
default_role = "code"
highlight_language = "python"
# Pygments knows no JSON lines; every header opens the namespace anew.
suppress_warnings = ["misc.highlighting_failure", "duplicate_declaration.cpp"]

# Pages and notebooks. Notebooks come executed, or bare where their data sets are not there.
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_output_stderr = "remove"
nb_mime_priority_overrides = [("html", "image/svg+xml", 0), ("html", "text/html", 10)]

# Python
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True
add_module_names = False

# C++
breathe_projects = {"orrery": os.environ["ORRERY_DOXYGEN_XML"]}
breathe_default_project = "orrery"
cpp_index_common_prefix = ["orrery::policies::", "orrery::experiments::", "orrery::"]
cpp_id_attributes = ["nodiscard"]

html_theme = "furo"
html_title = f"Orrery {version}"
html_static_path = ["_static"]
html_css_files = ["orrery.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#6cb6ff", "color-brand-content": "#6cb6ff"},
}
