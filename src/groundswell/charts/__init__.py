"""Charts as inline SVG: no script, the page's own colours in light and dark, a sentence for those who cannot see.

The console's pages and the reports of files draw with these, one look for both: `static/charts.css`, in the colours of
the tokens (`--gs-...`) that a page defines. Pure: numbers in, markup out. Elsewhere: pictures of answers, which show
what was drawn on an image (`groundswell.offline.answer_pictures`).
"""
