"""The dashboard: a page that simulates a scenario again while its figures are changed.

The only package that uses Solara. `serve` is the server, `guard` controls access, `assets` serves
the page's files, `page` is the layout, `session` is one reader's page. `state` is what is on the
screen, `link` the link to it, `document` the scenario behind it, `settings` its controls. `shared`
holds the results that readers have in common; `run_processes` simulates the wars, in the order of
`line`. `results` is what they give, computed by `found` and shown by `results_view`, `key_numbers`,
`losses`, `raid_view` and `charts` with `templates/`.
"""
