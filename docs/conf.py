"""How ``make docs`` builds the site. No page of it asks another host for anything."""

project = "bearclf"
html_title = "bearclf"

extensions = ["myst_parser"]
myst_heading_anchors = 3  # a link to a heading is checked like one to a page
exclude_patterns = ["requirements.txt"]
nitpicky = True

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_show_copyright = False
html_show_sphinx = False
html_permalinks_icon = "#"

# The app's own paper, ink and green.
html_theme_options = {
    "light_css_variables": {
        "font-stack": 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
        "color-background-primary": "#faf8f4",
        "color-background-secondary": "#f3f0e9",
        "color-background-hover": "#e9e5dc",
        "color-background-border": "#e3dfd6",
        "color-foreground-primary": "#20251f",
        "color-foreground-secondary": "#5a6258",
        "color-foreground-muted": "#5a6258",
        "color-brand-primary": "#2d6a4f",
        "color-brand-content": "#2d6a4f",
        "color-brand-visited": "#2d6a4f",
        "color-inline-code-background": "#f0ece3",
        "color-code-background": "#f3f0e9",
    },
    "dark_css_variables": {
        "color-background-primary": "#171a17",
        "color-background-secondary": "#20241f",
        "color-background-hover": "#2a2f29",
        "color-background-border": "#3a4039",
        "color-foreground-primary": "#eceee8",
        "color-foreground-secondary": "#a9b0a5",
        "color-foreground-muted": "#a9b0a5",
        "color-brand-primary": "#7cc3a0",
        "color-brand-content": "#7cc3a0",
        "color-brand-visited": "#7cc3a0",
        "color-inline-code-background": "#262b26",
        "color-code-background": "#20241f",
    },
}
