"""What judges notebooks: form, drift, the machine."""
