"""What is added to Voilà's server: compression, a pool of kernels, an end for those without a page."""
