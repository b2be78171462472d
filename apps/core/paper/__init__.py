"""Papers: HTML with our style sheet drawn as PDF, and numbers as squares for scanners."""
