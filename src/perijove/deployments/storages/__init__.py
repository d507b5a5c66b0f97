"""Where a deployment's file is put for workers that don't share this disk: a branch, an object storage, an image."""
