# orrery_fuzzer(NAME SOURCES a_fuzzer.cpp ... [DEPENDS module ...] [LIBRARIES target ...]
#               [CORPUS folder] [DICTIONARY file])
#
# Declares one libFuzzer target: a source that defines LLVMFuzzerTestOneInput. It is built twice:
#
# - in the preset `fuzz` (clang) as a fuzzer proper; the test fuzz.NAME hunts for ORRERY_FUZZ_SECONDS
#   and keeps new inputs in the build folder;
# - in every other flavour with a main() that replays the corpus, as the fast test replay.NAME, so
#   that whatever a fuzzer once found stays found.
#
# CORPUS defaults to corpus/NAME beside the CMakeLists.txt. A file there is named for what it holds.
set(ORRERY_FUZZ_SECONDS 20 CACHE STRING "How long the test of one fuzzer hunts")

# What the fuzz flavour builds.
add_custom_target(orrery_fuzzers)

function(orrery_fuzzer name)
  cmake_parse_arguments(ARG "" "CORPUS;DICTIONARY" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  if(NOT ARG_CORPUS)
    set(ARG_CORPUS "corpus/${name}")
  endif()
  cmake_path(ABSOLUTE_PATH ARG_CORPUS BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  if(NOT IS_DIRECTORY "${ARG_CORPUS}")
    message(FATAL_ERROR "orrery_fuzzer(${name}): there is no corpus at ${ARG_CORPUS}")
  endif()
  list(TRANSFORM ARG_DEPENDS PREPEND orrery::)

  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE orrery_options ${ARG_DEPENDS} ${ARG_LIBRARIES})
  add_dependencies(orrery_fuzzers ${name})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin/tests")

  if(ORRERY_BUILD_FUZZERS)
    set(found "${CMAKE_CURRENT_BINARY_DIR}/found/${name}")
    file(MAKE_DIRECTORY "${found}")
    if(ARG_DICTIONARY)
      cmake_path(ABSOLUTE_PATH ARG_DICTIONARY BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
      set(dictionary "-dict=${ARG_DICTIONARY}")
    endif()
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND ${name} -max_total_time=${ORRERY_FUZZ_SECONDS} -timeout=10
      -rss_limit_mb=2048 -print_final_stats=1 ${dictionary} "${found}" "${ARG_CORPUS}")
    math(EXPR timeout "${ORRERY_FUZZ_SECONDS} + 60")
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT ${timeout})
  else()
    target_sources(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/replay_corpus_main.cpp")
    add_test(NAME replay.${name} COMMAND ${name} "${ARG_CORPUS}")
    set_tests_properties(replay.${name} PROPERTIES LABELS fast TIMEOUT 120)
  endif()
endfunction()
