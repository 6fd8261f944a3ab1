"""Where results leave: the command line and run folders."""
