// The sanitizer finds these two by name, which the build's hidden visibility would prevent.
#define FOR_THE_SANITIZER extern "C" __attribute__((visibility("default")))

/// ONNX Runtime keeps a few bytes once it is loaded (14 of them) or has refused a graph. Without a
/// frame of ours on the stack they can be told from our own leaks by the library's name.
FOR_THE_SANITIZER const char* __lsan_default_suppressions() { return "leak:libonnxruntime\n"; }  // NOLINT

/// Tests read what the program prints; a list of suppressions has no place there.
FOR_THE_SANITIZER const char* __lsan_default_options() { return "print_suppressions=0"; }  // NOLINT
