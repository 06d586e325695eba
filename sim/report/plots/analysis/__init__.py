"""Figures of answers to a question, one module each: an answer in, a picture out."""
