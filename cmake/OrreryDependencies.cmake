# The libraries that Orrery stands on, all found here so that their targets are known in every
# folder. The same list is installed: find_package(orrery) finds them again.
# xxHash (xxhash.h with XXH_INLINE_ALL) and libfccp are headers in the compiler's own path.
set(ORRERY_DEPENDENCIES
  "Threads"
  "fmt"
  "nlohmann_json"
  "tl-expected"
  "Boost 1.74"
  "spdlog"
  "CLI11"
  "SQLite3"
  "SQLiteCpp"
  "yaml-cpp"
  "ZLIB"
  "zstd")
include(CheckIncludeFileCXX)
set(missing "")
foreach(dependency IN LISTS ORRERY_DEPENDENCIES)
  string(REPLACE " " ";" package "${dependency}")
  list(GET package 0 name)
  find_package(${package} QUIET)
  if(NOT ${name}_FOUND)
    list(APPEND missing "${dependency}")
  endif()
endforeach()
foreach(header IN ITEMS xxhash.h libfccp/csv.h)
  string(MAKE_C_IDENTIFIER "ORRERY_HAS_${header}" found)
  check_include_file_cxx("${header}" ${found})
  if(NOT ${found})
    list(APPEND missing "${header}")
  endif()
endforeach()
if(missing)
  list(JOIN missing ", " missing)
  message(FATAL_ERROR "Orrery needs libraries that are not installed: ${missing}\n"
    "On Debian or Ubuntu, run  scripts/setup build  in Orrery's folder: it says what it installs and "
    "why. On other systems, install the libraries that scripts/packages.txt lists under 'build'.")
endif()
