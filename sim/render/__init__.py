"""What is shown, as data, and a file a format: none of them knows what it is that it shows."""
