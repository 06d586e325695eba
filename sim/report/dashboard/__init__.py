"""The dashboard: a page that plays a scenario over while its figures are moved.

The one home of Solara. `serve` is the server, `guard` who may read, `assets` the files of the page,
`page` the layout, `session` a reader's page. `state` is what is on the screen, `link` the link to
it, `document` the scenario behind it, `settings` its controls. `shared` has what all readers ask
alike; `run_processes` fight the wars, in the order of `line`. `results` is what they come to, made
by `found`, which `results_view`, `key_numbers`, `losses`, `raid_view` and `charts` show by
`templates/`.
"""
