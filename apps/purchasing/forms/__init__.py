"""What pages of the old gold are sent, as values for the services."""
