"""From records to ranked passages, and from passages to answers."""
