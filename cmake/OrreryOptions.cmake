# Compile options that every target of Orrery takes through one interface target, never globally.
option(ORRERY_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(ORRERY_BUILD_BENCH "Build the benchmarks" OFF)
option(ORRERY_BUILD_PYTHON "Build the Python package's extension module" OFF)
option(ORRERY_BUILD_FUZZERS "Build the libFuzzer targets instead of the tests (needs clang)" OFF)
option(ORRERY_WERROR "Treat warnings as errors" OFF)
set(ORRERY_MARCH "" CACHE STRING "Value for -march; empty keeps the machine's baseline")
set(ORRERY_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined or thread")

find_program(ORRERY_CCACHE ccache)
if(ORRERY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ORRERY_CCACHE}")
endif()

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

add_library(orrery_options INTERFACE)
target_compile_features(orrery_options INTERFACE cxx_std_20)
# -ffp-contract=off: fused multiply-add would let the vector width change a result's last bit.
target_compile_options(orrery_options INTERFACE -ffp-contract=off)
# A field that a designated initializer leaves out has its default: that is how settings are written.
target_compile_options(orrery_options INTERFACE
  $<BUILD_INTERFACE:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wsign-conversion;-Wold-style-cast;-Wnon-virtual-dtor;-Wno-missing-field-initializers>)
# GCC 12 at -O3 takes an engaged optional or a moved string for uninitialised.
target_compile_options(orrery_options INTERFACE
  $<BUILD_INTERFACE:$<$<CONFIG:Release>:-Wno-maybe-uninitialized>>)
# Outside release builds the standard library checks indexes and iterators, and assert() is on.
target_compile_definitions(orrery_options INTERFACE
  $<BUILD_INTERFACE:$<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>>)
if(ORRERY_WERROR)
  target_compile_options(orrery_options INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()
if(ORRERY_MARCH)
  target_compile_options(orrery_options INTERFACE $<BUILD_INTERFACE:-march=${ORRERY_MARCH}>)
endif()
if(ORRERY_SANITIZE)
  target_compile_options(orrery_options INTERFACE
    $<BUILD_INTERFACE:-fsanitize=${ORRERY_SANITIZE};-fno-sanitize-recover=all;-fno-omit-frame-pointer>)
  # What GCC instruments, it can take for uninitialised; that is left to the flavours without.
  target_compile_options(orrery_options INTERFACE
    $<BUILD_INTERFACE:$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>>)
  target_link_options(orrery_options INTERFACE -fsanitize=${ORRERY_SANITIZE})
endif()
