"""The dashboard: a page that plays a scenario over while its figures are moved.

The one home of Solara. `state` is what is on the screen, `document` the scenario behind it, `wars`
the processes that fight, `settings`, `answer`, `charts` and `diary` its contents, `page` the page
itself and `serve` the server.
"""
