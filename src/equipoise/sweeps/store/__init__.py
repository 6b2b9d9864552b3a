"""The store of a sweep: a folder with Zarr arrays, a manifest, a journal and a lock."""
