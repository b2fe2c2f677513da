"""What is added to Voilà's server: compression, kernels that wait for visitors, farewells that are heard."""
