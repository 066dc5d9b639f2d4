# The build folder looks like an installation, so that the program finds its files without being
# told: share/viba holds links to the pictures and models, lib/viba one to the runtime.
set(share "${PROJECT_BINARY_DIR}/share/viba")
file(MAKE_DIRECTORY "${share}" "${PROJECT_BINARY_DIR}/lib/viba")
foreach(folder backgrounds sample)
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/assets/${folder}" "${share}/${folder}" SYMBOLIC)
endforeach()
file(CREATE_LINK "${VIBA_DEPS_DIR}/models" "${share}/models" SYMBOLIC)
set(fetched "${VIBA_DEPS_DIR}/onnxruntime/lib/libonnxruntime.so.1")
set(link "${PROJECT_BINARY_DIR}/lib/viba/libonnxruntime.so.1")
if(EXISTS "${fetched}")
  file(CREATE_LINK "${fetched}" "${link}" SYMBOLIC)
else() # the distribution's runtime serves
  file(REMOVE "${link}")
endif()
