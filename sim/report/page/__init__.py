"""An answer as a document: its contents, to be written as HTML, Markdown or LaTeX."""
