# The build folder looks like an installation, so that the program finds its files without being
# told: share/viba holds links to the pictures and models, lib/viba one to the runtime.
set(share "${PROJECT_BINARY_DIR}/share/viba")
file(MAKE_DIRECTORY "${share}" "${PROJECT_BINARY_DIR}/lib/viba")
foreach(folder backgrounds sample)
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/assets/${folder}" "${share}/${folder}" SYMBOLIC)
endforeach()
file(CREATE_LINK "${VIBA_DEPS_DIR}/models" "${share}/models" SYMBOLIC)

# The one with GPU providers, if fetched, serves for the CPU as well. It looks for them beside itself.
set(VIBA_RUNTIME_DIR "${VIBA_DEPS_DIR}/onnxruntime/lib")
if(EXISTS "${VIBA_DEPS_DIR}/onnxruntime-gpu/lib/libonnxruntime.so.1")
  set(VIBA_RUNTIME_DIR "${VIBA_DEPS_DIR}/onnxruntime-gpu/lib")
endif()
set(VIBA_RUNTIME_FILES libonnxruntime.so.1 libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so)
foreach(file ${VIBA_RUNTIME_FILES})
  if(EXISTS "${VIBA_RUNTIME_DIR}/${file}")
    file(CREATE_LINK "${VIBA_RUNTIME_DIR}/${file}" "${PROJECT_BINARY_DIR}/lib/viba/${file}" SYMBOLIC)
  else() # the distribution's runtime serves, or there is no GPU provider
    file(REMOVE "${PROJECT_BINARY_DIR}/lib/viba/${file}")
  endif()
endforeach()
