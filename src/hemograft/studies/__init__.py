"""Studies: any number of virtual patients in constant memory, chunk by chunk, on any number of workers."""
