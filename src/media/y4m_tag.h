#pragma once

namespace viba {

/// YUV4MPEG2 has no field for the matrix, and readers guess BT.709 for large pictures. This comment
/// field in the header keeps what ViBa wrote from being guessed at when ViBa reads it again.
inline constexpr const char* kY4mBt601Tag = " XVIBA_MATRIX=BT601";

}  // namespace viba
