"""A bundle for elsewhere: a page without a server, an ONNX file, a bare fastai learner, a container."""
