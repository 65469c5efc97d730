"""GGUF: ggml's block types, and the mixes of them that llama.cpp's quantizer makes."""
