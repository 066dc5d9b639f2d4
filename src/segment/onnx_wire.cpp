#include "segment/onnx_wire.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

namespace viba::onnx {
namespace {

constexpr int kMostParts = 1'000'000;
constexpr std::uint64_t kMostNumberBytes = std::uint64_t{1} << 29;
constexpr int kDeepest = 32;

enum class Kind { kModel, kGraph, kNode, kAttribute, kTensor, kOther };

/// What a field of a message is, by the numbers of the format (onnx.proto).
enum class Field { kSkipped, kMessage, kNumbers, kForbidden };
struct Meaning {
  Field field = Field::kSkipped;
  Kind kind = Kind::kOther;
};

Meaning meaning_of(Kind kind, std::uint32_t number) {
  switch (kind) {
    case Kind::kModel:
      if (number == 7) return {Field::kMessage, Kind::kGraph};
      if (number == 20 || number == 25) return {Field::kForbidden};  // training, functions
      break;
    case Kind::kGraph:
      if (number == 1) return {Field::kMessage, Kind::kNode};
      if (number == 5) return {Field::kMessage, Kind::kTensor};
      if (number == 15) return {Field::kForbidden};  // sparse weights
      break;
    case Kind::kNode:
      if (number == 5) return {Field::kMessage, Kind::kAttribute};
      break;
    case Kind::kAttribute:
      if (number == 5 || number == 10) return {Field::kMessage, Kind::kTensor};
      if (number == 6 || number == 11) return {Field::kMessage, Kind::kGraph};
      if (number == 22 || number == 23) return {Field::kForbidden};  // sparse weights
      break;
    case Kind::kTensor:
      if (number == 5 || number == 7 || number == 11) return {Field::kNumbers};  // whole numbers of any length
      break;
    case Kind::kOther: break;
  }
  return {};
}

class Walk {
 public:
  explicit Walk(std::span<const std::uint8_t> bytes) : stream_(bytes.data(), static_cast<int>(bytes.size())) {}

  std::optional<std::string> run() {
    message(Kind::kModel, 0);
    return complaint_;
  }

 private:
  void message(Kind kind, int depth) {
    if (depth > kDeepest) return complain("its graphs lie too deep inside one another");
    while (!complaint_) {
      const std::uint32_t tag = stream_.ReadTag();
      if (tag == 0) {
        if (!stream_.ConsumedEntireMessage() && stream_.BytesUntilLimit() != 0) complain("it is cut off");
        return;
      }
      if (++parts_ > kMostParts) return complain(fmt::format("it has more than {} parts", kMostParts));
      field(kind, tag, depth);
    }
  }

  void field(Kind kind, std::uint32_t tag, int depth) {
    constexpr std::uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;
    std::uint64_t whole = 0;
    std::uint32_t length = 0;
    const Meaning meaning = meaning_of(kind, tag >> 3);
    if (meaning.field == Field::kForbidden)
      return complain("it has sparse weights, functions or notes on training, which ViBa does not take");
    if (meaning.field == Field::kNumbers) count_numbers(8);
    bool ok = true;
    switch (tag & 7) {
      case kVarint: ok = stream_.ReadVarint64(&whole); break;
      case kFixed64: ok = stream_.Skip(8); break;
      case kFixed32: ok = stream_.Skip(4); break;
      case kBytes: ok = stream_.ReadVarint32(&length) && bytes(meaning, length, depth); break;
      default: ok = false;
    }
    if (!ok) complain("it is no ONNX file, or it is cut off");
  }

  bool bytes(const Meaning& meaning, std::uint32_t length, int depth) {
    if (length > 0x7fffffff || static_cast<std::int64_t>(length) > left()) return false;
    if (meaning.field == Field::kNumbers) count_numbers(std::uint64_t{8} * length);
    if (meaning.field != Field::kMessage) return stream_.Skip(static_cast<int>(length));
    const auto limit = stream_.PushLimit(static_cast<int>(length));
    message(meaning.kind, depth + 1);
    stream_.PopLimit(limit);
    return true;
  }

  [[nodiscard]] std::int64_t left() const {
    const int until = stream_.BytesUntilLimit();
    return until >= 0 ? until : std::int64_t{0x7fffffff};
  }

  void count_numbers(std::uint64_t bytes) {
    if ((number_bytes_ += bytes) > kMostNumberBytes) complain("its weights ask for too much memory");
  }

  void complain(std::string what) {
    if (!complaint_) complaint_ = std::move(what);
  }

  google::protobuf::io::CodedInputStream stream_;
  int parts_ = 0;
  std::uint64_t number_bytes_ = 0;
  std::optional<std::string> complaint_;
};

}  // namespace

std::optional<std::string> wire_complaint(std::span<const std::uint8_t> bytes) { return Walk(bytes).run(); }

}  // namespace viba::onnx
