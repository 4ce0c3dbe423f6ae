# The CUDA backend.
enable_language(CUDA)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know nvcc's C++20
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
find_package(CUDAToolkit 12.6 REQUIRED)

add_subdirectory(host/backend/cuda)
if(KINDRED_MODULES)
  list(APPEND KINDRED_MODULE_TARGETS kindred_cuda)
  set(definitions "KINDRED_CUDA_MODULE;KINDRED_CUDA_RUNTIME=\"libcudart.so.${CUDAToolkit_VERSION_MAJOR}\"")
else()
  list(APPEND KINDRED_OBJECTS kindred_cuda)
  list(APPEND KINDRED_OBJECTS_NEED CUDA::cudart CUDA::cublas CUDA::cusolver)
  set(definitions KINDRED_CUDA_LINKED)
endif()
set_source_files_properties(host/backend/cuda_devices.cpp PROPERTIES COMPILE_DEFINITIONS "${definitions}")
