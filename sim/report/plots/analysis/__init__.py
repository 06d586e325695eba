"""Pictures of the answers to a question: one a file, an answer in, a picture out."""
