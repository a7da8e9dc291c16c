"""The pages as HTML, read without a browser."""
