"""An answer as a document: what it holds, and how it is written as HTML, Markdown or LaTeX."""
