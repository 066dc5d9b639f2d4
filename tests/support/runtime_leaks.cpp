/// ONNX Runtime keeps a few bytes once it is loaded (14 of them) or has refused a graph. Without a
/// frame of ours on the stack they can be told from our own leaks by the library's name. The sanitizer
/// finds this by name, which the build's hidden visibility would prevent.
extern "C" __attribute__((visibility("default"))) const char*
__lsan_default_suppressions() {  // NOLINT: the name is the sanitizer's
  return "leak:libonnxruntime\n";
}
