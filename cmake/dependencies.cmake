find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(tl-expected CONFIG REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Protobuf REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)

pkg_check_modules(ffmpeg REQUIRED IMPORTED_TARGET libavformat libavcodec libswscale libavutil)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(highway REQUIRED IMPORTED_TARGET libhwy)
if(VIBA_WITH_PREVIEW)
  pkg_check_modules(sdl2 REQUIRED IMPORTED_TARGET sdl2)
endif()

if(VIBA_WITH_PIPEWIRE)
  pkg_check_modules(pipewire REQUIRED IMPORTED_TARGET libpipewire-0.3>=0.3.48)
  pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
endif()

# libyuv comes without a pkg-config file in Debian.
find_path(LIBYUV_INCLUDE_DIR libyuv.h REQUIRED)
find_library(LIBYUV_LIBRARY yuv REQUIRED)
add_library(libyuv INTERFACE IMPORTED)
target_include_directories(libyuv INTERFACE "${LIBYUV_INCLUDE_DIR}")
target_link_libraries(libyuv INTERFACE "${LIBYUV_LIBRARY}")

# FlatBuffers: the library is header-only for us; flatc makes the reader of .tflite files.
find_path(FLATBUFFERS_INCLUDE_DIR flatbuffers/flatbuffers.h REQUIRED)
find_program(FLATC flatc REQUIRED)

# ONNX Runtime is loaded at run time (its symbols carry their release, so linking would tie us to
# one); only its C header is needed here.
find_path(ONNXRUNTIME_INCLUDE_DIR onnxruntime_c_api.h
  PATHS "${VIBA_DEPS_DIR}/onnxruntime/include" PATH_SUFFIXES onnxruntime onnxruntime/core/session REQUIRED)
