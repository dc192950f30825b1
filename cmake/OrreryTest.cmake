# orrery_test(NAME SOURCES a_test.cpp ... [DEPENDS module ...] [LIBRARIES target ...]
#             [LABELS fast|slow|threads|... ...] [TIMEOUT seconds])
#
# Declares one test executable of GoogleTest cases, each of which becomes a test of its own in ctest.
# Without fast or slow among the labels a test is fast: `ctest --preset dev -L fast` takes seconds.
# Tests labelled threads are what the tsan flavour runs.
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
include(GoogleTest)

# Helpers of the tests are included as "orrery/tests/support/...", like everything else.
set(ORRERY_TESTS_ROOT "${CMAKE_BINARY_DIR}/include/tests")
file(MAKE_DIRECTORY "${ORRERY_TESTS_ROOT}/orrery")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/tests" "${ORRERY_TESTS_ROOT}/orrery/tests" SYMBOLIC)

# What the tsan flavour builds: the executables whose tests are labelled threads.
add_custom_target(orrery_threads_tests)

function(orrery_test name)
  if(ORRERY_BUILD_FUZZERS)
    return()  # that flavour builds the fuzzers only
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS;LIBRARIES;LABELS" ${ARGN})
  if(NOT "fast" IN_LIST ARG_LABELS AND NOT "slow" IN_LIST ARG_LABELS)
    list(PREPEND ARG_LABELS fast)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
    if("slow" IN_LIST ARG_LABELS)
      set(ARG_TIMEOUT 900)
    endif()
  endif()
  list(TRANSFORM ARG_DEPENDS PREPEND orrery::)

  add_executable(${name} ${ARG_SOURCES})
  target_compile_definitions(${name} PRIVATE
    ORRERY_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ORRERY_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE
    orrery_options orrery_test_support ${ARG_DEPENDS} ${ARG_LIBRARIES} rapidcheck GTest::gmock_main)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin/tests")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
    PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(orrery_threads_tests ${name})
  endif()
  # gtest_discover_tests cannot pass a list as a property's value: labels are added in ctest.
  set(labels_file "${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake")
  file(CONFIGURE OUTPUT "${labels_file}" @ONLY CONTENT
"foreach(test IN LISTS @name@_TESTS)
  set_tests_properties(\"\${test}\" PROPERTIES LABELS \"@ARG_LABELS@\")
endforeach()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labels_file}")
endfunction()
