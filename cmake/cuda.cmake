# The CUDA backend: every file of kernels/launch/instances_cuda is one or a few block programs, compiled once for
# CMAKE_CUDA_ARCHITECTURES.
enable_language(CUDA)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know nvcc's C++20
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
find_package(CUDAToolkit 12.6 REQUIRED)

file(GLOB KINDRED_CUDA_SOURCES CONFIGURE_DEPENDS kernels/launch/instances_cuda/*.cu)
add_library(kindred_programs_cuda OBJECT ${KINDRED_CUDA_SOURCES} kernels/launch/dispatch_cuda.cpp)
set_target_properties(kindred_programs_cuda PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
                      CUDA_STANDARD 20 CUDA_STANDARD_REQUIRED ON)
target_compile_definitions(kindred_programs_cuda PRIVATE KINDRED_TARGET=cuda)
target_include_directories(kindred_programs_cuda PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(kindred_programs_cuda PRIVATE
  $<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr -Xcompiler=-Wall,-Wextra
    $<$<BOOL:${KINDRED_WERROR}>:-Werror=all-warnings>>)
kindred_warnings(kindred_programs_cuda)

target_sources(kindred PRIVATE $<TARGET_OBJECTS:kindred_programs_cuda>
  host/backend/cuda/cuda_backend.cpp host/backend/cuda/devices.cpp host/backend/cuda/memory.cpp)
target_include_directories(kindred SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
target_link_libraries(kindred PRIVATE CUDA::cudart CUDA::cublas CUDA::cusolver)
