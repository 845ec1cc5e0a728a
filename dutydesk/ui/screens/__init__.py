"""The screens, one file each; imported when first shown."""
