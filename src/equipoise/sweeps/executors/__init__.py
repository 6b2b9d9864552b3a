"""Where blocks run: any executor of `concurrent.futures`; `Local` has processes on this machine, `dask` a cluster."""
